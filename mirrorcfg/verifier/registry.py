"""A registry: is a source one, does its token service work, and does it hand out an image as its client asks?

Source of the rules: the OCI distribution specification 1.1, and what the clients of tests/clients asked.
Credentials go to the registry and, over https, to the token service that it names.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

from mirrorcfg.model import golang
from mirrorcfg.model.client import HUB
from mirrorcfg.model.reference import Reference, parse, within
from mirrorcfg.sentence import clause, sentence
from mirrorcfg.verifier import challenge, page, pull, tokens
from mirrorcfg.verifier.challenge import Challenge
from mirrorcfg.verifier.codes import Failure, message
from mirrorcfg.verifier.exchange import Exchange, parsed
from mirrorcfg.verifier.image import Platform
from mirrorcfg.verifier.pull import Image
from mirrorcfg.verifier.reply import Reply
from mirrorcfg.verifier.url import Url

IMAGES = ("hello-world", "alpine", "busybox")
_API = {HUB: "registry-1.docker.io"}
_VERSION = "docker-distribution-api-version"
_WRONG = {"hash-mismatch", "not-a-registry", "too-large"}


async def check(exchange: Exchange, level: int) -> None:
    """Judge a registry. Raises Failure; what passed is in the exchange."""
    base, project = _places(exchange)
    ping = exchange.probe.client.pull.ping
    images = _images(exchange)
    if level < 2:
        await exchange.get(base, limit=0)
        return
    bearer, doubt = None, None
    if ping:
        bearer, doubt = await _met(exchange, base, ping)
    if doubt is not None and (level < 3 or not images):
        raise doubt
    if ping and level < 3:
        if bearer is not None:
            await tokens.token(exchange, bearer, None, base)
        exchange.level = 2
        return
    await _first(exchange, [_image(exchange, base, project, each, bearer) for each in images], doubt, level)


def _places(exchange: Exchange) -> tuple[Url, str]:
    """Where the API is, and the project within it."""
    url, path = exchange.url, exchange.url.path.strip("/")
    if exchange.probe.client.path_first:
        return url.below("v2/"), ""
    return url._replace(path="/v2/", query=""), f"{path}/" if path else ""


def _images(exchange: Exchange) -> Sequence[Reference]:
    """What to ask for: the image that is named for this registry, else what each mirror of Docker Hub has."""
    probe = exchange.probe
    named = [parse(probe.project)] if probe.project else []
    return [each for each in named or map(parse, IMAGES) if within(each, probe.registry)]


def _image(
    exchange: Exchange, base: Url, project: str, reference: Reference, bearer: Challenge | None
) -> tuple[Reference, Image]:
    probe = exchange.probe
    namespace = reference.domain if probe.client.pull.namespace else None
    name = reference.name.removeprefix(probe.registry).strip("/")
    return reference, Image(exchange, base, project + name, bearer, namespace)


async def _met(
    exchange: Exchange, base: Url, ping: Literal["any", "met"]
) -> tuple[Challenge | None, Failure | None]:
    """The challenge to answer, and what is wrong with the answer though its client goes on.

    Raises Failure where that doesn't: not-a-registry, http-… and others.
    """
    reply = await exchange.get(base, limit=tokens.LIMIT)
    if page.is_login(reply.body):
        raise Failure("captive-portal", host=reply.url.host, url=str(reply.url))
    try:
        return await _spoken(exchange, base, reply), None
    except Failure as failure:
        if failure.code == "http-401" if ping == "any" else reply.status not in (200, 401):
            raise
        return None, failure


async def _spoken(exchange: Exchange, base: Url, reply: Reply) -> Challenge | None:
    """The challenge to answer, if there is one. Raises Failure: not-a-registry, http-… and others."""
    if reply.status == 401:
        found = challenge.read(reply.headers.get_list("www-authenticate"))
        if not found:
            raise _none(reply, sentence("it asks for credentials without saying how"))
        if not reply.own:
            # Whoever it sent us to may ask for a login, or send us on to where one is asked for.
            exchange.authorization = None
        if (bearer := tokens.bearer(found)) is not None:
            return bearer
    await exchange.check_blocking(reply, base)
    if reply.status in (404, 405, 410):
        said = sentence("{path} answers HTTP {status}", path=reply.url.path, status=reply.status)
        raise _none(reply, said)
    exchange.checked(reply, base)
    if _VERSION not in reply.headers and not _is_object(reply.body):
        raise _none(reply, sentence("what answers isn't its API"))
    return None


async def _first(
    exchange: Exchange, images: Sequence[tuple[Reference, Image]], doubt: Failure | None, level: int
) -> None:
    """Judge by the first of these images that is carried. Raises Failure."""
    refused: Failure | None = None
    for reference, image in images:
        digest, unresolved = await _resolved(exchange, reference)
        try:
            reply = await pull.looked_up(image, reference, digest)
        except Failure as failure:
            if failure.code not in ("http-401", "http-403"):
                raise
            refused, reply = refused or failure, None
        exchange.level = 2
        if reply is None:
            continue
        if level >= 3:
            await _delivered(exchange, image, reply)
        if unresolved is not None:
            raise unresolved
        exchange.level = level
        return
    if doubt is not None or refused is not None:
        raise doubt or refused or AssertionError
    if not images:
        raise Failure("no-image-named", registry=exchange.probe.registry)
    raise Failure("image-not-carried", images=", ".join(str(reference) for reference, _ in images))


async def _resolved(exchange: Exchange, reference: Reference) -> tuple[str | None, Failure | None]:
    """The digest of an image whose tag the mirror isn't asked for, or why nobody tells it."""
    probe = exchange.probe
    if probe.resolves or reference.digest:
        return None, None
    home = parsed(f"https://{_API.get(reference.domain, reference.domain)}/v2/")
    try:
        return await pull.digest_of(Image(exchange, home, reference.path, None, ""), reference), None
    except Failure as failure:
        failure.about(host=home.host, port=home.number, url=str(home))
        detail = clause(message(failure.code, failure.facts))
        return None, Failure("tag-unresolved", registry=reference.domain, detail=detail)


async def _delivered(exchange: Exchange, image: Image, reply: Reply) -> None:
    stays = exchange.probe.client.pull.stays
    try:
        await pull.delivered(image, reply, Platform("linux", golang.arch(), golang.variant()))
    except Failure as failure:
        exchange.stays = stays == "parts" or (stays == "wrong" and failure.code in _WRONG)
        raise


def _none(reply: Reply, detail: str) -> Failure:
    return Failure("not-a-registry", url=str(reply.url), host=reply.url.host, detail=detail)


def _is_object(body: bytes) -> bool:
    if not body.strip():
        return True
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False
