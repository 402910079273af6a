"""The metadata that an index promises beside a file, in FILE.metadata (PEP 658 and 714).

Tried: pip asks for it from 22.3 on, uv always; with 404 or 403, or something else in its place, both stop.
pip takes it as it comes off the wire; uv undoes a compression first.
"""

from __future__ import annotations

import re
from email.parser import BytesHeaderParser

from mirrorcfg.sentence import sentence
from mirrorcfg.verifier import page
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.exchange import Exchange
from mirrorcfg.verifier.file import File, address, compare

_LIMIT = 1 << 18
_GONE = {"http-401", "http-403", "http-404", "http-4xx"}


async def fetch(exchange: Exchange, file: File) -> None:
    """Fetch and judge it. Raises Failure: metadata-missing, metadata-wrong, and those of any request."""
    url = address(file.url)
    url = url._replace(path=url.path + ".metadata")
    facts = {"url": str(url), "host": url.host}
    reply = await exchange.get(url, limit=_LIMIT, headers={"accept-encoding": "identity"})
    try:
        exchange.checked(reply, url)
    except Failure as failure:
        if failure.code in _GONE:
            raise Failure("metadata-missing", **facts, detail=f"HTTP {reply.status}") from None
        raise
    if page.is_login(reply.body):
        raise Failure("captive-portal", **facts)
    if reply.packed and not exchange.probe.client.unpacks:
        raise Failure("metadata-wrong", **facts, detail=sentence("it comes compressed"))
    if not reply.complete:
        return
    compare(file.metadata or (), reply.body, "metadata-wrong", facts)
    if wrong := _wrong(reply.body, file.name):
        raise Failure("metadata-wrong", **facts, detail=wrong)


def _wrong(body: bytes, name: str) -> str | None:
    """What is wrong with it as the metadata of the file `name`."""
    said = BytesHeaderParser().parsebytes(body)
    project, version = said["Name"], said["Version"]
    if not project or not version:
        web = sentence("a web page comes in its place")
        return web if page.is_html(body) else sentence("it names no project and version")
    known = re.match(r"([^-]+)-([^-]+)-.*\.whl$", name)
    if known and not (_same(project, known[1]) and version.strip() == known[2].replace("_", "-")):
        return sentence("it is that of {project} {version}", project=project, version=version)
    return None


def _same(one: str, other: str) -> bool:
    return re.sub(r"[-_.]+", "-", one.strip()).lower() == re.sub(r"[-_.]+", "-", other).lower()
