"""Where history, images and journal live, and whether that place can be trusted."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mirrorcfg import whose
from mirrorcfg.errors import MirrorcfgError, PermissionDeniedError
from mirrorcfg.files import faults
from mirrorcfg.files.disk import Disk
from mirrorcfg.files.place import locate
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.sentence import sentence

VARIABLE = "MIRRORCFG_STATE"
_SYSTEM = Path("/var/lib/mirrorcfg")


def state_directory(
    root: Path | None = None,
    environ: Mapping[str, str] | None = None,
    home: Path | None = None,
    euid: int | None = None,
) -> Path:
    """The state directory of this user, of the machine (root, sudo too) or of the system under `root`.

    It need not exist. Raises MirrorcfgError where its path leads nowhere.
    """
    environ = os.environ if environ is None else environ
    with faults.about(_SYSTEM if root is None else root):
        if named := environ.get(VARIABLE):
            return locate(RealDisk(), Path.cwd() / Path(named).expanduser()).actual
        if root is not None:
            return locate(RealDisk(), root / _SYSTEM.relative_to("/"), root).actual
        if (os.geteuid() if euid is None else euid) == 0:
            return locate(RealDisk(), _SYSTEM).actual
        return locate(RealDisk(), _of_user(environ, home or Path.home())).actual


def of_root(disk: Disk) -> bool:
    """Does root have a history on this machine? Nobody else may look into it."""
    try:
        found = disk.lstat(_SYSTEM)
    except OSError:
        return False
    return found is not None and found.kind == "directory" and found.uid == 0


def verify(disk: Disk, directory: Path) -> bool:
    """Whether the directory is there. Raises PermissionDeniedError unless it is ours alone, and OSError."""
    found = disk.lstat(directory)
    if found is None:
        return False
    if found.kind != "directory":
        what = sentence("{path} is not a directory; mirrorcfg keeps its history there", path=directory)
        hint = f"mv {directory} elsewhere"
        raise MirrorcfgError("state-not-a-directory", what, path=str(directory), hint=hint)
    if found.uid != disk.uid():
        what = sentence(
            "the state directory {path} belongs to someone else, so what it holds can't be trusted",
            path=directory,
        )
        raise _untrusted(directory, what, sentence("name another one with {variable}", variable=VARIABLE))
    if found.mode & 0o022:
        what = sentence(
            "the state directory {path} can be written by others, so what it holds can't be trusted",
            path=directory,
        )
        raise _untrusted(directory, what, f"chmod 700 {directory}")
    return True


def trusted(directory: Path) -> None:
    """Raises PermissionDeniedError where somebody else could put another directory in its place."""
    there = directory
    while not os.path.lexists(there):
        there = there.parent
    with faults.about(directory):
        loose = whose.stranger(there, os.geteuid())
    if loose is not None:
        what = sentence(
            "the state directory {path} could be exchanged by whoever can change {place}, so what it holds"
            " can't be trusted",
            path=directory,
            place=loose,
        )
        hint = sentence(
            "ls -ld {place}; or name another directory with {variable}", place=loose, variable=VARIABLE
        )
        raise _untrusted(directory, what, hint)


def make(disk: Disk, directory: Path) -> None:
    """Make the directory, private, unless it is there. Raises as `verify` does."""
    if verify(disk, directory):
        return
    missing = [directory]
    while disk.lstat(missing[-1].parent) is None:
        missing.append(missing[-1].parent)
    for path in reversed(missing):
        with suppress(FileExistsError):  # another mirrorcfg came first
            disk.mkdir(path, 0o700 if path == directory else 0o755)
    verify(disk, directory)


def anchor(disk: Disk, directory: Path) -> None:
    """Make the names in the directory and its own durable, whoever made it, up to the top. Raises OSError."""
    for path in (directory, *directory.parents):
        found = disk.lstat(path)
        if disk.uid() != 0 and (found is None or (found.uid != disk.uid() and not found.mode & 0o022)):
            return  # nothing in there can have been made by this user
        disk.sync_directory(path)


def _of_user(environ: Mapping[str, str], home: Path) -> Path:
    if sys.platform != "linux":
        import platformdirs

        return platformdirs.user_state_path("mirrorcfg", appauthor=False)
    named = Path(environ.get("XDG_STATE_HOME") or "")
    return (named if named.is_absolute() else home / ".local" / "state") / "mirrorcfg"


def _untrusted(directory: Path, what: str, hint: str) -> PermissionDeniedError:
    return PermissionDeniedError("state-not-trusted", what, path=str(directory), hint=hint)
