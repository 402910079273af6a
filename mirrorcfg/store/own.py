"""Files of mirrorcfg's own: a profile, what `watch` remembers, a service's unit.

Each is put there as one step, whole and durable. A tool's configuration is never written this way: that is
what the transaction is for, which several files share and which can be taken back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mirrorcfg.files import faults
from mirrorcfg.files.disk import Disk
from mirrorcfg.files.place import content, locate, snapshot
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.model.plan import User
from mirrorcfg.store.replace import stage


def put(
    path: Path,
    data: bytes,
    *,
    secret: bool = False,
    root: Path | None = None,
    user: User | None = None,
    disk: Disk | None = None,
) -> None:
    """Put a file there, in the place of the one before if there is one, with that user's rights.

    A new one is as the umask wants it, or private if it is `secret`, and its directories are made. One that
    is there keeps what it has besides its bytes, and a link that leads to it stays, inside `root`. Of two who
    write at once the last one wins. Raises MirrorcfgError, PermissionDeniedError.
    """
    disk = disk or RealDisk()
    with faults.about(path), disk.acting_as(user), _staged(disk, path, root, data, secret) as (spare, actual):
        disk.rename(spare, actual)
        disk.sync_directory(actual.parent)


def create(
    path: Path,
    data: bytes,
    *,
    secret: bool = False,
    root: Path | None = None,
    user: User | None = None,
    disk: Disk | None = None,
) -> bool:
    """The same, but never over a file: False, and nothing done, if there is one. Raises as `put`."""
    disk = disk or RealDisk()
    with faults.about(path), disk.acting_as(user):
        try:
            with _staged(disk, path, root, data, secret) as (spare, actual):
                disk.rename(spare, actual, "new")
                disk.sync_directory(actual.parent)
        except FileExistsError:
            return False
    return True


def read(
    path: Path, *, root: Path | None = None, user: User | None = None, disk: Disk | None = None
) -> bytes | None:
    """What `put` left there; None if there is no file. Raises as `put`."""
    return content(disk or RealDisk(), path, root, user)


def remove(
    path: Path, *, root: Path | None = None, user: User | None = None, disk: Disk | None = None
) -> bool:
    """Take a file away, or the link in its place; whether there was one. Raises as `put`."""
    disk = disk or RealDisk()
    with faults.about(path), disk.acting_as(user):
        actual = locate(disk, path.parent, root).actual / path.name
        if disk.lstat(actual) is None:
            return False
        disk.unlink(actual)
        disk.sync_directory(actual.parent)
    return True


@contextmanager
def _staged(
    disk: Disk, path: Path, root: Path | None, data: bytes, secret: bool
) -> Iterator[tuple[Path, Path]]:
    """The content beside its place, under a name that no other process takes, and that place."""
    there = snapshot(disk, locate(disk, path, root))
    actual = there.place.actual
    for directory in there.place.missing:
        _make(disk, directory)
    spare = actual.with_name(f".{actual.name}.mirrorcfg-{os.getpid()}")
    if disk.lstat(spare) is not None:  # left by a process of this number that died
        disk.unlink(spare)
    try:
        stage(disk, spare, data, there.attributes, secret)
        yield spare, actual
    finally:
        if disk.lstat(spare) is not None:
            disk.unlink(spare)


def _make(disk: Disk, directory: Path) -> None:
    try:
        disk.mkdir(directory)
    except FileExistsError:  # another process came first
        return
    disk.sync_directory(directory.parent)
