"""Who could change what a path leads to? Nothing is believed for its name, only for whose it is.

Source of the rules: path_resolution(7), for what is looked up on the way; inode(7), for what the sticky bit
keeps others from.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_LINKS = 40  # as many as Linux follows
_SHARED = stat.S_IWGRP | stat.S_IWOTH


def stranger(path: Path, uid: int = 0) -> Path | None:
    """The first place on the way to `path`, links followed, that others than root and `uid` could change.

    None where there is none: then what is found there was put there by root or by `uid`. `path` is absolute.
    Raises OSError where it leads nowhere.
    """
    todo = [*reversed(path.parts[1:])]
    here, links = Path("/"), 0
    if _loose(here.lstat(), uid):
        return here
    while todo:
        part = todo.pop()
        if part == "..":
            here = here.parent
            continue
        here /= part
        found = here.lstat()
        if found.st_uid not in (0, uid):
            return here
        if stat.S_ISLNK(found.st_mode):
            links += 1
            if links > _LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
            leads = here.readlink()
            here = Path("/") if leads.is_absolute() else here.parent
            todo += reversed(leads.parts[1:] if leads.is_absolute() else leads.parts)
        elif _loose(found, uid):
            return here
    return None


def _loose(found: os.stat_result, uid: int) -> bool:
    """May others change it? In a sticky directory nobody can take what is somebody else's away."""
    if found.st_uid not in (0, uid):
        return True
    loose = found.st_mode & _SHARED
    if found.st_gid == 0 and uid == 0:
        loose &= ~stat.S_IWGRP
    return bool(loose) and not (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX)
