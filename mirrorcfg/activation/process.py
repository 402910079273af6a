"""Which daemons run here, and which of them read a certain file.

Source of the rules: docker's documentation, "dockerd"; moby's cmd/dockerd (20.10), for the defaults; proc(5).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from mirrorcfg.activation.standing import PROC, named, standing
from mirrorcfg.whose import owner

DEFAULT = Path("/etc/docker/daemon.json")
NAME = "dockerd"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
SOCKET = "/var/run/docker.sock"
_WORDS = 1 << 20  # bytes of arguments or variables; what is behind them is nothing a daemon needs


class Daemon(NamedTuple):
    """A dockerd that runs: its process, whose it is, its arguments, its configuration file and its sockets.

    `seen` is False for one that this user may not look at: it may read the file, and no more is known.
    """

    pid: int
    started: str
    uid: int
    seen: bool
    argv: tuple[str, ...]
    config: Path
    sockets: tuple[str, ...]

    def reads(self, path: Path) -> bool:
        """Is this its file?"""
        if not self.seen:
            return self.config == path
        if not self._shares(self.config.parent):
            return False
        if self.config.name != path.name:
            return _same(self.config, path)
        return _same(self.config.parent, path.parent) or _same(self.config, path)

    def _shares(self, folder: Path) -> bool:
        """Is it the same folder for it as for us? In mounts of its own it needn't be."""
        try:
            theirs = (PROC / str(self.pid) / "root" / str(folder).lstrip("/")).stat()
            return os.path.samestat(theirs, folder.stat())
        except FileNotFoundError:
            return not folder.exists()
        except OSError:  # it isn't for us to look
            return True


def reading(path: Path) -> list[Daemon]:
    """The daemons whose file this is: root's, and those of the account that the file belongs to."""
    keeper: int | None = None
    found = []
    for pid in named(NAME):
        keeper = owner(path) if keeper is None else keeper
        daemon = _daemon(pid, keeper)
        if daemon is not None and daemon.reads(path):
            found.append(daemon)
    return found


def there(daemon: Daemon) -> bool:
    """Does it still run, and is it still the same?"""
    return _daemon(daemon.pid, daemon.uid) == daemon


def hang_up(daemon: Daemon) -> None:
    """Send it SIGHUP, and nobody who has its number by now.

    Raises ProcessLookupError where it has ended, and PermissionError.
    """
    handle = _handle(daemon.pid)  # from now on the number may go to another, and the handle doesn't
    try:
        if not there(daemon):
            raise ProcessLookupError
        if handle is None:
            os.kill(daemon.pid, signal.SIGHUP)
        else:
            signal.pidfd_send_signal(handle, signal.SIGHUP)
    finally:
        if handle is not None:
            os.close(handle)


def numbered(pid: int, keeper: int) -> Daemon | None:
    """The daemon with that number: root's, or one of `keeper` whose file is that account's too."""
    try:
        if (PROC / str(pid) / "comm").read_text(errors="replace").strip() != NAME:
            return None
    except OSError:
        return None
    daemon = _daemon(pid, keeper)
    if daemon is None or daemon.uid not in (0, owner(daemon.config)):
        return None
    return daemon if daemon.reads(daemon.config) else None


def listening(address: str, keeper: int) -> Daemon | None:
    """The daemon, root's or of `keeper`, whose own words say that it listens there."""
    found = (numbered(pid, keeper) for pid in named(NAME))
    return next((each for each in found if each is not None and _listens(each, address)), None)


def _listens(daemon: Daemon, address: str) -> bool:
    scheme, _, place = address.partition("://")
    if scheme == "unix":
        return any(_same(Path(socket), Path(place)) for socket in daemon.sockets)
    host, _, port = place.strip("/").rpartition(":")
    ways = (f"tcp://{each}:{port}" for each in (host, "0.0.0.0", "", "[::]"))  # noqa: S104 — what it was told
    return host in _LOOPBACK and any(way in values(daemon.argv, "host", "H") for way in ways)


def _handle(pid: int) -> int | None:
    """What stands for that process alone; None in a kernel before 5.3, or a sandbox that forbids it."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except (AttributeError, OSError):
        return None


def _daemon(pid: int, keeper: int) -> Daemon | None:
    """The daemon with that number; None where it is none that counts. Its own words are read last."""
    if (found := standing(pid, NAME, keeper)) is None:
        return None
    uid, how = found
    folder = PROC / str(pid)
    try:
        started = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[19]
        argv = tuple(_words(folder / "cmdline"))
    except OSError:
        return None
    if not argv:
        return None
    environ = _environ(folder)
    file = config(argv, environ)
    if not file.is_absolute():
        file = _cwd(folder) / file
    return Daemon(pid, started, uid, how == "ours", argv, file, _sockets(argv, environ))


def config(argv: Sequence[str], environ: Mapping[str, str] = MappingProxyType({})) -> Path:
    """The file that a dockerd with these words reads, as they spell it."""
    named = values(argv, "config-file")
    return Path(named[-1]) if named else _default(argv, environ)


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
    named = tuple(host.removeprefix("unix://") or SOCKET for host in hosts if host.startswith("unix://"))
    if named:
        return named
    runtime = environ.get("XDG_RUNTIME_DIR")
    rootless = "--rootless" in argv or "ROOTLESSKIT_STATE_DIR" in environ
    return (f"{runtime}/docker.sock",) if rootless and runtime else (SOCKET,)


def _words(file: Path) -> list[str]:
    with file.open("rb") as words:
        return words.read(_WORDS).decode(errors="surrogateescape").split("\0")[:-1]


def _environ(folder: Path) -> dict[str, str]:
    try:
        words = _words(folder / "environ")
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
    except (OSError, ValueError):
        return False
