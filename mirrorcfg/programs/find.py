"""Which program is meant, and with whose rights root may run it.

Source of the rules: sudoers(5), secure_path, for a PATH of root's own; execve(2), for a script's interpreter.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from mirrorcfg.whose import stranger

SECURE = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where root looks for a program of its own accord."""

_INTERPRETERS = 5  # as many scripts as Linux starts for one another


def is_root() -> bool:
    """Are these root's rights, with which nothing may be run that others could change?"""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def places(environ: Mapping[str, str]) -> str:
    """The PATH on which a program is looked for with our own rights: root's own, or the user's."""
    return SECURE if is_root() else environ.get("PATH") or os.defpath


def which(name: str, path: str) -> Path | None:
    """The program in the first folder of `path` that has one; for root, the first that only root can change.

    Where there are only others', the first of them: `keeper` says with whose rights it runs. A folder that
    isn't absolute counts for nothing: what it means hangs on where somebody stands.
    """
    found = _found(name, path)
    if not is_root():
        return next(found, None)
    programs = list(found)
    return next((program for program in programs if keeper(program) == 0), next(iter(programs), None))


def keeper(program: Path) -> int | None:
    """With whose rights root may run it: 0 where only root could change it, or the one account that could.

    None where more could. A script is what its interpreter is.
    """
    try:
        place = stranger(program) or _loose_interpreter(program)
        if place is None:
            return 0
        uid = place.lstat().st_uid
        return uid if uid and stranger(program, uid) is None else None
    except OSError:
        return None


def _found(name: str, path: str) -> Iterator[Path]:
    folder, name = os.path.split(name)
    folders = [folder] if folder else path.split(os.pathsep)
    for place in folders:
        if Path(place).is_absolute() and (found := shutil.which(name, path=place)):
            yield Path(found)


def _loose_interpreter(script: Path) -> Path | None:
    """What others than root could change of that which runs a script of root's. Raises OSError."""
    for _ in range(_INTERPRETERS):
        with open(script, "rb") as file:
            line = file.read(256).partition(b"\n")[0]
        words = line[2:].split() if line.startswith(b"#!") else ()
        if not words:
            return None
        script = Path("/", os.fsdecode(words[0]))  # we start every program in /
        if place := stranger(script):
            return place
    return None
