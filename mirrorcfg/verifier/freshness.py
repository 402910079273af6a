"""Is a source behind another one of the same call? Said only where what both serve proves it.

An index is `stale` if it names an older serial for a project than another index does (the number that the
package registry gives each change; bandersnatch and the registry itself tell it), and lacks a file that was
uploaded days ago. A channel is only remarked on: its repodata is older by days than that of a channel of the
same name, and another; an organization's own selection looks just like that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mirrorcfg.model.verdict import Verdict
from mirrorcfg.verifier.codes import hint, message
from mirrorcfg.verifier.exchange import Exchange
from mirrorcfg.verifier.page import Page
from mirrorcfg.verifier.reply import Reply

DAYS = 3
_DAY = 86400
_State = tuple[object, ...]


def compared(verdicts: Sequence[Verdict], exchanges: Sequence[Exchange | None]) -> list[Verdict]:
    """The verdicts, `stale` for those that are provably behind another source."""
    good = [
        exchange
        for verdict, exchange in zip(verdicts, exchanges, strict=True)
        if verdict.ok and exchange is not None
    ]
    others = _distinct(good)
    return [
        _judged(verdict, exchange, others) if verdict.ok and exchange is not None else verdict
        for verdict, exchange in zip(verdicts, exchanges, strict=True)
    ]


def _distinct(good: Sequence[Exchange]) -> dict[_State, list[Exchange]]:
    """Those worth comparing with: two hosts of each state that is served, so that one is always another's."""
    found: dict[_State, dict[str, Exchange]] = {}
    for exchange in good:
        if (state := _state(exchange)) and len(hosts := found.setdefault(state, {})) < 2:
            hosts.setdefault(exchange.url.host, exchange)
    return {state: list(hosts.values()) for state, hosts in found.items()}


def _state(exchange: Exchange) -> _State:
    """What of a source can show that another one is behind; nothing where it can't."""
    page, parts = exchange.learnt.get("page"), exchange.learnt.get("parts")
    if isinstance(page, Page) and page.serial is not None:
        return "index", page.project, page.serial
    if not isinstance(parts, dict):
        return ()
    marks = [
        (subdir, _file(reply), *map(reply.headers.get, ("content-length", "last-modified")))
        for subdir, reply in sorted(parts.items())
    ]
    return "channel", *_name(exchange), *marks


def _judged(verdict: Verdict, mine: Exchange, served: Mapping[_State, Sequence[Exchange]]) -> Verdict:
    own = _state(mine)
    for other in (other for state, others in served.items() if state != own for other in others):
        if other.url.host == mine.url.host:
            continue
        if (days := _index(mine, other)) >= DAYS:
            facts = {"host": mine.url.host, "other": other.url.host, "days": days}
            told, advice = message("stale", facts), hint("stale", facts)
            return replace(verdict, ok=False, code="stale", message=told, hint=advice)
        if _channel(mine, other) >= DAYS:
            return replace(verdict, warnings=(*verdict.warnings, "stale"))
    return verdict


def _index(mine: Exchange, other: Exchange) -> int:
    """How many days ago a file was uploaded that `other` has and an older state of the index hasn't."""
    here, there = mine.learnt.get("page"), other.learnt.get("page")
    if not isinstance(here, Page) or not isinstance(there, Page) or here.project != there.project:
        return 0
    if here.serial is None or there.serial is None or here.serial >= there.serial or here.cut:
        return 0
    names = {file.name for file in here.files}
    ages = [_age(file.uploaded) for file in there.files if file.uploaded and file.name not in names]
    return max(ages, default=0)


def _age(text: str) -> int:
    try:
        uploaded = datetime.fromisoformat(text)
        return int(
            (datetime.now(UTC) - uploaded.replace(tzinfo=uploaded.tzinfo or UTC)).total_seconds() // _DAY
        )
    except (ValueError, OverflowError):
        return 0


def _channel(mine: Exchange, other: Exchange) -> int:
    if _name(mine) != _name(other):
        return 0
    return max((_older(here, there) for here, there in _pairs(mine, other)), default=0)


def _name(exchange: Exchange) -> list[str]:
    """What a channel is called."""
    return exchange.url.path.rstrip("/").split("/")[-2:]


def _file(reply: Reply) -> str:
    return reply.url.path.rpartition("/")[2]


def _pairs(mine: Exchange, other: Exchange) -> Iterator[tuple[Reply, Reply]]:
    here, there = mine.learnt.get("parts"), other.learnt.get("parts")
    if isinstance(here, dict) and isinstance(there, dict):
        for subdir in here.keys() & there.keys():
            yield here[subdir], there[subdir]


def _older(here: Reply, there: Reply) -> int:
    length = "content-length"
    if _file(here) != _file(there):
        return 0
    if length not in here.headers or here.headers[length] == there.headers.get(length):
        return 0
    try:
        times = [parsedate_to_datetime(reply.headers["last-modified"]).timestamp() for reply in (here, there)]
    except (KeyError, ValueError, TypeError, OverflowError):
        return 0
    return int((times[1] - times[0]) // _DAY)
