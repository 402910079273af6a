"""What a daemon says in its log, as far as this user may read it and it is the daemon's own."""

from __future__ import annotations

import os
import re
import stat
import time
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.activation.process import Daemon
from mirrorcfg.activation.standing import PROC
from mirrorcfg.errors import ProgramError

_COMPLAINT = re.compile(r'level=(?:error|fatal|warning).*?msg="((?:[^"\\]|\\.)*)"')
_LOG = 1 << 20  # bytes that are looked through
_LINE = 4096  # characters of each line


class Ear(NamedTuple):
    """A place in a daemon's log; what comes after it is what it said since."""

    pid: int
    log: tuple[Path, int, int] | None  # with its device and inode: what is opened must be that same file
    position: int
    since: float

    def heard(self) -> str | None:
        """The daemon's last complaint since, in its own words."""
        for line in reversed(self._text().splitlines()):
            if found := _COMPLAINT.search(line[:_LINE]):
                return found[1].replace('\\"', '"')
        return None

    def _text(self) -> str:
        try:
            return _journal(self.pid, self.since) if self.log is None else _since(self.log, self.position)
        except (OSError, ProgramError):
            return ""


def listen(daemon: Daemon) -> Ear:
    """From now on. A log that isn't its own account's is not read: others write what stands there."""
    path = PROC / str(daemon.pid) / "fd/2"
    try:
        found = path.stat()
        if stat.S_ISREG(found.st_mode) and found.st_uid == daemon.uid:
            return Ear(daemon.pid, (path, found.st_dev, found.st_ino), found.st_size, time.time())
    except OSError:
        pass
    return Ear(daemon.pid, None, 0, time.time())


def _since(log: tuple[Path, int, int], position: int) -> str:
    handle = os.open(log[0], os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with open(handle, "rb") as file:
        found = os.fstat(handle)
        if (found.st_dev, found.st_ino) != log[1:]:
            return ""
        file.seek(position)
        return file.read(_LOG).decode(errors="replace")


def _journal(pid: int, since: float) -> str:
    from mirrorcfg.programs.run import Order, run

    if not os.access("/run/systemd/system", os.F_OK):
        return ""
    argv = ("journalctl", "--no-pager", "-o", "cat", "-n", "1000", f"--since=@{since:.0f}", f"_PID={pid}")
    return run(Order(argv, seconds=5)).text
