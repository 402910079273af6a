"""The story of a switch and the way back, on real-looking files in a throwaway home and root.

Nothing outside a temporary folder is read or written. Exits with 1 if a single byte isn't back at the end.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

PIP_CONF = """\
# Settings of the data team. Ask before you change the timeout!
[global]
timeout = 60
index-url = https://pypi.example.com/simple\x20\x20
trusted-host =
    files.example.com

[install]
; wheels only on the build hosts
prefer-binary = yes
"""

CONDARC = """\
# my channels, strongest first
channels:
  - conda-forge   # keep this on top
#  - nvidia
  - defaults
custom_channels:
    our-lab: https://conda.example.com
auto_activate_base: false"""

DAEMON_JSON = """\
{
    "data-root": "/data/docker",
    "log-driver": "json-file",
    "log-opts": { "max-size": "100m", "max-file": "3", "tag": "{{.Name}}" },
    "runtimes": {
        "nvidia": { "path": "nvidia-container-runtime", "runtimeArgs": [] }
    },
    "default-runtime": "nvidia"
}
""".replace("\n", "\r\n")


class Stage:
    """A folder with a home and a root in it, and an environment that knows no other."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.root = folder, folder / "home", folder / "root"
        self.environ = {
            "HOME": str(self.home),
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "MIRRORCFG_STATE": str(folder / "state"),
        }
        files = {
            self.home / ".config/pip/pip.conf": PIP_CONF,
            self.home / ".condarc": CONDARC,
            self.root / "etc/pip.conf": PIP_CONF,
            self.root / "etc/conda/.condarc": CONDARC,
            self.root / "etc/docker/daemon.json": DAEMON_JSON,
        }
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        self.files = tuple(files)

    def hashes(self) -> dict[Path, str]:
        return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in self.files}

    def run(self, line: str) -> None:
        words = shlex.split(line.format(root=self.root))
        print(f"\n$ {line.format(root='root')}", flush=True)
        if words[0] in ("mirrorcfg", "pip"):
            words = [sys.executable, "-m", *words]
        done = subprocess.run(words, env=self.environ, cwd=self.folder, capture_output=True, text=True)
        print((done.stdout + done.stderr).replace(f"{self.folder}/", ""), end="", flush=True)
        if done.returncode:
            sys.exit(f"demo: `{line}` ended with {done.returncode}")


def say(text: str) -> None:
    print(f"\n# {text}", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mirrorcfg-demo-") as name:
        stage = Stage(Path(name).resolve())
        before = stage.hashes()
        say("A home with a pip.conf and a .condarc that people have written into for years.")
        stage.run("cat home/.config/pip/pip.conf")
        stage.run("mirrorcfg diff tsinghua --tool pip --tool conda")
        stage.run("mirrorcfg use tsinghua --tool pip --tool conda --yes --no-verify")
        say("pip itself agrees; the comments, the odd spaces and the missing last newline are still there.")
        stage.run("pip config list")
        stage.run("cat home/.condarc")
        stage.run("mirrorcfg status --tool pip --tool conda")
        stage.run("mirrorcfg undo --yes")

        say("A system below a folder, as in an image build: three tools in one go, docker's file with CRLF.")
        stage.environ["MIRRORCFG_STATE"] = ""
        stage.run("mirrorcfg use china --root {root} --yes --no-verify")
        stage.run("mirrorcfg use china --root {root} --yes --no-verify")
        stage.run("mirrorcfg status --root {root}")
        stage.run("cat root/etc/docker/daemon.json")
        stage.run("mirrorcfg history --root {root}")
        stage.run("mirrorcfg undo --root {root} --yes")

        after = stage.hashes()
        print()
        for path in stage.files:
            same = "as it was" if before[path] == after[path] else "DIFFERS"
            print(f"{after[path][:16]}  {same}  {path.relative_to(stage.folder)}")
        if before != after:
            sys.exit("demo: a file is not as it was")
        say("Every byte is back.")


if __name__ == "__main__":
    main()
