"""Where a path really leads, and what stands there."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from mirrorcfg import trace
from mirrorcfg.errors import UsageError
from mirrorcfg.files import faults
from mirrorcfg.files.disk import LIMIT, Disk, LinkError, Stat
from mirrorcfg.model.plan import User
from mirrorcfg.sentence import sentence

_LINKS = 40  # as many as Linux follows


class Place(NamedTuple):
    """A path as it was asked for, and what it leads to.

    `actual` is what gets opened; `real` is the same without the root in front. `missing` are the
    directories that would have to be made, the outermost first.
    """

    path: Path
    real: Path
    actual: Path
    missing: tuple[Path, ...] = ()


class Attributes(NamedTuple):
    """What a file has besides its bytes."""

    mode: int
    uid: int
    gid: int
    attributes: Mapping[str, bytes] = {}


class Snapshot(NamedTuple):
    """A file at one moment; `data` and `look` are None where there is none."""

    place: Place
    data: bytes | None = None
    attributes: Attributes | None = None
    linked: bool = False  # other names, or a mount point: a rename would tear it off

    @property
    def hash(self) -> str | None:
        """The SHA-256 of the content."""
        return digest(self.data)


def digest(data: bytes | None) -> str | None:
    """SHA-256 in hex; None is no file."""
    return None if data is None else sha256(data).hexdigest()


def within(path: Path, root: Path | None) -> Path:
    """`path` as the system installed under `root` calls it. Raises UsageError if it lies elsewhere."""
    base = root or Path("/")
    if not path.is_relative_to(base):
        raise UsageError(
            "outside-root", sentence("{path} doesn't lie below {base}", path=path, base=base), path=str(path)
        )
    return Path("/", path.relative_to(base))


def below(path: Path, root: Path | None) -> Path:
    """The path, on this machine, of what the system installed under `root` calls `path`."""
    return path if root is None else root / path.relative_to("/")


def locate(disk: Disk, path: Path, root: Path | None = None) -> Place:
    """Follow the symbolic links of `path`, which lies below `root`, every one of them inside `root`.

    With root's rights, and no `root` to stay in, only root's own links are followed: whoever made another
    one chose where it leads. Raises OSError (ELOOP, ENOTDIR, EACCES), LinkError for such a link, and
    UsageError for a path that isn't below `root`.
    """
    base = root or Path("/")
    todo = list(reversed(within(path, root).parts[1:]))
    done: list[str] = []
    links = missing = 0
    while todo:
        part = todo.pop()
        if part == "..":
            missing = max(0, missing - 1)
            del done[-1:]
            continue
        done.append(part)
        found = None if missing else disk.lstat(base.joinpath(*done))
        if found is None:
            missing += 1
        elif found.kind == "link":
            links += 1
            if links > _LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
            if root is None and found.uid != 0 and disk.uid() == 0:
                raise LinkError(str(base.joinpath(*done)))
            leads = disk.readlink(base.joinpath(*done))
            done = [] if leads.is_absolute() else done[:-1]
            todo.extend(reversed(leads.parts[1:] if leads.is_absolute() else leads.parts))
        elif todo and found.kind != "directory":
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(base.joinpath(*done)))
    actual = base.joinpath(*done)
    return Place(path, Path("/", *done), actual, tuple(reversed(actual.parents[: max(0, missing - 1)])))


def snapshot(disk: Disk, place: Place) -> Snapshot:
    """Read what is there, with all that a replacement has to look like.

    Raises OSError, and MirrorcfgError where something other than a file is in its place.
    """
    found = disk.lstat(place.actual)
    if found is None:
        return Snapshot(place)
    if found.kind != "file":
        raise faults.not_a_file(found.kind, place.actual)
    data = disk.read(place.actual)
    return Snapshot(place, data, attributes_of(disk, place.actual, found), _linked(disk, place, found))


def content(
    disk: Disk, path: Path, root: Path | None = None, user: User | None = None, limit: int = LIMIT
) -> bytes | None:
    """A file's content with that user's rights, links followed inside the root; None if there is none.

    Raises PermissionDeniedError, and MirrorcfgError for anything but a regular file of `limit` bytes at most.
    """
    with faults.about(path), disk.acting_as(user):
        try:
            place = locate(disk, path, root)
            found = disk.lstat(place.actual)
            if found is not None and found.kind != "file":
                raise faults.not_a_file(found.kind, place.actual)
            if found is None:
                return None
            trace.tell("Reading {path}.", path=path)
            return disk.read(place.actual, limit)
        except (NotADirectoryError, FileNotFoundError):
            return None


def attributes_of(disk: Disk, path: Path, found: Stat) -> Attributes:
    """What the file at `path` has besides its bytes."""
    return Attributes(found.mode, found.uid, found.gid, disk.attributes(path))


def _linked(disk: Disk, place: Place, found: Stat) -> bool:
    parent = disk.lstat(place.actual.parent)
    if parent is None or parent.device != found.device:
        return True
    # Written in place it changes by all its names, and where all may write a stranger may have given it one.
    if found.nlink > 1 and disk.uid() == 0 and parent.mode & 0o002 and place.real == place.actual:
        raise LinkError(str(place.actual))
    return found.nlink > 1
