"""What the operating system refuses, as an error that a person can act on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.errors import MirrorcfgError, PermissionDeniedError
from mirrorcfg.files.disk import Kind, LinkError
from mirrorcfg.sentence import Sentence, sentence


class _Fault(NamedTuple):
    """A number of the system's: its code, its words, and what mends it."""

    code: str
    what: str
    hint: str


_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)
_KINDS: dict[Kind, str] = {
    "directory": sentence("a directory"),
    "fifo": sentence("a FIFO"),
    "socket": sentence("a socket"),
    "device": sentence("a device"),
    "link": sentence("a symbolic link"),
    "file": sentence("a file"),
}


def _faults(path: str) -> dict[int, _Fault]:
    namei = sentence("look with `namei -l {path}`", path=path)
    return {
        errno.EACCES: _Fault(
            "permission-denied",
            sentence("this user may not read or change it"),
            sentence("run the command as the user whose file it is, or with sudo for a file of the system"),
        ),
        errno.EPERM: _Fault(
            "operation-not-permitted",
            sentence("the operating system refuses to change it even for its owner"),
            sentence(
                "it may be immutable: look with `lsattr {path}`, and take that back with `chattr -i {path}`",
                path=path,
            ),
        ),
        errno.EROFS: _Fault(
            "read-only-file-system",
            sentence("it is on a file system that is mounted read-only"),
            sentence("remount it for writing, or choose another --scope"),
        ),
        errno.ENOSPC: _Fault(
            "disk-full",
            sentence("no space is left on its file system"),
            sentence("free some space: `df -h {path}`", path=path),
        ),
        errno.EDQUOT: _Fault(
            "disk-full", sentence("the disk quota is used up"), sentence("free some space: `quota`")
        ),
        errno.ELOOP: _Fault("symlink-loop", sentence("its symbolic links lead in a circle"), namei),
        errno.EISDIR: _Fault(
            "not-a-file", sentence("a directory is in its place"), sentence("move the directory away")
        ),
        errno.ENOTDIR: _Fault("not-a-directory", sentence("a part of its path is not a directory"), namei),
        errno.EBUSY: _Fault(
            "busy",
            sentence("it is mounted, so it can't be replaced or removed"),
            sentence("unmount it first"),
        ),
        errno.EXDEV: _Fault(
            "busy",
            sentence("it lies on a file system of its own"),
            sentence("look with `findmnt -T {path}`", path=path),
        ),
        errno.ENAMETOOLONG: _Fault(
            "name-too-long",
            sentence("its name is too long for the file system"),
            sentence("choose a shorter path"),
        ),
        errno.EFBIG: _Fault(
            "file-too-large",
            sentence("it is too large for a configuration file"),
            sentence("look with `ls -l {path}`", path=path),
        ),
        errno.EIO: _Fault(
            "disk-error",
            sentence("the disk can't be read or written"),
            sentence("look into the system's log: `dmesg`"),
        ),
    }


def explained(error: OSError, path: Path | str | None = None) -> MirrorcfgError:
    """The error for `error`, about `path` or else the path that it names itself."""
    place = str(path or error.filename or "")
    if isinstance(error, LinkError):
        what = sentence(
            "{path}: the link {link} is not to be followed with these rights", path=place, link=error.filename
        )
        hint = sentence("look whose it is: namei -lo {path}", path=place)
        return PermissionDeniedError("link-refused", what, path=place, hint=hint)
    said = error.strerror or str(error)
    said = said if isinstance(said, Sentence) else said.lower()
    other = _Fault("io-error", said, sentence("look with `ls -ld {path}`", path=place))
    fault = _faults(place).get(error.errno or 0, other)
    kind = PermissionDeniedError if error.errno in _DENIED else MirrorcfgError
    what = sentence("{path}: {what}", path=place, what=fault.what)
    return kind(fault.code, what, path=place, hint=fault.hint)


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
    what = sentence("{path}: {kind} is in the file's place", path=place, kind=_KINDS[kind])
    hint = sentence("look with `ls -ld {path}` and move it away", path=place)
    return MirrorcfgError("not-a-file", what, path=place, hint=hint)
