"""Daemons and clients of Debian's later suites, unpacked into a folder: nothing of them is installed.

Go's programs run on this machine's libc; whatever does not sees its suite's /usr (`Unpacked.line`).
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests import parts

TRIXIE, FORKY = "trixie", "forky"
_PACKAGES = {
    TRIXIE: ("docker.io", "docker-cli", "containerd", "podman", "netavark", "skopeo", "crun", "runc"),
    FORKY: ("docker.io", "docker-cli", "docker-buildx", "containerd", "runc"),
}
_FOLDER = Path(__file__).parents[2] / ".parts"
_LISTS = ("/etc/apt/sources.list", *map(str, sorted(Path("/etc/apt/sources.list.d").glob("*"))))


@dataclass(frozen=True)
class Unpacked:
    """A suite's programs, below `root`."""

    root: Path

    def program(self, name: str) -> Path:
        """Where a program is that this machine's libc can run."""
        return next(
            self.root / at / name for at in ("usr/bin", "usr/sbin") if (self.root / at / name).exists()
        )

    def line(self, name: str) -> list[str]:
        """The words that start a program on that suite's /usr, its libc among it, for it and what it starts."""
        script = 'mount --bind "$0" /usr && exec "$@"'
        return ["unshare", "-m", "sh", "-c", script, str(self.root / "usr"), name]


def unpacked(suite: str) -> Unpacked:
    """The daemons and clients of a suite; got once, and a skip where they can't be."""
    folder = _FOLDER / suite
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "done"
        if not done.exists() or done.read_text() != " ".join(_PACKAGES[suite]):
            _get(suite, folder)
            done.write_text(" ".join(_PACKAGES[suite]))
    return Unpacked(folder / "root")


def _get(suite: str, folder: Path) -> None:
    """A configuration of apt's own, with nothing installed: so all that they need comes too."""
    for name in ("lists/partial", "cache/archives/partial", "root"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(f"deb [{_KEYRING}] {_archive()} {suite} main\n")
    places = {
        "Etc::SourceList": folder / "sources.list", "Etc::SourceParts": "-", "State::Lists": folder / "lists",
        "Cache": folder / "cache", "State::status": folder / "status",
    }  # fmt: skip
    apt = [parts.program("apt-get"), "-qq", "-oAcquire::Languages=none", "-oAPT::Sandbox::User=root"]
    apt += [f"-oDir::{name}={value}" for name, value in places.items()]
    for words in (
        ["update"],
        ["install", "--download-only", "--no-install-recommends", "-y", *_PACKAGES[suite]],
    ):
        done = subprocess.run(
            [*apt, *words], capture_output=True, text=True, env=os.environ | {"LC_ALL": "C"}
        )
        if done.returncode:
            parts.absent(f"Debian's {suite} can't be had: {done.stderr.strip()}")
    for archive in sorted((folder / "cache/archives").glob("*.deb")):
        subprocess.run([parts.program("dpkg"), "-x", str(archive), str(folder / "root")], check=True)
        archive.unlink()
    for name in ("lists", "cache", "root/usr/share/doc", "root/usr/share/man", "root/usr/share/locale"):
        shutil.rmtree(folder / name, ignore_errors=True)


_KEYRING = "signed-by=/usr/share/keyrings/debian-archive-keyring.gpg"


def _archive() -> str:
    """Where this machine has its own packages from, or a skip."""
    for path in _LISTS:
        text = Path(path).read_text(errors="replace") if Path(path).is_file() else ""
        if found := re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+/debian)/?\s", text, re.M):
            return found[1]
    parts.absent("this machine has no packages of Debian's")
    raise AssertionError
