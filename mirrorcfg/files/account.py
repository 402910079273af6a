"""The accounts of this machine, each with all of its groups."""

from __future__ import annotations

import os
from pathlib import Path

from mirrorcfg.model.plan import User
from mirrorcfg.whose import owner

_NOBODYS = 65534  # the group of nobody's files: never one that opens something


def acting(path: Path) -> User | None:
    """The account that root is to be for what `path`, which is absolute, leads to; None: the caller as it is.

    Whoever's place it is in could have put a link there, which then leads no further than they could go.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    uid = owner(path)
    return None if uid == 0 else account(uid)


def account(uid: int, gid: int | None = None) -> User:
    """The account `uid`; one that no database knows, as in a container, has `gid` or a group of no use."""
    import pwd

    try:
        known = pwd.getpwuid(uid)
    except KeyError:
        alone = _NOBODYS if gid is None else gid
        return User(uid, alone, (alone,))
    primary = known.pw_gid if gid is None else gid
    return User(uid, primary, tuple(os.getgrouplist(known.pw_name, primary)))
