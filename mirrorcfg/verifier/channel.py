"""A channel: is a source one, for every machine and for this one, and does it hand out a package?"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from mirrorcfg.sentence import sentence
from mirrorcfg.verifier import page, repodata, sample
from mirrorcfg.verifier.body import can_unpack
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.exchange import Exchange
from mirrorcfg.verifier.file import File
from mirrorcfg.verifier.reply import Reply
from mirrorcfg.verifier.repodata import Beginning
from mirrorcfg.verifier.url import Url

NAMES = ("conda-forge", "main", "bioconda")  # what to look for below an alias
_LIMIT = 1 << 17  # of repodata's content
_FORMS = (("repodata.json.zst", "zstd"), ("repodata.json", None))
_REFUSED = {"http-401", "http-403", "http-404", "http-429", "http-4xx"}
_SHARDS = "repodata_shards.msgpack.zst"
_ZSTD = b"\x28\xb5\x2f\xfd"  # how a frame begins (RFC 8878, section 3.1.1)
_LISTING = 1 << 18


@dataclass(frozen=True)
class _Part:
    subdir: str
    reply: Reply
    beginning: Beginning


def this_subdir() -> str:
    """The subdir of this machine's platform (conda's `base/context.py`)."""
    machine = platform.machine().lower()
    arch = {"x86_64": "64", "amd64": "64", "i686": "32", "arm64": "arm64", "aarch64": "aarch64"}
    system = {"darwin": "osx", "win32": "win"}.get(sys.platform, "linux")
    return f"{system}-{arch.get(machine, machine)}"


async def check(exchange: Exchange, level: int, subdir: str | None) -> None:
    """Judge a channel, or an alias of channels. Raises Failure; what passed is in the exchange."""
    if level < 2:
        await exchange.get(exchange.url, limit=0)
        return
    alias = exchange.probe.role == "channel-alias"
    base = await _below_alias(exchange) if alias else exchange.url
    if base is None:
        exchange.warn("nothing-to-fetch")
        return
    parts = await _parts(exchange, base, subdir or this_subdir())
    exchange.level = 2
    exchange.learnt["parts"] = {part.subdir: part.reply for part in parts}
    if level < 3:
        return
    tried = [part.beginning.packages[:3] for part in parts if part.beginning.packages]
    await exchange.each(_samples(exchange, tried), _shards(exchange, base))
    if tried:
        exchange.level = 3
    elif "only-zstd" not in exchange.warnings:
        exchange.warn("nothing-to-fetch")


async def _samples(exchange: Exchange, packages: Sequence[Sequence[File]]) -> None:
    for some in packages:
        await sample.fetch(exchange, some, "package-missing")


async def _shards(exchange: Exchange, base: Url) -> None:
    """Raises Failure where what stands in the place of a shard index isn't one: conda stops at that."""
    if not exchange.probe.client.shards:
        return
    url = base.below(f"noarch/{_SHARDS}")
    headers = {"accept": "*/*", "accept-encoding": "identity"}
    reply = await exchange.get(url, limit=1 << 12, headers=headers)
    if reply.status == 200 and reply.body and not reply.body.startswith(_ZSTD):
        raise Failure("shards-broken", url=str(url), host=url.host)


async def _parts(exchange: Exchange, base: Url, subdir: str) -> list[_Part]:
    """noarch, and this machine's subdir where the channel has it: one by one, over one connection."""
    try:
        noarch = await _part(exchange, base, "noarch")
    except Failure as failure:
        if "absent" in failure.facts:
            await _part(exchange, base, subdir)  # what is wrong with that one may say more
        raise
    try:
        return [noarch, await _part(exchange, base, subdir)]
    except Failure as failure:
        if "absent" not in failure.facts:
            raise
        if not noarch.beginning.packages or await _lost(exchange, base, subdir):
            raise Failure(
                "subdir-missing", url=str(base).rstrip("/"), subdir=subdir, host=exchange.url.host
            ) from None
    exchange.warn("subdir-not-carried")
    return [noarch]


