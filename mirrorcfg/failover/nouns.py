"""What the decision is made from, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, NamedTuple

Action = Literal["stay", "switch", "return", "hold"]


class Health(StrEnum):
    """How a source looked, as far as it matters for leaving or taking it."""

    OK = "ok"  # it passed at the deepest level
    SHALLOW = "shallow"  # nothing is wrong, but it had no file to try it by: kept, and not taken
    UNTRIED = "untried"  # nothing can be told of it: not taken, and kept unless it has passed before
    HARD = "hard"  # it is wrong: left at once
    SOFT = "soft"  # it is in trouble: left after several looks in a row
    OURS = "ours"  # this machine or its network is in the way: no reason to leave it
    UNKNOWN = "unknown"  # it was not asked


class Sight(NamedTuple):
    """One source at one look, and the code that says why it looks so; `addresses` tells it from any other."""

    health: Health
    code: str
    addresses: str = ""


class Candidate(NamedTuple):
    """A profile of the chain. A `local` one lies on this machine's own disk, and works without a network."""

    name: str
    domain: str
    local: bool = False


Chain = tuple[Candidate, ...]
"""In the order in which they are taken. It has what is in use too, where a profile names that."""


class Rules(NamedTuple):
    """How patient to be."""

    soft_failures: int = 3  # looks in a row until a source in trouble is left
    hold: float = 600.0  # seconds without a break that the first choice works before it is taken again
    gap: float = 300.0  # seconds between two looks beyond which nobody knows what was in between


class Track(NamedTuple):
    """What is remembered of one tool from look to look; every value is plain JSON."""

    using: str | None  # the profile in use; None where the source is the user's own, of no profile
    failures: int = 0  # looks in a row at which it was in trouble while others could be reached
    alone: int = 0  # looks in a row at which nothing beyond this machine's own disk worked
    home: str | None = None  # where to return to: what was in use before the first switch away
    well_since: float | None = None  # the wall clock when `home` began to work, if it does
    seen: float | None = None  # the wall clock at the last look, while there is a home to return to
    proven: str | None = None  # the addresses at which what is in use has passed since it is in use


class View(NamedTuple):
    """One look: what was seen of each profile, by name (the empty name: the user's own source).

    `online` says that somebody beyond this machine answered, whatever the answer, and proved who they are.
    `now` is the wall clock, in seconds.
    """

    sights: Mapping[str, Sight]
    online: bool
    now: float

    def of(self, name: str | None) -> Sight:
        """What was seen of one."""
        return self.sights.get(name or "", Sight(Health.UNKNOWN, "not-asked"))

    def works(self, name: str) -> bool:
        """Did it pass, in this very look?"""
        return self.of(name).health is Health.OK


class Decision(NamedTuple):
    """What to do for one tool; `to` is the profile to use from now on, `code` why."""

    action: Action
    to: str | None
    code: str
