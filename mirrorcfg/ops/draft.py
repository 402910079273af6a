"""A text in its owner's editor: what comes back is checked before it counts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.model.plan import User
from mirrorcfg.programs import editor
from mirrorcfg.store import own

Again = Callable[[MirrorcfgError], bool]
"""Shown what is wrong: is it to be edited again?"""


def edited(
    text: bytes, name: str, user: User | None, check: Callable[[bytes], object], again: Again | None
) -> bytes | None:
    """What became of `text` in a file called `name`; None where it is as it was.

    A text that `check` has something against is offered again, if somebody is there. Raises what `check`
    raises, and ProgramError.
    """
    with RealDisk().acting_as(user):
        folder = Path(tempfile.mkdtemp(prefix="mirrorcfg-"))
    file = folder / name
    try:
        own.put(file, text, secret=True, user=user)
        while True:
            editor.edit(file, user)
            now = own.read(file, user=user) or b""
            if now == text:
                return None
            try:
                check(now)
            except MirrorcfgError as error:
                if again is None or not again(error):
                    raise
            else:
                return now
    finally:
        with RealDisk().acting_as(user):
            shutil.rmtree(folder, ignore_errors=True)
