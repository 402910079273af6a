"""One look at the sources of every tool: who is asked, and what that shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from mirrorcfg.failover import Health, Sight, View, amiss, needed
from mirrorcfg.host import Host
from mirrorcfg.model.progress import Progress
from mirrorcfg.model.verdict import Probe, Verdict
from mirrorcfg.ops.sources import chain, lists, verify
from mirrorcfg.ops.sources.chain import Subject
from mirrorcfg.store import digest

Ask = Callable[[Sequence[Probe], int, float], Sequence[Verdict]]
"""Asks sources, to a level, within so many seconds; a verdict for each, in their order."""

_DEEPEST = 3
_WORST = (Health.OURS, Health.HARD, Health.SOFT, Health.UNTRIED, Health.SHALLOW, Health.OK)


class Seen(NamedTuple):
    """What came of a look at one tool: the view, and by profile the verdicts behind it."""

    view: View
    verdicts: Mapping[str, Sequence[Verdict]] = {}


class Look(NamedTuple):
    """How to look: `wide` asks the whole of each chain at once, rather than only once something is amiss.

    A wide look ends within `timeout` seconds, and another one takes three quarters of that more at most.
    """

    host: Host
    ask: Ask
    timeout: float
    now: Callable[[], float] = time.time
    wide: bool = False

    def at(self, found: Sequence[Subject]) -> dict[str, Seen]:
        """Every tool's sources, all at once."""
        started = time.monotonic()
        names = {each.tool: _whole(each) if self.wide else needed(each.chain, each.track) for each in found}
        seen = self._asked(found, names, started)
        again = [
            each
            for each in found
            if amiss(each.track, seen[each.tool].view) and set(names[each.tool]) != set(_whole(each))
        ]
        if again:
            # All of it once more: a glitch of our own network must not be held against one source alone.
            names = {each.tool: _whole(each) for each in again}
            seen |= self._asked(again, names, time.monotonic())
        dark = [each for each in found if amiss(each.track, seen[each.tool].view)]
        if dark and not any(seen[each.tool].view.online for each in dark) and self._online(dark, started):
            lit = {each.tool: seen[each.tool] for each in dark}
            seen |= {tool: each._replace(view=each.view._replace(online=True)) for tool, each in lit.items()}
        return seen

    def _asked(
        self, found: Sequence[Subject], names: Mapping[str, Sequence[str]], started: float
    ) -> dict[str, Seen]:
        rows = [
            (each.tool, name, probe)
            for each in found
            for name in names[each.tool]
            for probe in chain.probes(self.host, each, name)
        ]
        # A tool may have taken its time to say what its own default is.
        left = max(self.timeout / 2, self.timeout * 0.75 - (time.monotonic() - started))
        verdicts = self.ask([probe for _, _, probe in rows], _DEEPEST, left) if rows else []
        online, now = any(map(_answered, verdicts)), self.now()
        seen = {}
        for each in found:
            mine: dict[str, list[Verdict]] = {name: [] for name in names[each.tool]}
            for (tool, name, _), verdict in zip(rows, verdicts, strict=True):
                if tool == each.tool:
                    mine[name].append(verdict)
            sights = {name: sight(verdicts) for name, verdicts in mine.items()}
            seen[each.tool] = Seen(View(sights, online, now), mine)
        return seen

    def _online(self, found: Sequence[Subject], started: float) -> bool:
        points = chain.control_points(self.host, found)
        left = max(self.timeout / 4, self.timeout - (time.monotonic() - started))
        return any(map(_answered, self.ask(points, 1, left))) if points else False


def sight(verdicts: Sequence[Verdict]) -> Sight:
    """What several sources of one profile amount to: each that counts must pass; the worst says why not."""
    if not verdicts:
        return Sight(Health.UNKNOWN, "not-asked")
    verdicts = lists.counted(verdicts)
    worst = min(verdicts, key=lambda each: _WORST.index(_health(each)))
    # They may have a login in them, so a digest tells them apart.
    addresses = digest("\n".join(sorted({each.probe.url for each in verdicts})).encode())
    return Sight(_health(worst), worst.code, addresses or "")


def over_the_network(probes: Sequence[Probe], level: int, seconds: float) -> Sequence[Verdict]:
    """Ask the real sources."""
    return verify.ask(probes, verify.Depth(level, seconds))


def before_eyes(progress: Progress) -> Ask:
    """The same for somebody who waits."""
    return lambda probes, level, seconds: verify.ask(probes, verify.Depth(level, seconds), progress)


def _whole(subject: Subject) -> tuple[str, ...]:
    names = [subject.track.using or "", *(candidate.name for candidate in subject.chain)]
    return tuple(dict.fromkeys(names))


def _answered(verdict: Verdict) -> bool:
    """Did somebody beyond this machine answer, and prove who they are?"""
    ours = _kind(verdict.code) is Health.OURS
    return verdict.level > 0 and not ours and not chain.local(verdict.probe.url)


def _health(verdict: Verdict) -> Health:
    kind = _kind(verdict.code)
    return Health.SHALLOW if kind is Health.OK and verdict.level < _DEEPEST else kind


def _kind(code: str) -> Health:
    from mirrorcfg.verifier import CODES

    return Health(CODES[code].kind.value)
