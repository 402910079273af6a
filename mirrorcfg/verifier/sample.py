"""Does a source hand out a file that it lists? A ranged request, and the whole file where that is small."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from mirrorcfg.verifier import page
from mirrorcfg.verifier.codes import Failure, sentence
from mirrorcfg.verifier.exchange import Exchange
from mirrorcfg.verifier.file import File
from mirrorcfg.verifier.reply import Reply
from mirrorcfg.verifier.url import Url, parse

WHOLE = 1 << 18  # bytes: a file up to this size is fetched whole, and its hash checked
_TRIES = 3
_GONE = {"http-404"}
_BLOCKED = {
    "http-401",
    "http-403",
    "http-4xx",
    "dns-failure",
    "dns-timeout",
    "connect-refused",
    "connect-timeout",
    "connect-reset",
    "unreachable",
    "redirects-to",
    "captive-portal",
}
_MAGIC = {
    ".whl": b"PK",
    ".zip": b"PK",
    ".egg": b"PK",
    ".conda": b"PK",
    ".gz": b"\x1f\x8b",
    ".tgz": b"\x1f\x8b",
    ".bz2": b"BZh",
    ".xz": b"\xfd7z",
}


async def fetch(exchange: Exchange, files: Sequence[File], missing: str) -> None:
    """Fetch one of `files`. Raises Failure: `missing` where none of them is there, and others."""
    last: Failure | None = None
    for file in files[:_TRIES]:
        try:
            await _fetched(exchange, file)
        except Failure as failure:
            last = failure
            if failure.code not in _GONE and failure.code != missing:
                break
        else:
            return
    if last is not None:
        raise _named(last, missing)


async def _fetched(exchange: Exchange, file: File) -> None:
    url = address(file.url)
    reply = await _asked(exchange, url)
    exchange.checked(reply, url)
    facts = {"url": file.url, "host": reply.url.host}
    if page.is_html(reply.body) and _magic(file.name):
        if page.is_login(reply.body):
            raise Failure("captive-portal", **facts)
        raise Failure("http-404", **facts, detail="a web page comes in its place")
    length = total(reply)
    if file.size is not None and length is not None and length != file.size:
        raise Failure("hash-mismatch", **facts, detail=f"{length} bytes long, listed with {file.size}")
    if length is not None and len(reply.body) == length:
        _compare(file, reply.body, facts)
    elif not reply.body.startswith(_magic(file.name)[: len(reply.body)]):
        raise Failure("hash-mismatch", **facts, detail="it begins as no such file does")


async def _asked(exchange: Exchange, url: Url) -> Reply:
    headers = {"accept-encoding": "identity", "range": f"bytes=0-{WHOLE - 1}"}
    reply = await exchange.get(url, limit=WHOLE + 1, headers=headers)
    if reply.status != 416:
        return reply
    return await exchange.get(url, limit=WHOLE + 1, headers={"accept-encoding": "identity"})


def _compare(file: File, body: bytes, facts: dict[str, str]) -> None:
    for kind, value in file.hashes:
        if kind not in ("sha256", "sha384", "sha512", "sha1", "md5"):
            continue
        if hashlib.new(kind, body, usedforsecurity=False).hexdigest() != value.lower():
            raise Failure("hash-mismatch", **facts, detail=f"its {kind} is another")


def total(reply: Reply) -> int | None:
    """How long the whole file is, as far as the answer says."""
    if reply.status == 206:
        text = reply.headers.get("content-range", "").rpartition("/")[2]
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    text = reply.headers.get("content-length", "")
    if text.isascii() and text.isdigit() and len(text) < 19 and "content-encoding" not in reply.headers:
        return int(text)
    return len(reply.body) if reply.complete else None


def _magic(name: str) -> bytes:
    return next((magic for ending, magic in _MAGIC.items() if name.lower().endswith(ending)), b"")


def address(text: str) -> Url:
    """Where a listed file is. Raises Failure malformed."""
    try:
        return parse(text)
    except ValueError:
        raise Failure("malformed", host="the index", detail="it lists a file at no address") from None


def _named(failure: Failure, missing: str) -> Failure:
    if failure.code in _GONE:
        return Failure(missing, **{"detail": "HTTP 404", **failure.facts})
    if failure.code in _BLOCKED:
        detail = sentence(failure.code, failure.facts)
        return Failure("file-host-blocked", **{**failure.facts, "detail": detail.rstrip(".")})
    return failure
