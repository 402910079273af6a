"""The machine's own file system."""

# ruff: noqa: D102 what each method does is said once, in `Disk`

from __future__ import annotations

import errno
import os
import stat as modes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mirrorcfg.files.disk import LIMIT, Kind, Stat, Way
from mirrorcfg.files.walk import parent
from mirrorcfg.model.plan import User
from mirrorcfg.sentence import sentence

_KINDS: dict[int, Kind] = {
    modes.S_IFREG: "file",
    modes.S_IFDIR: "directory",
    modes.S_IFLNK: "link",
    modes.S_IFIFO: "fifo",
    modes.S_IFSOCK: "socket",
}
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


class RealDisk:
    """The machine's own file system."""

    def __init__(self) -> None:
        self._open: dict[int, Path] = {}

    def uid(self) -> int:
        return os.geteuid()

    @contextmanager
    def acting_as(self, user: User | None) -> Iterator[None]:
        uid, gid = os.geteuid(), os.getegid()
        if user is None or user.uid == uid:
            yield
            return
        groups = os.getgroups()
        try:
            os.setgroups(user.groups or (user.gid,))
            os.setegid(user.gid)
            os.seteuid(user.uid)
            yield
        finally:
            os.seteuid(uid)
            os.setegid(gid)
            with suppress(PermissionError):  # not root: nothing was changed either
                os.setgroups(groups)

    def lstat(self, path: Path) -> Stat | None:
        try:
            with parent(path) as folder:
                return _stat(os.stat(path.name or "/", dir_fd=folder, follow_symlinks=False))
        except FileNotFoundError:
            return None

    def readlink(self, path: Path) -> Path:
        with parent(path) as folder:
            return Path(os.readlink(path.name, dir_fd=folder))

    def read(self, path: Path, limit: int = LIMIT) -> bytes:
        with parent(path) as folder:
            look = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
            if not modes.S_ISREG(look.st_mode):  # opening a FIFO or a device can have consequences
                raise OSError(errno.EINVAL, sentence("not a regular file"), str(path))
            handle = os.open(path.name, _READ, dir_fd=folder)
        with open(handle, "rb", buffering=0) as file:
            if not modes.S_ISREG(os.fstat(handle).st_mode):
                raise OSError(errno.EINVAL, sentence("not a regular file"), str(path))
            data = bytearray()
            while len(data) <= limit and (piece := file.read(limit + 1 - len(data))):
                data += piece
        if len(data) > limit:
            raise OSError(errno.EFBIG, f"larger than {limit} bytes", str(path))
        return bytes(data)

    def attributes(self, path: Path) -> dict[str, bytes]:
        with parent(path) as folder:
            return _attributes(f"/proc/self/fd/{folder}/{path.name}")

    def names(self, path: Path) -> list[str]:
        with parent(path) as folder:
            handle = os.open(path.name, _LIST, dir_fd=folder)
        try:
            return os.listdir(handle)  # noqa: PTH208 names are wanted, not paths
        finally:
            os.close(handle)

    def create(self, path: Path, mode: int) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with parent(path) as folder:
            return self._opened(os.open(path.name, flags, mode, dir_fd=folder), path)

    def open(self, path: Path) -> int:
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        with parent(path) as folder:
            return self._opened(os.open(path.name, flags, dir_fd=folder), path)

    def close(self, handle: int) -> None:
        with self._named(handle):
            self._open.pop(handle, None)
            os.close(handle)

    def fstat(self, handle: int) -> Stat:
        return _stat(os.fstat(handle))

    def write(self, handle: int, data: bytes) -> None:
        with self._named(handle):
            written = 0
            while written < len(data):
                written += os.pwrite(handle, data[written:], written)

    def truncate(self, handle: int, size: int) -> None:
        with self._named(handle):
            os.ftruncate(handle, size)

    def chown(self, handle: int, uid: int, gid: int) -> None:
        with self._named(handle):
            os.fchown(handle, uid, gid)

    def chmod(self, handle: int, mode: int) -> None:
        with self._named(handle):
            os.fchmod(handle, mode)

    def attribute(self, handle: int, name: str, value: bytes | None) -> None:
        with self._named(handle):
            if value is None:
                os.removexattr(handle, name)
            else:
                os.setxattr(handle, name, value)

    def sync(self, handle: int) -> None:
        with self._named(handle):
            os.fsync(handle)

    def sync_directory(self, path: Path) -> None:
        try:
            with parent(path) as folder:
                handle = os.open(path.name or "/", _LIST, dir_fd=folder)
        except PermissionError:
            # It may be written and entered, not read: all that is left is to sync everything.
            os.sync()
            return
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in (*_UNSUPPORTED, errno.EROFS):
                raise OSError(error.errno, error.strerror, str(path)) from None
        finally:
            os.close(handle)

    def rename(self, source: Path, target: Path, way: Way = "replace") -> None:
        with parent(source) as old, parent(target) as new:
            ends = (source.name, target.name)
            if way == "replace":
                os.rename(*ends, src_dir_fd=old, dst_dir_fd=new)
                return
            try:
                _renameat2(old, source.name, new, target.name, {"new": 1, "exchange": 2}[way])
            except OSError as error:
                if error.errno not in _UNSUPPORTED or way == "exchange":
                    raise
                _rename_new(old, source.name, new, target.name)

    def unlink(self, path: Path) -> None:
        with parent(path) as folder:
            os.unlink(path.name, dir_fd=folder)

    def mkdir(self, path: Path, mode: int = 0o777) -> None:
        with parent(path) as folder:
            os.mkdir(path.name, mode, dir_fd=folder)

    def rmdir(self, path: Path) -> None:
        with parent(path) as folder:
            os.rmdir(path.name, dir_fd=folder)

    def lock(self, path: Path) -> int | None:
        import fcntl

        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with parent(path) as folder:
            handle = os.open(path.name, flags, 0o600, dir_fd=folder)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        except BaseException:
            os.close(handle)
            raise
        self._open[handle] = path
        os.truncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)  # only a help for whoever waits
        return handle

    def _opened(self, handle: int, path: Path) -> int:
        self._open[handle] = path
        return handle

    @contextmanager
    def _named(self, handle: int) -> Iterator[None]:
        path = self._open.get(handle)
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from None


