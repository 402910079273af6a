"""An index: does a source speak the simple API, and hand out a file that it lists?"""

from __future__ import annotations

import re

from mirrorcfg.verifier import page, sample
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.exchange import Exchange
from mirrorcfg.verifier.file import File
from mirrorcfg.verifier.page import Page
from mirrorcfg.verifier.reply import Reply
from mirrorcfg.verifier.url import Url

PROJECTS = ("six", "pip", "certifi")  # small, old, and on every public mirror
_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
_LIMIT = 1 << 18
_MOST = 1 << 25  # a page of 100,000 links is shorter
_LISTED = 3
_ELSEWHERE = {"http-404", "redirects-to"}


async def check(exchange: Exchange, level: int) -> None:
    """Judge an index, or a page of links. Raises Failure; what passed is in the exchange."""
    if level < 2:
        await exchange.get(exchange.url, limit=0, headers={"accept": _ACCEPT})
        return
    found = await _links(exchange) if exchange.probe.role == "find-links" else await _project(exchange)
    exchange.level = 2
    if found is None:
        exchange.warn("nothing-to-fetch")
        return
    exchange.learnt["page"] = found
    if level >= 3:
        await sample.fetch(exchange, _chosen(found.files), "file-missing")
        exchange.level = 3


async def _project(exchange: Exchange) -> Page | None:
    """The page of a project that has files; None where a sound index has none."""
    first: Failure | None = None
    for name in PROJECTS[:2]:
        try:
            found = await _page(exchange, exchange.url.below(f"{name}/"))
        except Failure as failure:
            if failure.code not in _ELSEWHERE and not (failure.code == "not-an-index" and first is None):
                raise
            first = first or failure
            if failure.code == "not-an-index":
                break
        else:
            if found.files:
                return found
    return await _listed(exchange, first)


async def _listed(exchange: Exchange, first: Failure | None) -> Page | None:
    """What the index's own list of projects leads to, for one that carries none of PROJECTS."""
    try:
        listing = await _page(exchange, exchange.url.below(""), root=True)
    except Failure as failure:
        raise first or failure from None
    for name in [name for name in listing.names if name not in ("..", ".")][:_LISTED]:
        try:
            found = await _page(exchange, exchange.url.below(f"{name}/"))
        except Failure as failure:
            if failure.code not in (*_ELSEWHERE, "not-an-index"):
                raise
            continue
        if found.files:
            return found
    if listing.is_index and not (listing.names and first and first.code == "not-an-index"):
        return None
    raise Failure("not-an-index", url=exchange.probe.url, detail="it lists no project with a file")


async def _links(exchange: Exchange) -> Page | None:
    found = await _page(exchange, exchange.url, root=True)
    return found if found.files else None


async def _page(exchange: Exchange, url: Url, *, root: bool = False) -> Page:
    """A page of the index. Raises Failure: http-…, captive-portal, not-an-index."""
    headers = {"accept": _ACCEPT, "accept-encoding": "gzip, deflate", "cache-control": "max-age=0"}
    reply = await exchange.get(url, limit=_LIMIT, headers=headers, most=None if root else _MOST)
    await exchange.check_blocking(reply, url)
    exchange.checked(reply, url)
    found = page.read(reply.body, reply.media_type, str(reply.url), complete=reply.complete)
    if found is not None and not root:
        found.files = [file for file in found.files if _belongs(file, url)]
    if found is not None and (found.files or found.is_index or (root and found.names)):
        found.project, found.cut = url.path.rstrip("/").rpartition("/")[2], not reply.complete
        return found
    if not reply.complete:
        raise Failure("too-large", url=str(reply.url), host=reply.url.host)
    raise _no_index(reply)


def _no_index(reply: Reply) -> Failure:
    facts = {"url": str(reply.url), "host": reply.url.host}
    if page.is_login(reply.body):
        return Failure("captive-portal", **facts)
    if reply.media_type not in page.TYPES:
        return Failure("not-an-index", **facts, detail=f"it answers with {reply.media_type or 'no type'}")
    return Failure("not-an-index", **facts, detail="its page lists no files")


def _belongs(file: File, url: Url) -> bool:
    """Whether a file's name begins with that of the project whose page this is (PEP 503's normal form)."""
    project = _normal(url.path.rstrip("/").rpartition("/")[2])
    return _normal(file.name).startswith(f"{project}-")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _chosen(files: list[File]) -> list[File]:
    """Files to try: small ones first where sizes are known, else the newest, oldest and middle wheel."""
    wheels = [file for file in files if file.name.endswith(".whl")] or files
    sized = sorted((file for file in wheels if file.size), key=lambda file: file.size or 0)
    if sized:
        return sized[:3]
    return list(dict.fromkeys([wheels[-1], wheels[0], wheels[len(wheels) // 2]]))
