"""A throwaway home, root and state, and the real program run in it as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import planted

PROGRAM = str(Path(sys.executable).with_name("mirrorcfg"))


@dataclass(frozen=True)
class Done:
    """How a run of mirrorcfg ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.out)
        return answer

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.json["data"]
        return data


class Sandbox:
    """Files below one folder, secrets among them; no variable of the caller's reaches the program but PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.root = folder, folder / "home", folder / "root"
        for directory in (self.home, self.root):
            directory.mkdir()
        self.environ = {
            "HOME": str(self.home),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "MIRRORCFG_STATE": str(folder / "state"),
            "XDG_CONFIG_DIRS": str(folder / "xdg"),
            **planted.plant(self.home),
        }

    @property
    def pip_conf(self) -> Path:
        return self.home / ".config/pip/pip.conf"

    @property
    def condarc(self) -> Path:
        return self.home / ".condarc"

    @property
    def daemon_json(self) -> Path:
        return self.root / "etc/docker/daemon.json"

    def open(self) -> None:
        """Let other users reach it: pytest's folders above it are closed to them."""
        top = Path(tempfile.gettempdir()).resolve()
        for folder in (self.folder, *self.folder.parents):
            if folder == top:
                break
            folder.chmod(folder.stat().st_mode | 0o055)

    def write(self, path: Path, content: str | bytes) -> bytes:
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = content.encode() if isinstance(content, str) else content
        path.write_bytes(raw)
        return raw

    def profile(self, name: str, text: str) -> Path:
        """A profile of the user's own."""
        path = self.home / ".config/mirrorcfg/profiles" / f"{name}.toml"
        self.write(path, f'schema = 1\nname = "{name}"\ntitle = {{ en = "{name}" }}\n{text}')
        return path

    def run(self, *argv: str, environ: Mapping[str, str] | None = None, code: int | None = None) -> Done:
        """Run mirrorcfg; with `code` its exit code must be that. `use` asks no source unless `--verify` is said."""
        if argv[:1] == ("use",):
            argv = (
                (*argv, "--no-verify")
                if "--verify" not in argv
                else tuple(w for w in argv if w != "--verify")
            )
        done = subprocess.run(
            [PROGRAM, *argv],
            env=self.environ | dict(environ or {}),
            cwd=self.folder,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert "Traceback" not in done.stderr, done.stderr
        if code is not None:
            assert done.returncode == code, (argv, done.returncode, done.stdout, done.stderr)
        return Done(done.returncode, done.stdout, done.stderr)

    def json(self, *argv: str, environ: Mapping[str, str] | None = None, code: int = 0) -> dict[str, Any]:
        """The envelope of a run with --json."""
        done = self.run(*argv, "--json", environ=environ, code=code)
        answer = done.json
        assert set(answer) == {"schema", "command", "status", "exit_code", "data", "findings", "error"}
        assert answer["schema"] == 1
        assert answer["exit_code"] == code == done.code
        return answer


def environment() -> dict[str, str]:
    """This process's variables, without those that configure a tool."""
    prefixes = (
        "PIP_",
        "CONDA",
        "UV_",
        "XDG_",
        "VIRTUAL_ENV",
        "MIRRORCFG",
        "DOCKER_",
        "REQUESTS_",
        "CURL_",
        "SSL_",
    )
    return {key: value for key, value in os.environ.items() if not key.startswith(prefixes)}
