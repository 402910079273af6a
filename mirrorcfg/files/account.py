"""The accounts of this machine, each with all of its groups."""

from __future__ import annotations

import os

from mirrorcfg.model.plan import User

_NOBODYS = 65534  # the group of nobody's files: never one that opens something


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