def _stat(found: os.stat_result) -> Stat:
    kind = _KINDS.get(modes.S_IFMT(found.st_mode), "device")
    mode = modes.S_IMODE(found.st_mode)
    return Stat(kind, mode, found.st_uid, found.st_gid, found.st_nlink, found.st_dev)


def _attributes(path: str) -> dict[str, bytes]:
    if not hasattr(os, "listxattr"):
        return {}
    try:
        names = os.listxattr(path, follow_symlinks=False)
        return {name: os.getxattr(path, name, follow_symlinks=False) for name in names if _kept(name)}
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return {}
        raise


def _kept(name: str) -> bool:
    # The rest belongs to the system: hashes of the content, an overlay's bookkeeping.
    return name.startswith("user.") or name in ("system.posix_acl_access", "security.selinux")


def _renameat2(old: int, source: str, new: int, target: str, flags: int) -> None:
    try:
        import ctypes

        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (ImportError, AttributeError):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), source) from None
    if call(old, os.fsencode(source), new, os.fsencode(target), flags):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), source, None, target)


def _rename_new(old: int, source: str, new: int, target: str) -> None:
    try:
        os.link(source, target, src_dir_fd=old, dst_dir_fd=new)
    except FileExistsError:
        raise
    except OSError as error:  # a file system without links
        try:
            os.stat(target, dir_fd=new, follow_symlinks=False)
        except FileNotFoundError:
            os.rename(source, target, src_dir_fd=old, dst_dir_fd=new)
        else:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target) from error
    else:
        os.unlink(source, dir_fd=old)
