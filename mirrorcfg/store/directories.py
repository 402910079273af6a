"""The directories that are made for a file, and go with it where they are left empty."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from mirrorcfg.files.disk import Disk


def remembered(disk: Disk, before: Iterable[str], new: Iterable[Path]) -> tuple[str, ...]:
    """Those of `before` that are still there, and the new ones."""
    there = [name for name in before if _there(disk, Path(name))]
    return tuple(dict.fromkeys([*there, *map(str, new)]))


def above(actual: Path, made: Sequence[str]) -> int:
    """How many directories right above a file are among those that were made."""
    known = frozenset(made)
    return len(list(takewhile(lambda directory: str(directory) in known, actual.parents)))


def take_away(disk: Disk, actual: Path, count: int) -> None:
    """Remove that many directories above a file, up to the first that isn't empty. Raises OSError."""
    for directory in actual.parents[:count]:
        if disk.lstat(directory) is not None:
            try:
                disk.rmdir(directory)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                break


def remaining(disk: Disk, actual: Path) -> Path:
    """The nearest directory above a file that is there."""
    return next(parent for parent in actual.parents if disk.lstat(parent) is not None)


def _there(disk: Disk, path: Path) -> bool:
    with suppress(OSError):  # where it can't be seen, nobody of ours is using it
        return disk.lstat(path) is not None
    return False
