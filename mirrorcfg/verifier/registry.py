"""A registry: is a source one, does its token service work, and does it hand out a manifest?

Source of the rules: the OCI distribution specification 1.1, and the distribution project's "Token
Authentication". Credentials go to the registry and, over https, to the token service that it names.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from mirrorcfg.verifier import challenge, page
from mirrorcfg.verifier.challenge import Challenge
from mirrorcfg.verifier.codes import Failure, sentence
from mirrorcfg.verifier.exchange import Exchange
from mirrorcfg.verifier.reply import Reply
from mirrorcfg.verifier.url import Url, parse

IMAGES = (("library/hello-world", "latest"), ("library/alpine", "latest"), ("library/busybox", "latest"))
_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_LIMIT = 1 << 16
_TOKEN = re.compile(r"[!-~]+")  # visible characters: RFC 9110, section 5.5, and no space at either end
_VERSION = "docker-distribution-api-version"


async def check(exchange: Exchange, level: int) -> None:
    """Judge a registry. Raises Failure; what passed is in the exchange."""
    base, project = _places(exchange)
    if level < 2:
        await exchange.get(base, limit=0)
        return
    reply = await exchange.get(base, limit=_LIMIT)
    bearer = await _spoken(exchange, base, reply)
    exchange.level = 2
    if level >= 3:
        await _manifest(exchange, base, project, bearer)


def _places(exchange: Exchange) -> tuple[Url, str]:
    """Where the API is, and the project within it."""
    url, path = exchange.url, exchange.url.path.strip("/")
    if exchange.probe.client.path_first:
        return url.below("v2/"), ""
    return url._replace(path="/v2/", query=""), f"{path}/" if path else ""


async def _spoken(exchange: Exchange, base: Url, reply: Reply) -> Challenge | None:
    """The challenge to answer, if there is one. Raises Failure: not-a-registry, http-… and others."""
    if page.is_login(reply.body):
        raise Failure("captive-portal", host=reply.url.host, url=str(reply.url))
    if reply.status == 401:
        found = challenge.read(reply.headers.get_list("www-authenticate"))
        bearer = next(
            (item for item in found if item.scheme == "bearer" and "realm" in item.parameters), None
        )
        if bearer is None:
            if not found:
                raise _none(reply, "it asks for credentials without saying how")
            exchange.checked(reply, base)
        assert bearer is not None  # noqa: S101 - a 401 doesn't get past the check above
        if not reply.own:
            # Whoever it sent us to may ask for a login, or send us on to where one is asked for.
            exchange.authorization = None
        await _token(exchange, bearer, None)
        return bearer
    await exchange.check_blocking(reply, base)
    if reply.status in (404, 405, 410):
        raise _none(reply, f"{reply.url.path} answers HTTP {reply.status}")
    exchange.checked(reply, base)
    if _VERSION not in reply.headers and not _is_object(reply.body):
        raise _none(reply, "what answers isn't its API")
    return None


async def _manifest(exchange: Exchange, base: Url, project: str, bearer: Challenge | None) -> None:
    refused: Failure | None = None
    for name, tag in IMAGES:
        image = project + name
        token = await _token(exchange, bearer, image) if bearer else None
        url = base.below(f"{image}/manifests/{tag}")
        request: dict[str, Any] = {
            "method": "HEAD",
            "headers": {"accept": _MANIFESTS},
            "authorization": f"Bearer {token}" if token else None,
        }
        reply = await exchange.get(url, limit=0, **request)
        await exchange.check_blocking(reply, url, **request)
        if reply.status == 200:
            if "docker-content-digest" in reply.headers or "manifest" in reply.media_type or _is_index(reply):
                exchange.level = 3
                return
            raise _none(reply, "it answers without a manifest")
        if reply.status in (401, 403):
            refused = refused or Failure(f"http-{reply.status}", host=reply.url.host, url=str(url))
        elif reply.status != 404:
            exchange.checked(reply, url)
    if refused is not None:
        raise refused
    exchange.warn("image-not-carried")


async def _token(exchange: Exchange, bearer: Challenge, image: str | None) -> str:
    """A token to pull `image`, or just any. Raises Failure token-refused or token-service-failed."""
    url = realm(bearer, image)
    if url is None:
        raise _no_token(exchange, "its realm is no address")
    try:
        reply = await exchange.get(url, limit=_LIMIT, authorization=exchange.authorization)
        reply.good()
    except Failure as failure:
        if failure.code.startswith("tls-"):
            raise
        if failure.code in ("http-401", "http-403"):
            raise Failure("token-refused", host=exchange.url.host, detail=failure.facts["status"]) from None
        raise _no_token(exchange, sentence(failure.code, failure.facts).rstrip(".")) from None
    if (token := granted(reply.body)) is None:
        raise _no_token(exchange, "its answer holds no token")
    return token


def realm(bearer: Challenge, image: str | None) -> Url | None:
    """Where to ask for a token to pull `image`; None where the challenge names no address."""
    asked = {
        "service": bearer.parameters.get("service", ""),
        "scope": f"repository:{image}:pull" if image else "",
    }
    try:
        url = parse(bearer.parameters.get("realm", ""))
    except ValueError:
        return None
    own = [pair for pair in parse_qsl(url.query, keep_blank_values=True) if not asked.get(pair[0])]
    return url._replace(query=urlencode([*own, *(pair for pair in asked.items() if pair[1])]))


def granted(body: bytes) -> str | None:
    """The token in a token service's answer, if it is one that fits into a header."""
    try:
        data = json.loads(body)
        token = data.get("token") or data.get("access_token")
    except (ValueError, RecursionError, AttributeError):
        return None
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) else None


def _no_token(exchange: Exchange, detail: str) -> Failure:
    return Failure("token-service-failed", host=exchange.url.host, detail=detail)


def _none(reply: Reply, detail: str) -> Failure:
    return Failure("not-a-registry", url=str(reply.url), host=reply.url.host, detail=detail)


def _is_object(body: bytes) -> bool:
    if not body.strip():
        return True
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def _is_index(reply: Reply) -> bool:
    return "image.index" in reply.media_type
