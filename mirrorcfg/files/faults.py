"""What the operating system refuses, as an error that a person can act on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mirrorcfg.errors import MirrorcfgError, PermissionDeniedError
from mirrorcfg.files.disk import Kind, LinkError
from mirrorcfg.sentence import sentence

_DENIED = {
    errno.EACCES: (
        "permission-denied",
        "this user may not read or change it",
        "run the command as the user whose file it is, or with sudo for a file of the system",
    ),
    errno.EPERM: (
        "operation-not-permitted",
        "the operating system refuses to change it even for its owner",
        "it may be immutable: look with `lsattr {path}`, and take that back with `chattr -i {path}`",
    ),
    errno.EROFS: (
        "read-only-file-system",
        "it is on a file system that is mounted read-only",
        "remount it for writing, or choose another --scope",
    ),
}
_FAILED = {
    errno.ENOSPC: ("disk-full", "no space is left on its file system", "free some space: `df -h {path}`"),
    errno.EDQUOT: ("disk-full", "the disk quota is used up", "free some space: `quota`"),
    errno.ELOOP: ("symlink-loop", "its symbolic links lead in a circle", "look with `namei -l {path}`"),
    errno.EISDIR: ("not-a-file", "a directory is in its place", "move the directory away"),
    errno.ENOTDIR: (
        "not-a-directory",
        "a part of its path is not a directory",
        "look with `namei -l {path}`",
    ),
    errno.EBUSY: ("busy", "it is mounted, so it can't be replaced or removed", "unmount it first"),
    errno.EXDEV: ("busy", "it lies on a file system of its own", "look with `findmnt -T {path}`"),
    errno.ENAMETOOLONG: (
        "name-too-long",
        "its name is too long for the file system",
        "choose a shorter path",
    ),
    errno.EFBIG: ("file-too-large", "it is too large for a configuration file", "look with `ls -l {path}`"),
    errno.EIO: ("disk-error", "the disk can't be read or written", "look into the system's log: `dmesg`"),
}
_KINDS: dict[Kind, str] = {
    "directory": "a directory",
    "fifo": "a FIFO",
    "socket": "a socket",
    "device": "a device",
    "link": "a symbolic link",
    "file": "a file",
}


def explained(error: OSError, path: Path | str | None = None) -> MirrorcfgError:
    """The error for `error`, about `path` or else the path that it names itself."""
    place = str(path or error.filename or "")
    number = error.errno or 0
    if isinstance(error, LinkError):
        what = sentence(
            "{place}: the link {filename} is not to be followed with these rights",
            place=place,
            filename=error.filename,
        )
        hint = sentence("look whose it is: namei -lo {place}", place=place)
        return PermissionDeniedError("link-refused", what, path=place, hint=hint)
    if number in _DENIED:
        code, what, hint = _DENIED[number]
        kind: type[MirrorcfgError] = PermissionDeniedError
    else:
        default = ("io-error", (error.strerror or str(error)).lower(), "look with `ls -ld {path}`")
        code, what, hint = _FAILED.get(number, default)
        kind = MirrorcfgError
    return kind(code, f"{place}: {what}", path=place, hint=hint.format(path=place))


@contextmanager
def about(path: Path | str | None = None) -> Iterator[None]:
    """Turn an OSError inside the block into an error about `path`."""
    try:
        yield
    except OSError as error:
        raise explained(error, path) from error


def not_a_file(kind: Kind, path: Path) -> MirrorcfgError:
    """The error for something else in a file's place; nothing else is ever opened."""
    place = str(path)
    what = sentence("{place}: {kinds} is in the file's place", place=place, kinds=_KINDS[kind])
    return MirrorcfgError(
        "not-a-file",
        what,
        path=place,
        hint=sentence("look with `ls -ld {place}` and move it away", place=place),
    )
