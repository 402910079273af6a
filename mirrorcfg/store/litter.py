"""Temporary files that could not be cleared away at the end of their change: the next command tries again.

A file system may have been remounted read-only between the last rename and that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.files.disk import Disk
from mirrorcfg.files.place import below, within
from mirrorcfg.model.plan import User
from mirrorcfg.store import sealed

NAME = "litter"
_OURS = re.compile(r"\..+\.mirrorcfg-[0-9a-f]+(-[a-z]+)?")


class Litter(NamedTuple):
    """A temporary file of ours, and whose rights it was made with."""

    path: Path
    user: User | None = None


def exists(disk: Disk, directory: Path) -> bool:
    """Whether anything was left. Raises OSError."""
    return disk.lstat(directory / NAME) is not None


def note(disk: Disk, directory: Path, root: Path | None, left: Iterable[Litter]) -> None:
    """Remember what was left, beside what is remembered. Raises OSError."""
    _save(disk, directory, root, [*_load(disk, directory, root), *left])


def sweep(disk: Disk, directory: Path, root: Path | None) -> None:
    """Clear away what can be by now, and forget it. Raises OSError."""
    if not exists(disk, directory):
        return
    left = [each for each in _load(disk, directory, root) if not _cleared(disk, each)]
    if left:
        _save(disk, directory, root, left)
    else:
        disk.unlink(directory / NAME)


def _cleared(disk: Disk, litter: Litter) -> bool:
    """Is it gone? One that isn't ours by its name is none of our business."""
    if not _OURS.fullmatch(litter.path.name):
        return True
    with suppress(OSError), disk.acting_as(litter.user):
        if disk.lstat(litter.path) is not None:
            disk.unlink(litter.path)
        return True
    return False


def _load(disk: Disk, directory: Path, root: Path | None) -> list[Litter]:
    if not exists(disk, directory):
        return []
    try:
        said = sealed.unseal(disk.read(directory / NAME))
        return [Litter(below(Path(path), root), User(*user) if user else None) for path, user in said]
    except (ValueError, TypeError):  # not as it was written: then nobody knows of what was left
        return []


def _save(disk: Disk, directory: Path, root: Path | None, left: Iterable[Litter]) -> None:
    content = [[str(within(each.path, root)), each.user] for each in left]
    sealed.save(disk, directory / NAME, content)
