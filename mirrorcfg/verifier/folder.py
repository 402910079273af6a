"""A folder of files: is it there, and does it hold what its tool would take from it?"""

from __future__ import annotations

from mirrorcfg.sentence import sentence
from mirrorcfg.verifier import page
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.exchange import Exchange
from mirrorcfg.verifier.url import Url

_BEGINNING = 1024
_MAGIC = {".gz": b"\x1f\x8b", ".bz2": b"BZh", ".zst": b"\x28\xb5\x2f\xfd"}


async def check(exchange: Exchange, level: int) -> None:
    """Judge a folder by the files of the probe. Raises Failure; what passed is in the exchange."""
    files = exchange.probe.files or ()
    if level < 2 or not files:
        await exchange.get(exchange.url, limit=0)
        if level > 1:
            exchange.warn("nothing-to-fetch")
        return
    for name in files:
        await _held(exchange, exchange.url.below(name), name)
    exchange.level = min(level, 3)


async def _held(exchange: Exchange, url: Url, name: str) -> None:
    headers = {"accept-encoding": "identity", "range": f"bytes=0-{_BEGINNING - 1}"}
    reply = await exchange.get(url, limit=_BEGINNING, headers=headers)
    await exchange.check_blocking(reply, url)
    facts = {"url": str(url), "host": reply.url.host}
    if reply.status in (404, 410):
        raise Failure("asset-missing", **facts, detail=f"HTTP {reply.status}")
    exchange.checked(reply, url)
    if page.is_login(reply.body):
        raise Failure("captive-portal", **facts)
    if not reply.body.startswith(next((magic for end, magic in _MAGIC.items() if name.endswith(end)), b"")):
        raise Failure("asset-missing", **facts, detail=sentence("something else comes in its place"))
