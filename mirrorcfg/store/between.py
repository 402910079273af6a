"""A content that stands in a file's place for a moment, for a running program to read on the way."""

from __future__ import annotations

from pathlib import Path

from mirrorcfg.files.disk import Disk
from mirrorcfg.files.place import Attributes, digest
from mirrorcfg.store.replace import overwrite, stage, swap


def put(
    disk: Disk,
    actual: Path,
    waiting: Path,
    data: bytes,
    old: str | None,
    like: Attributes | None,
    in_place: bool,
) -> None:
    """Put `data` where a content with the hash `old` is, in one step by way of `waiting`, or in place.

    Raises ForeignError where something else is there, and OSError.
    """
    if in_place:
        overwrite(disk, actual, data)
        return
    if disk.lstat(waiting) is not None:
        disk.unlink(waiting)
    stage(disk, waiting, data, like)
    swap(disk, actual, waiting, old, digest(data))
