"""Which daemons run here, and which of them read a certain file.

Source of the rules: docker's documentation, "dockerd"; moby's cmd/dockerd (20.10), for the defaults.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

DEFAULT = Path("/etc/docker/daemon.json")
_SOCKET = "/var/run/docker.sock"
_PROC = Path("/proc")


class Daemon(NamedTuple):
    """A dockerd that runs: its process, its arguments, its configuration file and its sockets."""

    pid: int
    argv: tuple[str, ...]
    config: Path
    sockets: tuple[str, ...]

    def reads(self, path: Path) -> bool:
        """Is this its file? Asked of the daemon's own view of the disk, where that may be looked at."""
        if self.config.name != path.name:
            return _same(self._seen(self.config), path)
        theirs, ours = self._seen(self.config.parent), path.parent
        try:
            return os.path.samestat(theirs.stat(), ours.stat()) or _same(self._seen(self.config), path)
        except PermissionError:  # another user's process
            return self.config == path and not _in_container(self.pid)
        except OSError:
            return False

    def _seen(self, path: Path) -> Path:
        return _PROC / str(self.pid) / "root" / path.relative_to(path.anchor)


def reading(path: Path) -> list[Daemon]:
    """The daemons whose file this is."""
    return [daemon for daemon in _running() if daemon.reads(path)]


def likely(environ: Mapping[str, str]) -> bool:
    """Is a daemon's socket where this user's docker looks for one? Far cheaper than to look for processes."""
    named = environ.get("DOCKER_HOST", "").removeprefix("unix://")
    places = [named, _SOCKET, f"{environ.get('XDG_RUNTIME_DIR', '')}/docker.sock"]
    return any(os.path.exists(place) for place in places)  # noqa: PTH110 — an import less


def _running() -> Iterator[Daemon]:
    for folder in _PROC.glob("[0-9]*"):
        try:
            if (folder / "comm").read_text().strip() != "dockerd":
                continue
            argv = tuple((folder / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1])
        except OSError:  # it ended meanwhile
            continue
        if argv:
            yield _daemon(folder, argv)


def _daemon(folder: Path, argv: tuple[str, ...]) -> Daemon:
    environ = _environ(folder)
    named = values(argv, "config-file")
    config = Path(named[-1]) if named else _default(argv, environ)
    if not config.is_absolute():
        config = _cwd(folder) / config
    return Daemon(int(folder.name), argv, config, _sockets(argv, environ))


def values(argv: Sequence[str], long: str, short: str = "") -> list[str]:
    """What a flag is given in a command line, in every spelling that dockerd understands."""
    found = []
    for word, following in zip(argv, [*argv[1:], ""], strict=True):
        if word == f"--{long}" or (short and word == f"-{short}"):
            found.append(following)
        elif word.startswith(f"--{long}="):
            found.append(word.partition("=")[2])
        elif short and word.startswith(f"-{short}") and len(word) > 2:
            found.append(word[2:].removeprefix("="))
    return found


def _default(argv: Sequence[str], environ: Mapping[str, str]) -> Path:
    if "--rootless" not in argv and "ROOTLESSKIT_STATE_DIR" not in environ:
        return DEFAULT
    home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    return Path(home) / "docker" / "daemon.json"


def _sockets(argv: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    hosts = values(argv, "host", "H")
    named = tuple(host.removeprefix("unix://") or _SOCKET for host in hosts if host.startswith("unix://"))
    if named:
        return named
    runtime = environ.get("XDG_RUNTIME_DIR")
    rootless = "--rootless" in argv or "ROOTLESSKIT_STATE_DIR" in environ
    return (f"{runtime}/docker.sock",) if rootless and runtime else (_SOCKET,)


def _in_container(pid: int) -> bool:
    """Has the process a number in a PID namespace below ours too? Anybody may read that (proc(5), NSpid)."""
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return False
    return any(line.startswith("NSpid:") and len(line.split()) > 2 for line in lines)


def _environ(folder: Path) -> dict[str, str]:
    try:
        words = (folder / "environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return {}
    return dict(word.split("=", 1) for word in words if "=" in word)


def _cwd(folder: Path) -> Path:
    try:
        return (folder / "cwd").readlink()
    except OSError:
        return Path("/")


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
