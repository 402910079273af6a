"""Mirrors of one registry are a list: a client that one of them fails goes on to the next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from mirrorcfg.model.result import Finding
from mirrorcfg.model.verdict import Probe, Verdict
from mirrorcfg.sentence import sentence


def counted(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts that their clients go by: of a list the first that works, if its client gets that far.

    Every other source is asked for its own sake, and counts.
    """
    found: list[Verdict] = []
    for _, group in groupby(verdicts, lambda each: _list(each.probe)):
        each = list(group)
        serving = _serving(each) if each[0].probe.client.protocol == "registry" else None
        found += each if serving is None else [serving]
    return found


def passed_over(verdicts: Sequence[Verdict]) -> list[Finding]:
    """What is to be said of those that count for nothing, since another one serves."""
    kept = counted(verdicts)
    return [
        Finding(
            "mirror-passed-over",
            sentence(
                "{tool} passes over {url}: {message}",
                tool=each.probe.tool,
                url=each.probe.url,
                message=each.message,
            ),
            each.hint,
            each.probe.tool,
            each.probe.url,
        )
        for each in verdicts
        if not each.ok and not any(each is other for other in kept)
    ]


def _list(probe: Probe) -> tuple[str | None, str, str, str]:
    return probe.profile, probe.tool, probe.role, probe.registry


def _serving(verdicts: Sequence[Verdict]) -> Verdict | None:
    for verdict in verdicts:
        if verdict.ok:
            return verdict
        if verdict.stays:
            break
    return None
