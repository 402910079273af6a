"""The variables that a program is given: made for it, and not inherited.

Source of the rules: sudoers(5), env_reset; environ(7).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from mirrorcfg.programs import find
from mirrorcfg.whose import stranger

_WINDOWS = (
    "SYSTEMROOT",
    "COMSPEC",
    "PATHEXT",
    "TEMP",
    "TMP",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
)


def made(uid: int | None = None) -> dict[str, str]:
    """What every program gets that runs as `uid` (None: as we do): its home, and words in English."""
    environ = {"PATH": find.places(os.environ), "LC_ALL": "C"}
    if sys.platform == "win32":
        return environ | {name: os.environ[name] for name in _WINDOWS if name in os.environ}
    return environ | _account(os.geteuid() if uid is None else uid)


def kept(names: Iterable[str], environ: Mapping[str, str], uid: int = 0) -> dict[str, str]:
    """Those of the caller's variables, by name, that a program needs.

    Where root has it run as `uid`, none that leads to what others could put there.
    """
    return {name: environ[name] for name in names if name in environ and _theirs(environ[name], uid)}


def _account(uid: int) -> dict[str, str]:
    import pwd

    try:
        found = pwd.getpwuid(uid)
        account = {"HOME": found.pw_dir, "USER": found.pw_name, "LOGNAME": found.pw_name}
    except KeyError:  # an account that no database knows, as in a container
        account = {"HOME": "/"}
    home = os.environ.get("HOME", "")
    if uid == os.geteuid() and home.startswith("/") and _theirs(home, uid):
        account["HOME"] = home
    return account


def _theirs(value: str, uid: int) -> bool:
    """Is it no path, or one that only `uid` and root decide about? Ordinary users name what they like."""
    if not (find.is_root() and value.startswith("/")):
        return True
    try:
        return stranger(Path(value), uid) is None
    except OSError:
        return False
