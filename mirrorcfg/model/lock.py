"""A project's lock: which address each package came from when it was made, whatever is set by now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import NamedTuple

from mirrorcfg.model.machine import Machine


class Named(NamedTuple):
    """That a lock names other addresses than the tool would ask now, and what the tool makes of that.

    `pinned`: it takes all from there, and asks none of those of now.
    """

    what: str
    hint: str
    pinned: bool = False


class Lock(NamedTuple):
    """How a tool's lock is found and read.

    `place` gives where it is for a command's words, if that would look at one; `names` what its text means
    for that command, with these variables and these addresses asked, which are a profile's. It raises
    FormatError.
    """

    place: Callable[[Machine, Sequence[str]], PurePath | None]
    names: Callable[[str, Sequence[str], Mapping[str, str], Sequence[str], str], Named | None]
