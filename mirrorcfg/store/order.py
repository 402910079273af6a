"""What a transaction is asked to do, and each file of it as it was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.files.place import Snapshot
from mirrorcfg.model.plan import Change, Plan

Check = Callable[[Mapping[Path, Path]], None]
Confirm = Callable[[], None]


class Order(NamedTuple):
    """A plan and what the history shall say of it.

    `check` judges the staged files, `halfway` is called while the contents `between` stand, and `confirm`
    judges the outcome.
    """

    plan: Plan
    command: str
    reason: str
    tools: Mapping[str, str]
    check: Check | None = None
    confirm: Confirm | None = None
    halfway: Confirm | None = None


class Step(NamedTuple):
    """One file of the plan, as it was found."""

    change: Change
    found: Snapshot
    in_place: bool

    @property
    def actual(self) -> Path:
        """Where the file is on this machine."""
        return self.found.place.actual

    @property
    def expected(self) -> bytes | None:
        """What must stand there before the last step."""
        return self.change.before if self.change.between is None else self.change.between
