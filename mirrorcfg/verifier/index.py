"""An index: does a source speak the simple API, and hand out a file that it lists?"""

from __future__ import annotations

import re

from mirrorcfg.sentence import sentence
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
_LISTED = 6
_ELSEWHERE = {"http-404", "redirects-to"}
_KEPT = {
    "http-404",
    "http-403",
}  # what a store answers for what it hasn't: S3 says 403 where it may not be listed


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
    _readable(exchange, found)
    if level >= 3:
        await sample.fetch(exchange, _chosen(found.files), "file-missing")
        exchange.level = 3


async def _project(exchange: Exchange) -> Page | None:
    """The page of a project that has files; None where a sound index has none."""
    probe, first, answered = exchange.probe, None, _ELSEWHERE | (_KEPT if exchange.probe.own else set())
    if probe.project and (found := await _promised(exchange, probe.project)):
        return found
    for name in PROJECTS[:2]:
        try:
            found = await _page(exchange, exchange.url.below(f"{name}/"))
        except Failure as failure:
            if failure.code not in answered and not (failure.code == "not-an-index" and first is None):
                raise
            first = first or failure
            if failure.code == "not-an-index":
                break
        else:
            if found.files:
                return found
    return await _listed(exchange, first)


async def _promised(exchange: Exchange, project: str) -> Page | None:
    """The page of a project that the profile names; None where another index may have it."""
    try:
        found = await _page(exchange, exchange.url.below(f"{_normal(project)}/"))
    except Failure as failure:
        if failure.code not in (*_ELSEWHERE, *_KEPT, "not-an-index"):
            raise
        detail = failure.facts.get("detail") or f"HTTP {failure.facts.get('status')}"
    else:
        if found.files:
            return found
        detail = sentence("its page lists no files")
    if exchange.probe.only:
        raise Failure("probe-missing", project=project, host=exchange.url.host, detail=detail)
    exchange.warn("probe-missing")
    return None


async def _listed(exchange: Exchange, first: Failure | None) -> Page | None:
    """What the index's own list of projects leads to, for one that carries none of PROJECTS."""
    try:
        listing = await _page(exchange, exchange.url.below(""), root=True)
    except Failure as failure:
        raise _unproven(exchange, first, failure) or first or failure from None
    names = [name for name in listing.names if name not in ("..", ".")]
    sound = not names
    for name in _spread(names):
        try:
            found = await _page(exchange, exchange.url.below(f"{name}/"))
        except Failure as failure:
            if failure.code not in (*_ELSEWHERE, *_KEPT, "not-an-index"):
                raise
            continue
        if found.files:
            return found
        sound = True
    if listing.is_index and sound and not (names and first and first.code == "not-an-index"):
        return None
    unproven = None if listing.is_index else _unproven(exchange, first, None)
    detail = sentence("it lists no project with a file")
    raise unproven or Failure("not-an-index", url=exchange.probe.url, detail=detail)


def _unproven(exchange: Exchange, first: Failure | None, root: Failure | None) -> Failure | None:
    """What to say of an index of one's own that hasn't what every public one has, and shows no list.

    To pip and uv a company's index without six is the same as an address with nothing behind it, and both
    work with the one; so it is neither good nor bad. A public mirror without six and pip is gone. Where all
    is forbidden, that is about who asks, and not about what is there, but in a store of objects.
    """
    if first is None or not exchange.probe.own or first.code not in _KEPT:
        return None
    refused = first.code == "http-403" and root is not None and root.code == "http-403"
    if refused and not exchange.probe.project and not exchange.learnt.get("store"):
        return None
    if exchange.probe.project:
        facts = {"project": exchange.probe.project, "host": exchange.url.host}
        return Failure("probe-missing", **facts, detail=f"HTTP {first.facts.get('status')}")
    return Failure("cant-tell", host=exchange.url.host)


def _spread(names: list[str]) -> list[str]:
    """Some of the names, from all over the list: a few may be empty folders."""
    step = max(1, len(names) // _LISTED)
    return names[::step][:_LISTED]


def _readable(exchange: Exchange, found: Page) -> None:
    """Raises Failure where this client reads no page like that, or takes no file of it."""
    client, facts = exchange.probe.client, {"host": exchange.url.host, "tool": exchange.probe.tool}
    for name, words in found.odd.items():
        if name in client.refuses:
            raise Failure("page-refused", **facts, detail=words)
    if client.times is None or exchange.probe.role == "find-links":
        return
    timed = [file for file in found.files if file.uploaded]
    if not timed or (client.times.every and len(timed) < len(found.files)):
        raise Failure("times-missing", **facts, option=client.times.option)
    found.files = timed


async def _links(exchange: Exchange) -> Page | None:
    found = await _page(exchange, exchange.url, root=True)
    return found if found.files else None


async def _page(exchange: Exchange, url: Url, *, root: bool = False) -> Page:
    """A page of the index. Raises Failure: http-…, captive-portal, not-an-index."""
    headers = {"accept": _ACCEPT, "accept-encoding": "gzip, deflate", "cache-control": "max-age=0"}
    reply = await exchange.get(url, limit=_LIMIT, headers=headers, most=None if root else _MOST)
    await exchange.check_blocking(reply, url)
    exchange.learnt["store"] = b"<Code>AccessDenied</Code>" in reply.body
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
        detail = sentence("it answers with {type}", type=reply.media_type or sentence("no type"))
        return Failure("not-an-index", **facts, detail=detail)
    return Failure("not-an-index", **facts, detail=sentence("its page lists no files"))


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
