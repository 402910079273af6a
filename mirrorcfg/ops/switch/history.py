"""`history`: every generation there is, the latest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mirrorcfg.host import Host, others
from mirrorcfg.model.result import Finding, Result


class Entry(NamedTuple):
    """One generation: when it was made (RFC 3339, UTC), by what and why, and the profile of each tool."""

    number: int
    time: str
    command: str
    reason: str
    tools: Mapping[str, str]


class History(NamedTuple):
    """The generations, the latest first."""

    generations: Sequence[Entry]


def history(host: Host) -> Result[History]:
    """All generations that are still kept."""
    host.store.settle()
    generations = [
        Entry(each.number, each.time, each.command, each.reason, dict(each.tools))
        for each in host.store.history()
    ]
    damaged = [Finding.of(error) for error in host.store.damaged()]
    findings = [*damaged, *others.mentioned(others.other(host)), *host.configuration.findings]
    return Result("history", History(generations), findings=findings)