async def _part(exchange: Exchange, base: Url, subdir: str) -> _Part:
    """A subdir's repodata in the first form that is there. Raises Failure: not-a-channel, http-…"""
    place = base.below(f"{subdir}/")
    for name, packed in _FORMS:
        if packed is not None and not can_unpack(packed):
            continue  # zstd: asked for last, where it is all that there is
        try:
            return await _form(exchange, place, subdir, name, packed)
        except Failure as failure:
            # conda goes on to .json where .zst is refused or isn't zstd; with anything else it stops (tried).
            gone = {"http-404"} if packed is None else _REFUSED
            if failure.code not in gone and "passed" not in failure.facts:
                raise
            if "passed" in failure.facts:
                exchange.warn("zst-broken")
    if not can_unpack("zstd") and (sealed := await _sealed(exchange, place)) is not None:
        exchange.warn("only-zstd")
        return _Part(subdir, sealed, Beginning(subdir, ()))
    raise Failure(
        "not-a-channel",
        url=str(base).rstrip("/"),
        absent=True,
        detail=sentence("it has no {subdir}/repodata.json", subdir=subdir),
    )


async def _form(exchange: Exchange, place: Url, subdir: str, name: str, packed: str | None) -> _Part:
    url = place.below(name)
    headers = {"accept": "*/*", "accept-encoding": "gzip, deflate" if packed is None else "identity"}
    try:
        reply = await exchange.get(url, limit=_LIMIT, headers=headers, packed=packed)
    except Failure as failure:
        if failure.code != "malformed" or not packed:
            raise
        raise await _not_packed(exchange, url, sentence("its {file} can't be unpacked", file=name)) from None
    if packed is None:
        await exchange.check_blocking(reply, url)
    exchange.checked(reply, url)
    if page.is_login(reply.body):
        raise Failure("captive-portal", host=reply.url.host, url=str(reply.url))
    text = reply.body.decode("utf-8", "replace")
    beginning = repodata.read(text, str(place), complete=reply.complete)
    if beginning is None:
        raise Failure("not-a-channel", url=place, detail=sentence("its {file} isn't repodata", file=name))
    if beginning.subdir not in (None, subdir):
        raise Failure(
            "not-a-channel",
            url=place,
            detail=sentence("its repodata is for {subdir}", subdir=beginning.subdir),
        )
    return _Part(subdir, reply, beginning)


async def _sealed(exchange: Exchange, place: Url) -> Reply | None:
    """The beginning of what a tool can unpack and this Python can't; None if it isn't there."""
    headers = {"accept": "*/*", "accept-encoding": "identity"}
    reply = await exchange.get(place.below("repodata.json.zst"), limit=len(_ZSTD), headers=headers)
    return reply if reply.status == 200 and reply.body == _ZSTD else None


async def _not_packed(exchange: Exchange, url: Url, detail: str) -> Failure:
    """What came in the place of a compressed file: a login page, or something else."""
    reply = await exchange.get(url, limit=_LIMIT)
    if page.is_login(reply.body):
        return Failure("captive-portal", host=reply.url.host, url=str(reply.url))
    failure = Failure("not-a-channel", url=str(url), detail=detail)
    return failure.about(passed=True) if reply.body and not reply.body.startswith(_ZSTD) else failure


async def _lost(exchange: Exchange, base: Url, subdir: str) -> bool:
    """Whether the channel's own list of subdirs names this one, which isn't there."""
    try:
        reply = await exchange.get(base.below("channeldata.json"), limit=_LISTING)
    except Failure:
        return False
    try:
        listed = json.loads(reply.body).get("subdirs") if reply.status == 200 else None
    except (ValueError, RecursionError, AttributeError):
        return False
    return isinstance(listed, list) and subdir in listed


async def _below_alias(exchange: Exchange) -> Url | None:
    """The first well-known channel below an alias; None if it has none of them."""
    for name in NAMES:
        base = exchange.url.below(name)
        try:
            await _part(exchange, base, "noarch")
        except Failure as failure:
            if failure.code != "not-a-channel" or "absent" not in failure.facts:
                raise
        else:
            return base
    return None
