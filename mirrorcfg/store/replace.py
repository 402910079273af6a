"""One file: stage what shall be there, put it there as one step, or write it in place."""

from __future__ import annotations

import errno
from pathlib import Path

from mirrorcfg.files.disk import Disk
from mirrorcfg.files.place import Attributes, attributes_of, digest

BLOCK = 512
"""No disk writes less than this at once."""

REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV)
"""A rename, or what comes before one, ends so where writing in place may still work."""

_NO_EXCHANGE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


class ForeignError(Exception):
    """Something else than expected was at the path, and still is."""


def here(disk: Disk, path: Path) -> bytes | None:
    """The content of a file, None where there is none. Raises OSError; EINVAL: something else is there."""
    return None if disk.lstat(path) is None else disk.read(path)


def stage(disk: Disk, spare: Path, data: bytes, like: Attributes | None, secret: bool = False) -> None:
    """Make a file beside the one that it will replace, looking like it, and make its content durable.

    Without a `like` it looks as the umask wants it, or private if it is `secret`. Raises OSError.
    """
    handle = disk.create(spare, 0o600 if like or secret else 0o666)
    try:
        disk.write(handle, data)
        if like is not None:
            _dress(disk, handle, attributes_of(disk, spare, disk.fstat(handle)), like)
        disk.sync(handle)
    finally:
        disk.close(handle)


def swap(disk: Disk, real: Path, spare: Path, old: str | None, new: str | None) -> None:
    """Put what lies at `spare` at `real`, and what was there at `spare`; None is no file on that side.

    Nobody's bytes are overwritten unseen: what was displaced is looked at, and goes back if its hash isn't
    `old`. Raises ForeignError then, and OSError. The names are not durable yet.
    """
    if old is None:
        _bring(disk, real, spare)
    elif new is None:
        _take_away(disk, real, spare, old)
    else:
        _exchange(disk, real, spare, old)


def overwrite(disk: Disk, real: Path, data: bytes) -> None:
    """Write the file in place, durably. A process that dies meanwhile leaves it torn. Raises OSError."""
    handle = disk.open(real)
    try:
        disk.write(handle, data)
        disk.truncate(handle, len(data))
        disk.sync(handle)
    finally:
        disk.close(handle)


def can_overwrite(disk: Disk, real: Path) -> bool:
    """Whether the file is there and may be written."""
    try:
        disk.close(disk.open(real))
    except OSError:
        return False
    return True


def torn(data: bytes, old: bytes, new: bytes) -> bool:
    """Whether `data` is what an interrupted writing of `new` over `old`, or back, can have left.

    Each block is then the one's or the other's, or old, new and old again from its beginning on (a writing
    and its taking back, both interrupted), or was never written at all; and the file may be shorter than
    either, as some file systems leave it.
    """
    if len(data) > max(len(old), len(new)):
        return False
    blocks = range(0, len(data), BLOCK)
    return all(_mixed(data[at : at + BLOCK], old[at : at + BLOCK], new[at : at + BLOCK]) for at in blocks)


def _mixed(block: bytes, old: bytes, new: bytes) -> bool:
    if not block.strip(b"\0"):
        return True
    # Where a file ended inside a block and grew, zeros follow its end until the block is written.
    old, new = old.ljust(len(block), b"\0"), new.ljust(len(block), b"\0")
    back = _same(block, old)
    return any(_turned(block, old, new, start) for start in (0, back))


def _turned(block: bytes, old: bytes, new: bytes, start: int) -> bool:
    """Whether from `start` on the block is new for a while, and old again."""
    turn = start + _same(block[start:], new[start:])
    return old.startswith(block[turn:], turn)


def _same(one: bytes, other: bytes) -> int:
    """How many bytes are the same in both from the start on."""
    return next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))


def _bring(disk: Disk, real: Path, spare: Path) -> None:
    try:
        disk.rename(spare, real, "new")
    except FileExistsError:
        raise ForeignError from None


def _take_away(disk: Disk, real: Path, spare: Path, old: str) -> None:
    try:
        disk.rename(real, spare, "new")
    except FileNotFoundError:
        raise ForeignError from None
    if not _holds(disk, spare, old):
        disk.rename(spare, real, "new")
        raise ForeignError


def _exchange(disk: Disk, real: Path, spare: Path, old: str) -> None:
    try:
        disk.rename(spare, real, "exchange")
    except FileNotFoundError:  # removed by someone
        raise ForeignError from None
    except OSError as error:
        if error.errno not in _NO_EXCHANGE:
            raise
        if not _holds(disk, real, old):
            raise ForeignError from None
        disk.rename(spare, real)
        return
    if not _holds(disk, spare, old):
        disk.rename(spare, real, "exchange")
        raise ForeignError


def _holds(disk: Disk, path: Path, key: str) -> bool:
    try:
        return digest(here(disk, path)) == key
    except OSError:  # a directory or a link by now, or not ours to read
        return False


def _dress(disk: Disk, handle: int, has: Attributes, like: Attributes) -> None:
    if (has.uid, has.gid) != (like.uid, like.gid):
        disk.chown(handle, like.uid, like.gid)
    for name in has.attributes.keys() - like.attributes.keys():  # inherited from the directory
        if name != "security.selinux":
            disk.attribute(handle, name, None)
    disk.chmod(handle, like.mode)
    for name, value in like.attributes.items():
        if has.attributes.get(name) != value:
            _mark(disk, handle, name, value)


def _mark(disk: Disk, handle: int, name: str, value: bytes) -> None:
    try:
        disk.attribute(handle, name, value)
    except OSError:
        if name != "security.selinux":  # the system gave it the label that belongs there
            raise
