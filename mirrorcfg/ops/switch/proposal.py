"""What would be done, for somebody who is asked about it first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.formats.patch import unified
from mirrorcfg.host import Host
from mirrorcfg.host.layers import ToolLayers, layers_of
from mirrorcfg.model.machine import Scope
from mirrorcfg.model.plan import Plan
from mirrorcfg.model.result import Finding
from mirrorcfg.redact import redact
from mirrorcfg.wording import visible


class Verified(NamedTuple):
    """How many sources were asked and passed, and how many milliseconds that took."""

    sources: int
    ms: float


class Reason(NamedTuple):
    """Why a tool is to leave its source: whose that is, what was found of it, and where the tool goes."""

    from_: str | None
    to: str | None
    code: str
    message: str | None


class Proposal(NamedTuple):
    """A plan, the addresses that each tool would ask then, and what should be known before that."""

    changes: Plan
    uses: Mapping[str, Sequence[str]]
    diffs: Callable[[], Mapping[str, str]]
    profiles: Mapping[str, str] = {}
    notes: Sequence[Finding] = ()
    verified: Verified | None = None
    reasons: Mapping[str, Reason] = {}


Consent = Callable[[Proposal], bool]
"""Shown what would be done; says yes or no."""


def proposal(
    host: Host,
    changes: Plan,
    *,
    profiles: Mapping[str, str],
    scopes: Mapping[str, Scope | None] | None = None,
) -> Proposal:
    """The plan with what comes of it; `scopes` are those of the files that it changes, by tool."""
    uses: dict[str, Sequence[str]] = {}
    for tool in dict.fromkeys(change.tool for change in changes.edits):
        after = {change.path: change.after for change in changes.changes if change.tool == tool}
        try:
            uses[tool] = layers_of(host, tool, (scopes or {}).get(tool)).having(after).asked()
        except MirrorcfgError:  # it is known by its files alone then
            uses[tool] = []
    return Proposal(changes, uses, partial(patches, host, changes), profiles)


def patches(host: Host, changes: Plan) -> dict[str, str]:
    """A unified diff of each file that would change, by path."""
    found = {}
    for change in changes.edits:
        name, layers = visible(str(change.path)), ToolLayers(change.tool, (), {}, host)
        binary = host.is_certificate(change.path)
        old, new = (
            # Masked before they are compared: a hunk may not show what a line in it belongs to.
            redact((raw or b"").decode("latin-1") if binary else layers.text(raw)).splitlines()
            for raw in (change.before, change.after)
        )
        found[str(change.path)] = unified(old, new, name, name)
    return found
