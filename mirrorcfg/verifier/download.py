"""One small file from one address, with the trust, the proxies and the bounds of every other exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from mirrorcfg import __version__
from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.model.verdict import Probe
from mirrorcfg.redact import redact
from mirrorcfg.verifier import clock
from mirrorcfg.verifier.codes import Failure, hint, sentence
from mirrorcfg.verifier.exchange import Exchange, Means
from mirrorcfg.verifier.trust import Trust
from mirrorcfg.verifier.wire.network import Patience

_TOOL = "mirrorcfg"


async def fetched(
    url: str,
    limit: int,
    timeout: float,
    environ: Mapping[str, str],
    ca_file: str | None,
    authorization: str | None,
) -> bytes:
    """What stands at `url`, at most `limit` bytes, within `timeout` seconds. Raises MirrorcfgError."""
    means = Means(environ, Patience.within(timeout), Trust(environ))
    facts: dict[str, object] = {"url": url, "tool": _TOOL}
    try:
        exchange = Exchange(Probe(_TOOL, "profile", url, None, ca_file, authorization), means)
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
        told = sentence(failure.code, facts)
        raise MirrorcfgError(failure.code, told, path=redact(url), hint=hint(failure.code, facts)) from None


def overtaken(url: str) -> MirrorcfgError:
    """The error for what didn't come to its end in time."""
    facts: dict[str, object] = {"url": url, "tool": _TOOL, "host": url}
    return MirrorcfgError(
        "deadline", sentence("deadline", facts), path=redact(url), hint=hint("deadline", facts)
    )


async def _body(exchange: Exchange, limit: int) -> bytes:
    reply = await exchange.get(exchange.url, limit=limit + 1, client=f"{_TOOL}/{__version__}")
    exchange.checked(reply, exchange.url)
    if not reply.complete:
        raise Failure("too-large", url=str(reply.url))
    return reply.body
