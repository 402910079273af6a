"""One mirrorcfg at a time; the lock goes with the process that holds it, however that ends."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.files.disk import Disk
from mirrorcfg.sentence import sentence

_SHORTEST, _LONGEST = 0.002, 0.05


def acquire(disk: Disk, path: Path, timeout: float) -> int:
    """Wait for the lock and take it; close the handle to give it back.

    Raises MirrorcfgError `locked` after `timeout` seconds, and OSError.
    """
    deadline = time.monotonic() + timeout
    pause = _SHORTEST
    while (handle := disk.lock(path)) is None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise _busy(disk, path, timeout)
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST)
    return handle


def _busy(disk: Disk, path: Path, timeout: float) -> MirrorcfgError:
    holder = ""
    with suppress(OSError):
        holder = disk.read(path, 32).decode("ascii", "replace").strip()
    who, hint = sentence("another process"), "try again later"
    if holder.isdigit():
        who = sentence("process {number}", number=holder)
        hint = sentence("wait for it to end, or look at it: `ps -fp {number}`", number=holder)
    what = sentence(
        "{who} has been changing files for more than {seconds:g} seconds", who=who, seconds=timeout
    )
    return MirrorcfgError("locked", what, path=str(path), hint=hint)
