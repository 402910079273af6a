"""The primitive operations that all reading and changing of files goes through.

Each method of a `Disk` is one step: a process can die before it or after it, hardly inside. Tests put
another disk in its place that counts the steps, stops at one, and loses what was not made durable.
Every method may raise OSError with the path in `filename`, and LinkError where a directory of the path is a
symbolic link: paths come here with their links followed, by whoever knows which may be.
"""

from __future__ import annotations

import errno
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from mirrorcfg.model.plan import User

Kind = Literal["file", "directory", "link", "fifo", "socket", "device"]
Way = Literal["replace", "new", "exchange"]

LIMIT = 16 * 1024 * 1024
"""No file that is read may be larger: no configuration is, and a sparse file must not fill the memory."""


class LinkError(OSError):
    """A link is on the way to a file, or stands for it, and may not be followed."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.ELOOP, "a link that may not be followed is on the way there", path)


class Stat(NamedTuple):
    """What the file system knows of a file; `mode` is the permission bits alone."""

    kind: Kind
    mode: int
    uid: int
    gid: int
    nlink: int
    device: int


class Disk(Protocol):
    """A file system and the rights it is used with."""

    def uid(self) -> int:
        """The user whose rights count just now."""

    def acting_as(self, user: User | None) -> AbstractContextManager[None]:
        """Use that user's rights inside the block; None, or the user one is, changes nothing."""

    def lstat(self, path: Path) -> Stat | None:
        """What is there, links not followed; None where nothing is."""

    def readlink(self, path: Path) -> Path:
        """Where a link points."""

    def read(self, path: Path, limit: int = LIMIT) -> bytes:
        """The content of a regular file; EINVAL for anything else, EFBIG beyond `limit` bytes."""

    def attributes(self, path: Path) -> dict[str, bytes]:
        """Extended attributes that belong to the user, among them the ACL."""

    def names(self, path: Path) -> list[str]:
        """What a directory holds."""

    def create(self, path: Path, mode: int) -> int:
        """Make a new file, less the umask, and open it for writing; it must not be there."""

    def open(self, path: Path) -> int:
        """Open an existing file for writing, its content kept; links are not followed."""

    def close(self, handle: int) -> None:
        """Close what `create` or `open` gave."""

    def fstat(self, handle: int) -> Stat:
        """What is open there."""

    def write(self, handle: int, data: bytes) -> None:
        """Write from the start of the file, over what is there."""

    def truncate(self, handle: int, size: int) -> None:
        """Cut the file to `size` bytes."""

    def chown(self, handle: int, uid: int, gid: int) -> None:
        """Give it an owner and a group."""

    def chmod(self, handle: int, mode: int) -> None:
        """Give it a mode."""

    def attribute(self, handle: int, name: str, value: bytes | None) -> None:
        """Set one extended attribute; None removes it."""

    def sync(self, handle: int) -> None:
        """Make the content and the metadata durable; not the name."""

    def sync_directory(self, path: Path) -> None:
        """Make the names in a directory durable."""

    def rename(self, source: Path, target: Path, way: Way = "replace") -> None:
        """Move a file: over another one, only where none is (EEXIST), or in exchange (EINVAL: can't)."""

    def unlink(self, path: Path) -> None:
        """Remove a file."""

    def mkdir(self, path: Path, mode: int = 0o777) -> None:
        """Make a directory, less the umask."""

    def rmdir(self, path: Path) -> None:
        """Remove an empty directory."""

    def lock(self, path: Path) -> int | None:
        """Make the file if need be and lock it; None if another process holds it."""
