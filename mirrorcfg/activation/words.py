"""What a daemon says in its log, as far as this user may read it."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

_MESSAGE = re.compile(r'level=(?:error|fatal|warning).*?msg="((?:[^"\\]|\\.)*)"')


class Ear(NamedTuple):
    """A place in a daemon's log; what comes after it is what it said since."""

    pid: int
    file: Path | None
    position: int
    since: float

    def heard(self) -> str | None:
        """The daemon's last complaint since, in its own words."""
        found = _MESSAGE.findall(self._text())
        return found[-1].replace('\\"', '"') if found else None

    def _text(self) -> str:
        try:
            if self.file is None:
                return _journal(self.pid, self.since)
            with self.file.open("rb") as log:
                log.seek(self.position)
                return log.read(1 << 20).decode(errors="replace")
        except (OSError, subprocess.SubprocessError):
            return ""


def listen(pid: int) -> Ear:
    """From now on."""
    log = Path(f"/proc/{pid}/fd/2")
    try:
        found = log.stat()
        if stat.S_ISREG(found.st_mode):
            return Ear(pid, log, found.st_size, time.time())
    except OSError:
        pass
    return Ear(pid, None, 0, time.time())


def _journal(pid: int, since: float) -> str:
    argv = ["journalctl", "--no-pager", "-o", "cat", f"--since=@{since:.0f}", f"_PID={pid}"]
    if not os.access("/run/systemd/system", os.F_OK):
        return ""
    return subprocess.run(argv, capture_output=True, text=True, timeout=5).stdout
