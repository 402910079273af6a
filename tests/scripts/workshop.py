"""A machine to onboard: a home, a root and the shells that a script may meet."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests import parts
from tests.sandbox import Done, Sandbox

SHELLS = {"dash": ["dash"], "bash": ["bash"], "busybox": ["busybox", "ash"]}
FOREIGN = "# mine\n[global]\nindex-url = https://own.example/simple\ntimeout = 5"  # no last newline
PROFILE = """
[pip]
index-url = "https://mirror.example/simple"
[conda]
default-channels = ["https://mirror.example/main"]
custom-channels = { conda-forge = "https://mirror.example/cloud" }
[docker]
registry-mirrors = ["https://hub.example"]
"""


@dataclass(frozen=True)
class Target:
    """Where a script runs: as this user, in a home of its own."""

    box: Sandbox
    shell: str = "dash"

    def script(self, *options: str) -> Path:
        """The script that mirrorcfg prints with these options."""
        path = self.box.folder / "onboard.sh"
        path.write_text(self.box.run("script", *options, code=0).out, encoding="utf-8")
        return path

    def run(self, script: Path, *argv: str, code: int = 0, environ: Mapping[str, str] | None = None) -> Done:
        """Run it; its exit code must be `code`."""
        program, *applet = SHELLS[self.shell]
        done = subprocess.run(
            [parts.program(program), *applet, str(script), *argv],
            env=self.environ | dict(environ or {}),
            cwd=self.box.folder,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return Done(done.returncode, done.stdout, done.stderr)

    @property
    def environ(self) -> dict[str, str]:
        return {"HOME": str(self.box.home), "PATH": parts.PATH, "LC_ALL": "C.UTF-8"}


def tree(folder: Path) -> dict[str, tuple[int, bytes] | str]:
    """Every file below it with mode and content, every folder, where every link leads."""
    found: dict[str, tuple[int, bytes] | str] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = str(path.readlink())
        else:
            found[name] = (path.stat().st_mode, b"" if path.is_dir() else path.read_bytes())
    return found


def isolated(target: Target, script: Path, *argv: str, environ: dict[str, str] | None = None) -> None:
    """Run it as root on this machine, whose /var/lib is another one for the time."""
    varlib = target.box.folder / "varlib"
    varlib.mkdir(exist_ok=True)
    shell = " ".join(SHELLS[target.shell])
    command = f'mount --bind "$1" /var/lib; shift; exec {shell} "$@"'
    subprocess.run(
        ["unshare", "-m", "sh", "-c", command, "sh", str(varlib), str(script), *argv],
        env=target.environ | (environ or {}),
        check=True,
        capture_output=True,
    )
