"""Who called, and what that account sees of this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path, PurePath
from typing import TypeVar

from mirrorcfg import whose
from mirrorcfg.files.account import account
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.model.plan import User

T = TypeVar("T")

NOWHERE = Path("/nonexistent")
"""The home of whoever has none (Debian Policy, section 9.2.3)."""


def invoking_user(environ: Mapping[str, str]) -> User | None:
    """The account that called sudo, where this is root by sudo."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    uid, gid = environ.get("SUDO_UID", ""), environ.get("SUDO_GID", "")
    if not (uid.isdecimal() and gid.isdecimal()) or int(uid) == 0:
        return None
    return account(int(uid), int(gid))


def home_of(environ: Mapping[str, str], user: User | None) -> Path:
    """The user's home; under sudo that of the invoking user, whatever sudo did to HOME."""
    named = environ.get("HOME") if sys.platform != "win32" else environ.get("USERPROFILE")
    if user is not None and not (named and _owner(Path(named)) == user.uid):
        import pwd

        try:
            return Path(pwd.getpwuid(user.uid).pw_dir)
        except KeyError:
            pass
    try:
        return Path(named) if named else Path.home()
    except RuntimeError:  # a number that no account has, as in a container, and no HOME
        return NOWHERE


def seen(path: Path, look: Callable[[Path], T], nowhere: T) -> T:
    """What a look at a path shows, `nowhere` where it leads there.

    Where root may not look, as into a home on NFS, whoever it belongs to may.
    """
    try:
        return look(path)
    except PermissionError:
        uid = whose.owner(path)
    except OSError:
        return nowhere
    if os.geteuid() != 0 or uid == 0:
        return nowhere
    with suppress(OSError), RealDisk().acting_as(account(uid)):
        return look(path)
    return nowhere


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except OSError:
        return None


def cwd() -> Path | None:
    """The current directory, None if it is gone."""
    try:
        return Path.cwd()
    except OSError:  # the directory was removed under us
        return None


def names(path: Path) -> tuple[str, ...]:
    """What is in a directory. Raises OSError."""
    return tuple(entry.name for entry in path.iterdir())


def which(program: str) -> PurePath | None:
    """A program on the caller's PATH."""
    from mirrorcfg.programs import find

    return find.which(program, os.environ.get("PATH") or os.defpath)
