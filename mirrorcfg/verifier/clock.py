"""Is the certificate out of date, or this machine's clock?

A server whose certificate is refused can't be asked over TLS. What time it is then comes from servers that
passed verification in the same call, or from an unencrypted answer's Date. The latter proves nothing, and
decides nothing but which sentence is shown: the source has failed either way.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing, closing

from mirrorcfg.formats.x509 import Certificate
from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.exchange import Means, clock_offset
from mirrorcfg.verifier.url import Url
from mirrorcfg.verifier.wire.network import Network, Patience, Progress
from mirrorcfg.verifier.wire.route import Route
from mirrorcfg.verifier.wire.session import Session

NOTABLE = 3600.0  # seconds: a source that works is only remarked on from here on
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
TIMED = {"tls-expired", "tls-not-yet-valid"}


def explained(failure: Failure, offsets: Sequence[float]) -> Failure:
    """This failure, or clock-skew if the certificate is valid by the servers' clocks."""
    seen = failure.facts.get("certificate")
    if failure.code not in TIMED or not offsets or not isinstance(seen, Certificate):
        return failure
    offset = sorted(offsets)[len(offsets) // 2]
    now = time.time()
    if abs(offset) < _MINUTE or not _valid(seen, now + offset) or _valid(seen, now):
        return failure
    return Failure("clock-skew", skew=skew(offset), host=failure.facts.get("host", ""))


def skew(offset: float) -> str:
    """An offset of the servers' clocks in words: "3 days behind"."""
    seconds = abs(offset)
    units = (_DAY, _HOUR, _MINUTE, 1)
    unit = next((unit for unit in units if seconds >= unit), 1)
    number = round(seconds / unit)
    span = {
        _DAY: sentence("{number} days", number=number),
        _HOUR: sentence("{number} hours", number=number),
        _MINUTE: sentence("{number} minutes", number=number),
        1: sentence("{number} seconds", number=number),
    }[unit]
    if number == 1:
        one = sentence("1 day"), sentence("1 hour"), sentence("1 minute"), sentence("1 second")
        span = one[units.index(unit)]
    behind, ahead = sentence("{span} behind", span=span), sentence("{span} ahead", span=span)
    return behind if offset > 0 else ahead


async def timed(means: Means, url: Url, failure: Failure, patience: float) -> Failure:
    """The failure of a source at `url`, after asking for the time where that may explain it."""
    if failure.code not in TIMED or means.offsets:
        return failure
    host = str(failure.facts.get("host") or url.host)
    ports = (url.number, 80) if host == url.host else (443, 80)
    return explained(failure, await asked(means, host, ports, patience))


async def asked(means: Means, host: str, ports: Sequence[int], patience: float) -> list[float]:
    """The offset that `host` shows in an answer without TLS, on the first of `ports` that has one."""
    for port in dict.fromkeys(ports):
        try:
            async with asyncio.timeout(patience):
                offset = await _plain(means, host, port, patience)
        except (TimeoutError, Failure):
            continue
        if offset is not None:
            return [offset]
    return []


async def _plain(means: Means, host: str, port: int, patience: float) -> float | None:
    route = Route(Network(means.resolver, Patience.within(patience), Progress()))
    with closing(Session(route)) as session:
        answer = await session.ask("HEAD", Url("http", host, port), {"connection": "close"})
        async with aclosing(answer):
            return clock_offset(answer.headers, time.time())


def _valid(seen: Certificate, at: float) -> bool:
    return seen.not_before.timestamp() <= at <= seen.not_after.timestamp()
