"""Does a source hand out a file that it lists? A ranged request, and the whole file where that is small.

Where the metadata of a file is promised beside it (PEP 658), that is fetched at the same time: pip and uv ask
for it first, and go no further without it.
"""

from __future__ import annotations

from collections.abc import Sequence

from mirrorcfg.sentence import clause, sentence
from mirrorcfg.verifier import metadata, page
from mirrorcfg.verifier.codes import Failure, message
from mirrorcfg.verifier.exchange import Exchange
from mirrorcfg.verifier.file import File, address, compare
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
            await _whole(exchange, file)
        except Failure as failure:
            last = failure
            if failure.code not in _GONE and failure.code != missing:
                break
        else:
            return
    if last is not None:
        raise named(last, missing, "file-host-blocked")


async def _whole(exchange: Exchange, file: File) -> None:
    """A file, and what is promised beside it. Raises Failure, of the file first."""
    asked = [_fetched(exchange, file)]
    if file.metadata is not None:
        asked.append(metadata.fetch(exchange, file))
    await exchange.each(*asked)


async def _fetched(exchange: Exchange, file: File) -> None:
    url = address(file.url)
    reply = await _asked(exchange, url)
    exchange.checked(reply, url)
    facts = {"url": file.url, "host": reply.url.host}
    if page.is_html(reply.body) and _magic(file.name):
        if page.is_login(reply.body):
            raise Failure("captive-portal", **facts)
        raise Failure("http-404", **facts, detail=sentence("a web page comes in its place"))
    client, length = exchange.probe.client, total(reply)
    if reply.packed and client.protocol == "index" and not client.unpacks:
        raise Failure("hash-mismatch", **facts, detail=sentence("it comes compressed once more"))
    whole = length is not None and len(reply.body) == length
    hashed = whole and compare(file.hashes, reply.body, "hash-mismatch", facts)
    # pip and uv go by the hash and never look at a listed size; conda does.
    sized = file.size is not None and not (hashed and client.protocol == "index")
    if sized and length is not None and length != file.size:
        raise Failure(
            "hash-mismatch",
            **facts,
            detail=sentence("{length} bytes long, listed with {size}", length=length, size=file.size),
        )
    if not whole and not reply.body.startswith(_magic(file.name)[: len(reply.body)]):
        raise Failure("hash-mismatch", **facts, detail=sentence("it begins as no such file does"))
    if reply.url.host not in (exchange.url.host, parse(exchange.final_url or str(url)).host):
        exchange.files_from = reply.url.host


async def _asked(exchange: Exchange, url: Url) -> Reply:
    headers = {"accept-encoding": "identity", "range": f"bytes=0-{WHOLE - 1}"}
    reply = await exchange.get(url, limit=WHOLE + 1, headers=headers)
    if reply.status != 416:
        return reply
    return await exchange.get(url, limit=WHOLE + 1, headers={"accept-encoding": "identity"})


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


def named(failure: Failure, missing: str, blocked: str) -> Failure:
    """The failure as one of what a source lists: it isn't there, or whoever has it doesn't hand it out."""
    if failure.code in _GONE:
        return Failure(missing, **{"detail": "HTTP 404", **failure.facts})
    if failure.code in _BLOCKED:
        detail = message(failure.code, failure.facts)
        return Failure(blocked, **{**failure.facts, "detail": clause(detail)})
    return failure
