"""Pulling as a registry's client does, but for most of the bytes: tag, manifest, config, smallest layer.

Source of the rules: the OCI distribution specification 1.1, and what the clients of tests/clients asked.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from mirrorcfg.model.reference import Reference
from mirrorcfg.sentence import sentence
from mirrorcfg.verifier import challenge, page, sample, tokens
from mirrorcfg.verifier.challenge import Challenge
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.exchange import Exchange
from mirrorcfg.verifier.image import DIGEST, INDEXES, MANIFESTS, Index, Part, Platform, read
from mirrorcfg.verifier.reply import Reply
from mirrorcfg.verifier.url import Url

_ACCEPT = ", ".join((*INDEXES, *MANIFESTS))
_LARGEST = 4 << 20  # bytes of a manifest: what the specification has registries take at least
_DIGEST = "docker-content-digest"


class Image:
    """One image at one registry, whose API is at `base`: `name` is what it is called there.

    `bearer` is the challenge to answer, if one is known by now; one that comes `late` is answered too. With a
    `namespace` each request says which registry is meant.
    """

    def __init__(
        self, exchange: Exchange, base: Url, name: str, bearer: Challenge | None, namespace: str | None
    ) -> None:
        self.exchange, self.base, self.name = exchange, base, name
        self._query = urlencode({"ns": namespace}) if namespace else ""
        self._late, self._bearer = namespace is not None, bearer
        self._token: str | None = None

    def url(self, what: str) -> Url:
        """Where a part of it is."""
        return self.base.below(f"{self.name}/{what}")._replace(query=self._query)

    async def ask(self, what: str, *, limit: int = 0, method: str = "GET") -> Reply:
        """The answer of whatever status, with a token where it wants one. Raises Failure."""
        reply = await self.exchange.get(self.url(what), limit=limit, **await self._request(what, method))
        if reply.status != 401 or self._token is not None or not self._late:
            return reply
        self._bearer = tokens.bearer(challenge.read(reply.headers.get_list("www-authenticate")))
        if self._bearer is None:
            return reply
        if not reply.own and self.base.origin == self.exchange.url.origin:
            # Whoever it sent us to may ask for a login, or send us on to where one is asked for.
            self.exchange.authorization = None
        return await self.exchange.get(self.url(what), limit=limit, **await self._request(what, method))

    async def blocked(self, reply: Reply, what: str, method: str = "GET") -> None:
        """Raise Failure http-403-client-blocked or client-blocked if a refusal is for its tool alone."""
        await self.exchange.check_blocking(reply, self.url(what), **await self._request(what, method))

    async def _request(self, what: str, method: str) -> dict[str, Any]:
        if self._bearer is not None and self._token is None:
            self._token = await tokens.token(self.exchange, self._bearer, self.name, self.base)
        accept = {"accept": _ACCEPT} if what.startswith("manifests/") else {"accept-encoding": "identity"}
        bearer = f"Bearer {self._token}" if self._token else None
        return {"method": method, "headers": accept, "authorization": bearer}


async def looked_up(image: Image, reference: Reference, digest: str | None) -> Reply | None:
    """What the registry has for an image's tag, or for its `digest` where that is known; None: it hasn't it.

    Raises Failure: http-…, and others.
    """
    head = image.exchange.probe.client.pull.head
    known = digest or reference.digest
    what = f"manifests/{known or reference.tag or 'latest'}"
    if known or not head:
        return await _found(image, await image.ask(what, limit=_LARGEST), what, "GET")
    reply = await image.ask(what, method="HEAD")
    if reply.status != 200 or not DIGEST.fullmatch(reply.headers.get(_DIGEST, "")):
        method = "HEAD" if head == "405" and reply.status not in (200, 405) else "GET"
        got = reply if method == "HEAD" else await image.ask(what, limit=_LARGEST)
        if await _found(image, got, what, method) is None:
            return None
        reply = got
    said = reply.headers.get(_DIGEST, "")
    if not DIGEST.fullmatch(said):
        said = f"sha256:{hashlib.sha256(reply.body).hexdigest()}"
    # The client knows by now what it wants, and asks for that.
    what = f"manifests/{said}"
    return _part(image, await image.ask(what, limit=_LARGEST), what)


async def digest_of(image: Image, reference: Reference) -> str:
    """What the tag means. Raises Failure where that isn't said."""
    what = f"manifests/{reference.tag or 'latest'}"
    reply = image.exchange.checked(await image.ask(what, method="HEAD"), image.url(what))
    if not DIGEST.fullmatch(said := reply.headers.get(_DIGEST, "")):
        raise Failure("malformed", host=reply.url.host, detail=sentence("it gives no digest for a tag"))
    return said


