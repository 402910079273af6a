"""Who could change what a path leads to? Nothing is believed for its name, only for whose it is.

Source of the rules: path_resolution(7), for what is looked up on the way; inode(7), for what the sticky bit
keeps others from.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

_LINKS = 40  # as many as Linux follows


def stranger(path: Path, uid: int = 0) -> Path | None:
    """The first place on the way to `path`, links followed, that others than root and `uid` could change.

    None where there is none: then what is found there was put there by root or by `uid`. `path` is absolute.
    Raises OSError where it leads nowhere.
    """
    return _walked(path, lambda found: _loose(found, uid))


def owner(path: Path) -> int:
    """Whose the place is that `path` leads to: the first other than root met on the way, else root (0).

    From that directory or link on it is for that account to say what is found, whatever stands behind it.
    `path` is absolute; where it ends before its end, root is who would have to make the rest.
    """
    uid = 0

    def met(found: os.stat_result) -> bool:
        nonlocal uid
        if stat.S_ISDIR(found.st_mode) or stat.S_ISLNK(found.st_mode):
            uid = found.st_uid
        return uid != 0

    try:
        _walked(path, met)
    except OSError:  # nothing there, or a file in a directory's place: who opens it will say so
        return uid
    return uid


def _walked(path: Path, stop: Callable[[os.stat_result], bool]) -> Path | None:
    """The first place on the way to `path`, links followed, at which `stop` says so. Raises OSError."""
    todo = [*reversed(path.parts[1:])]
    here, links = Path("/"), 0
    if stop(here.lstat()):
        return here
    while todo:
        part = todo.pop()
        if part == "..":
            here = here.parent
            continue
        here /= part
        found = here.lstat()
        if stop(found):
            return here
        if stat.S_ISLNK(found.st_mode):
            links += 1
            if links > _LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
            leads = here.readlink()
            here = Path("/") if leads.is_absolute() else here.parent
            todo += reversed(leads.parts[1:] if leads.is_absolute() else leads.parts)
    return None


def _loose(found: os.stat_result, uid: int) -> bool:
    """May others change it? In a sticky directory nobody can take what is somebody else's away."""
    if found.st_uid not in (0, uid):
        return True
    if stat.S_ISLNK(found.st_mode):  # its mode means nothing
        return False
    loose = found.st_mode & stat.S_IWOTH
    if uid == 0 and found.st_gid != 0:  # an ordinary user's group is for that user to choose
        loose |= found.st_mode & stat.S_IWGRP
    return bool(loose) and not (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX)
