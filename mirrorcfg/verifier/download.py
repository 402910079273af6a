"""One small file from one address, with the trust, the proxies and the bounds of every other exchange."""

from __future__ import annotations

import asyncio

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.model.verdict import Probe
from mirrorcfg.redact import redact
from mirrorcfg.verifier import clock
from mirrorcfg.verifier.codes import Failure, hint, message
from mirrorcfg.verifier.exchange import Exchange, Means
from mirrorcfg.verifier.wire.network import Patience


async def fetched(probe: Probe, limit: int, timeout: float) -> bytes:
    """What stands there, at most `limit` bytes, within `timeout` seconds. Raises MirrorcfgError."""
    means = Means(Patience.within(timeout))
    url = probe.url
    facts: dict[str, object] = {"url": url, "tool": probe.tool}
    try:
        exchange = Exchange(probe, means)
        facts |= {"host": exchange.url.host, "origin": exchange.url.host}
        try:
            async with asyncio.timeout(timeout):
                return await _body(exchange, limit)
        except TimeoutError:
            raise exchange.overtaken(timeout) from None
        except Failure as failure:
            raise await clock.timed(means, exchange.url, failure, timeout / 5) from None
        finally:
            exchange.close()
    except Failure as failure:
        facts |= failure.facts
        told = message(failure.code, facts)
        raise MirrorcfgError(failure.code, told, path=redact(url), hint=hint(failure.code, facts)) from None


def overtaken(probe: Probe) -> MirrorcfgError:
    """The error for what didn't come to its end in time."""
    url = probe.url
    facts: dict[str, object] = {"url": url, "tool": probe.tool, "host": url}
    return MirrorcfgError(
        "deadline", message("deadline", facts), path=redact(url), hint=hint("deadline", facts)
    )


async def _body(exchange: Exchange, limit: int) -> bytes:
    reply = await exchange.get(exchange.url, limit=limit + 1)
    exchange.checked(reply, exchange.url)
    if not reply.complete:
        raise Failure("too-large", url=str(reply.url))
    return reply.body
