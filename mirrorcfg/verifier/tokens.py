"""Tokens for a registry: where to ask for one, and what the answer holds.

Source of the rules: the distribution project's "Token Authentication".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

from mirrorcfg.sentence import clause, sentence
from mirrorcfg.verifier.challenge import Challenge
from mirrorcfg.verifier.codes import Failure, message
from mirrorcfg.verifier.exchange import Exchange
from mirrorcfg.verifier.url import Url, parse

LIMIT = 1 << 16
_TOKEN = re.compile(r"[!-~]+")  # visible characters: RFC 9110, section 5.5, and no space at either end


def bearer(found: Iterable[Challenge]) -> Challenge | None:
    """The challenge that a token answers, if there is one."""
    return next((item for item in found if item.scheme == "bearer" and "realm" in item.parameters), None)


async def token(exchange: Exchange, asked: Challenge, image: str | None, at: Url) -> str:
    """A token to pull `image`, or just any, from the registry at that address.

    Raises Failure token-refused or token-service-failed.
    """
    url, host = realm(asked, image), at.host
    if url is None:
        raise _none(host, sentence("its realm is no address"))
    # The login is for the source: another registry's token service doesn't get it.
    login = exchange.authorization if at.origin == exchange.url.origin else None
    try:
        reply = await exchange.get(url, limit=LIMIT, authorization=login)
        reply.good()
    except Failure as failure:
        if failure.code.startswith("tls-"):
            raise
        if failure.code in ("http-401", "http-403"):
            raise Failure("token-refused", host=host, detail=failure.facts["status"]) from None
        raise _none(host, clause(message(failure.code, failure.facts))) from None
    if (found := granted(reply.body)) is None:
        raise _none(host, sentence("its answer holds no token"))
    return found


def realm(asked: Challenge, image: str | None) -> Url | None:
    """Where to ask for a token to pull `image`; None where the challenge names no address."""
    wanted = {
        "service": asked.parameters.get("service", ""),
        "scope": f"repository:{image}:pull" if image else "",
    }
    try:
        url = parse(asked.parameters.get("realm", ""))
    except ValueError:
        return None
    own = [pair for pair in parse_qsl(url.query, keep_blank_values=True) if not wanted.get(pair[0])]
    return url._replace(query=urlencode([*own, *(pair for pair in wanted.items() if pair[1])]))


def granted(body: bytes) -> str | None:
    """The token in a token service's answer, if it is one that fits into a header."""
    try:
        data = json.loads(body)
        found = data.get("token") or data.get("access_token")
    except (ValueError, RecursionError, AttributeError):
        return None
    return found if isinstance(found, str) and _TOKEN.fullmatch(found) else None


def _none(host: str, detail: str) -> Failure:
    return Failure("token-service-failed", host=host, detail=detail)
