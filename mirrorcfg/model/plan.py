"""A plan: the files that would change, with their bytes before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from mirrorcfg.model.machine import Scope

Action = Literal["created", "changed", "removed", "unchanged", "skipped"]


class User(NamedTuple):
    """The account whose rights are used for a file, where they aren't the caller's own (sudo)."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()


class Change(NamedTuple):
    """One file: what stood there when the plan was made and what shall stand there. None is no file."""

    tool: str
    path: Path
    before: bytes | None
    after: bytes | None
    secret: bool = False  # a new file holds a credential: 0600
    user: User | None = None  # with whose rights
    between: bytes | None = None  # what stands there for a moment on the way, there and back
    profile: str | None = None  # whose sources will stand in it, where it is the tool's own
    scope: Scope | None = None  # the one that it is written for

    @property
    def contents(self) -> tuple[bytes | None, ...]:
        """All that stands there at some time."""
        return self.before, self.after, self.between

    @property
    def action(self) -> Action:
        """What this change does to the file."""
        if self.before == self.after:
            return "unchanged"
        if self.before is None:
            return "created"
        return "removed" if self.after is None else "changed"


class Plan(NamedTuple):
    """All changes that belong together: they happen as one, or not at all."""

    changes: tuple[Change, ...]

    @property
    def edits(self) -> tuple[Change, ...]:
        """The changes that really change something."""
        return tuple(change for change in self.changes if change.action != "unchanged")
