"""A look at somebody else's history: what it says of its latest generation, and no more.

It is never believed. What stands there was written by whoever owns it, so every value is checked for its
kind, the file is read whole only where it is small, through no link, and nothing it names is opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mirrorcfg.files.disk import Disk
from mirrorcfg.model.generation import Generation
from mirrorcfg.store import sealed

NOTE = "root"
"""In a user's state directory: what root's mirrorcfg last left in files of that user's."""
HEAD = "head"

_LIMIT = 1 << 20  # bytes; a generation of a thousand files has a third of it
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_HASH = re.compile(r"[0-9a-f]{64}")


class Left(NamedTuple):
    """How a file was left: its content's hash, and the profile that it is set to."""

    tool: str
    after: str
    profile: str


class Peek(NamedTuple):
    """The latest generation of somebody else's; its files are those that are set to a profile."""

    number: int
    time: str
    files: Mapping[str, Left] = {}


def peek(disk: Disk, directory: Path, name: str, uid: int) -> Peek | None:
    """What `name` says in a state directory that is that account's alone; None where there is no such thing.

    It is read with the rights that the caller has just now.
    """
    try:
        found = disk.lstat(directory)
        if found is None or found.kind != "directory" or found.uid != uid or found.mode & 0o022:
            return None
        return _judged(sealed.unseal(disk.read(directory / name, _LIMIT))["generation"])
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        return None


def note(generation: Generation, uid: int) -> bytes:
    """What `peek` will find of a generation: of its files those written with that account's rights."""
    files = {
        path: {"tool": kept.tool, "after": kept.after, "profile": kept.profile}
        for path, kept in generation.files.items()
        if kept.uid == uid and kept.profile is not None and kept.after is not None
    }
    return sealed.seal({"generation": {"number": generation.number, "time": generation.time, "files": files}})


def _judged(content: Any) -> Peek | None:
    number, time = content["number"], content["time"]
    if type(number) is not int or not 0 < number < 1 << 53 or not _is(_TIME, time):
        return None
    files = {
        str(path): Left(kept["tool"], kept["after"], kept["profile"])
        for path, kept in content["files"].items()
        if _is(_HASH, kept["after"]) and _is(_NAME, kept.get("profile")) and _is(_NAME, kept["tool"])
    }
    return Peek(number, time, files)


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