async def delivered(image: Image, reply: Reply, platform: Platform) -> None:
    """Fetch what a manifest names: that of the platform, its config and its smallest layer.

    Raises Failure: not-a-registry for what is no manifest, platform-missing, hash-mismatch, blob-missing,
    blob-refused, and others.
    """
    found = read(_whole(reply))
    if isinstance(found, Index):
        chosen = found.chosen(platform)
        if chosen is None:
            raise Failure("platform-missing", image=image.name, platform=platform, host=reply.url.host)
        what = f"manifests/{chosen.digest}"
        found = read(_whole(_part(image, await image.ask(what, limit=_LARGEST), what)))
    if found is None or isinstance(found, Index):
        detail = sentence("it answers without a manifest")
        raise Failure("not-a-registry", url=str(reply.url), detail=detail)
    sized = [layer for layer in found.layers if layer.size is not None]
    smallest = min(
        sized, key=lambda layer: layer.size or 0, default=found.layers[0] if found.layers else None
    )
    for blob in dict.fromkeys(filter(None, (found.config, smallest))):
        await _blob(image, blob)


async def _found(image: Image, reply: Reply, what: str, method: str) -> Reply | None:
    await image.blocked(reply, what, method)
    return None if reply.status == 404 else image.exchange.checked(reply, image.url(what))


def _part(image: Image, reply: Reply, what: str) -> Reply:
    """What must be there, now that it was named. Raises Failure blob-missing, blob-refused and others."""
    url = image.url(what)
    try:
        return image.exchange.checked(reply, url)
    except Failure as failure:
        raise sample.named(failure.about(url=str(url)), "blob-missing", "blob-refused") from None


def _whole(reply: Reply) -> bytes:
    """A manifest's bytes, if they are those that were asked for. Raises Failure too-large, hash-mismatch."""
    if not reply.complete:
        raise Failure("too-large", url=str(reply.url))
    if page.is_login(reply.body):
        raise Failure("captive-portal", host=reply.url.host, url=str(reply.url))
    asked = reply.url.path.rpartition("/")[2].replace("%3A", ":")
    _compare(reply, asked if DIGEST.fullmatch(asked) else reply.headers.get(_DIGEST, ""))
    return reply.body


async def _blob(image: Image, blob: Part) -> None:
    what = f"blobs/{blob.digest}"
    size = sample.WHOLE if blob.size is None else min(blob.size, sample.WHOLE)
    try:
        reply = await image.ask(what, limit=size + 1)
    except Failure as failure:
        raise sample.named(failure, "blob-missing", "blob-refused") from None
    _part(image, reply, what)
    if page.is_login(reply.body):
        raise Failure("captive-portal", host=reply.url.host, url=str(reply.url))
    if reply.complete:
        _compare(reply, blob.digest)
    elif blob.size is not None and blob.size <= sample.WHOLE:
        raise _mismatch(
            reply, sentence("longer than the {size} bytes that it is listed with", size=blob.size)
        )
    if reply.url.host != image.base.host:
        image.exchange.files_from = reply.url.host


def _compare(reply: Reply, digest: str) -> None:
    kind, _, value = digest.partition(":")
    if DIGEST.fullmatch(digest) and hashlib.new(kind, reply.body).hexdigest() != value:
        raise _mismatch(reply, sentence("its {part} is another", part=kind))


def _mismatch(reply: Reply, detail: str) -> Failure:
    return Failure("hash-mismatch", url=str(reply.url), host=reply.url.host, detail=detail)
