"""A generation: one committed change, and where every file stood after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mirrorcfg.model.machine import Scope


class Kept(NamedTuple):
    """Where one file stands after a generation; hashes are SHA-256 in hex, None is no file.

    `origin` is its content before mirrorcfg first touched it. `foreign` is the number of the latest
    generation that found it edited by someone else since the generation before (0: never), so a return
    to an older one than that must not bring back whole bytes. `profile` is the one whose sources a tool's own
    file is set to; None where it is back to what it was, or is a file beside the tool's own. `scope` is the
    one it was written for.
    """

    tool: str
    origin: str | None
    before: str | None
    after: str | None
    foreign: int = 0
    changed: bool = True  # by this very generation
    uid: int | None = None  # whose rights were used, where not the caller's
    profile: str | None = None
    scope: Scope | None = None


class Generation(NamedTuple):
    """Number, UTC time (RFC 3339), the command that made it and why, profiles by tool, files by path.

    `tools` is what was chosen last, wherever; what counts in one place is for `files` to say. `made` are the
    directories that mirrorcfg made for files of its own, and that were still there.
    """

    number: int
    time: str
    command: str
    reason: str
    tools: Mapping[str, str] = {}
    files: Mapping[str, Kept] = {}
    made: Sequence[str] = ()
