"""Mirrors of Docker Hub that misbehave, each in one way: what a client makes of one is for it to say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.clients.hub import Rule, Server, image

NAME = "library/hello"
INDEX, MANIFEST, CONFIG, LAYER = "<index>", "<manifest>", "<config>", "<layer>"
TAG, BLOBS, ROOT = r"manifests/(1|latest)(\?|$)", r"GET .*/blobs/", r"/v2/$"
PAGE = Rule(
    "", 200, {"content-type": "text/html", "docker-distribution-api-version": ""}, "<html>Hello!</html>"
)
TOKENS, OTHERS_TOKENS, CDN, CLOSED = "token-service.lab", "accounts.lab", "cdn.lab", "closed.lab"


def says(pattern: str, status: int, **headers: str) -> Mapping[str, Any]:
    """Who asks for that gets this."""
    return {
        "rules": (Rule(pattern, status, {name.replace("_", "-"): text for name, text in headers.items()}),)
    }


def has(pattern: str, body: str, kind: str = "text/plain") -> Mapping[str, Any]:
    """Who asks for that gets these bytes."""
    return {"rules": (Rule(pattern, 200, {"content-type": kind}, body),)}


def elsewhere(host: str) -> Mapping[str, Any]:
    """Who asks for a blob is sent to that host."""
    blobs = {each: f"{host}/v2/{NAME}/blobs/{each}" for each in (CONFIG, LAYER)}
    return {"rules": tuple(Rule(BLOBS + each, 307, {"location": to}) for each, to in blobs.items())}


WORLDS: Mapping[str, Mapping[str, Any]] = {
    "good": {},
    **{f"head-{status}": says("^HEAD", status) for status in (401, 403, 404, 405, 500)},
    "head-without-digest": says("^HEAD", 200),
    "head-429": says("^HEAD", 429),
    "tag-by-get-403": says(f"GET .*{TAG}", 403),
    **{f"blobs-{status}": says(BLOBS, status) for status in (401, 403, 404, 429, 500)},
    "config-403": says(BLOBS + CONFIG, 403),
    "layer-403": says(BLOBS + LAYER, 403),
    "config-wrong": has(BLOBS + CONFIG, "{}"),
    "layer-wrong": has(BLOBS + LAYER, "something else"),
    "layer-a-page": {"rules": (replace(PAGE, pattern=BLOBS + LAYER),)},
    "blobs-elsewhere": elsewhere(f"https://{CDN}"),
    "blobs-at-a-blocked-host": says(BLOBS, 307, location=f"https://{OTHERS_TOKENS}/blob"),
    "blobs-at-a-closed-port": says(BLOBS, 307, location=f"https://{CLOSED}/blob"),
    "blobs-at-no-name": says(BLOBS, 307, location="https://nowhere.lab/blob"),
    "blobs-without-tls": elsewhere(f"http://plain.{CDN}"),
    "only-with-ns": {"ns_only": True},
    "no-image": {"images": ()},
    **{f"manifests-{status}": says("manifests/", status) for status in (401, 403, 429, 500)},
    "manifests-a-page": {"rules": (replace(PAGE, pattern="manifests/"),)},
    "harbor": {"project": "dockerhub"},
    "index-403": says("manifests/" + INDEX, 403),
    "index-404": says("manifests/" + INDEX, 404),
    "manifest-403": says("manifests/" + MANIFEST, 403),
    "manifest-404": says("manifests/" + MANIFEST, 404),
    "manifest-wrong": has("manifests/" + MANIFEST, "{}", "application/vnd.oci.image.manifest.v1+json"),
    "manifest-empty": has("manifests/", "{}", "application/vnd.oci.image.manifest.v1+json"),
    "another-platform": {},
    **{f"root-{status}": says(ROOT, status) for status in (403, 404, 500)},
    "root-a-page": {"rules": (replace(PAGE, pattern=ROOT),)},
    "root-401": says(ROOT, 401),
    "root-401-basic": says(ROOT, 401, www_authenticate='Basic realm="here"'),
    "root-401-no-tokens": says(ROOT, 401, www_authenticate=f'Bearer realm="https://{CLOSED}/token"'),
    "login": {"login": "me:secret"},
    "tokens": {"realm": f"https://{TOKENS}/token"},
    "tokens-late": {"realm": f"https://{TOKENS}/token", **says(ROOT, 200)},
    "tokens-refused": {"realm": f"https://{OTHERS_TOKENS}/token"},
    "tokens-down": {"realm": f"https://{CLOSED}/token"},
    "dead": {},
}
"""What a server has besides its name; `<index>` and the like stand for that part's digest."""

PAUSES = {"blobs-429", "blobs-500", "blobs-at-a-closed-port", "blobs-at-no-name", "manifests-429"}
"""Those that some clients ask again and again, for half a minute."""


def host(world: str) -> str:
    return f"{world}.lab"


def servers() -> list[Server]:
    """One for each world, and those where others send to; nobody listens for `dead`."""
    found = [_server(world, number) for number, world in enumerate(WORLDS) if world != "dead"]
    forbidden = Rule("/blob", 403)
    return [
        *found,
        Server(TOKENS, "127.0.2.1", tokens=True),
        Server(OTHERS_TOKENS, "127.0.2.2", tokens=True, login="you:secret", rules=(forbidden,)),
        Server(CDN, "127.0.2.3", content="blobs-elsewhere"),
        Server(f"plain.{CDN}", "127.0.2.4", port=80, content="blobs-without-tls"),
    ]


NAMES = {host("dead"): "127.0.9.9", CLOSED: "127.0.9.9"}
"""Names with nobody behind them."""


def second(world: str) -> Server:
    """A mirror with the same image as that world's, and nothing wrong with it."""
    return Server(f"second.{host(world)}", f"127.0.3.{1 + list(WORLDS).index(world)}", content=world)


def parts(world: str) -> Mapping[str, str]:
    """The digests of a world's image."""
    digests = [each.digest for each in image(world)]
    return dict(zip((INDEX, MANIFEST, CONFIG, LAYER), digests, strict=True))


def _server(world: str, number: int) -> Server:
    if world == "another-platform":
        told: Mapping[str, Any] = {"rules": _arm(world)}
    else:
        told = WORLDS[world]
    rules = tuple(_filled(world, rule) for rule in told.get("rules", ()))
    return Server(host(world), f"127.0.1.{1 + number}", content=world, **{**told, "rules": rules})


def _arm(world: str) -> tuple[Rule, ...]:
    index = image(world)[0]
    told = json.loads(index.data)
    told["manifests"] = [each for each in told["manifests"] if each["platform"]["architecture"] == "arm64"]
    body = json.dumps(told)
    digest = f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"
    headers = {"content-type": index.kind, "docker-content-digest": digest}
    return (Rule(rf"manifests/(1|latest|{digest})(\?|$)", 200, headers, body),)


def _filled(world: str, rule: Rule) -> Rule:
    def fill(text: str) -> str:
        for name, digest in parts(world).items():
            text = text.replace(name, digest)
        return text

    headers = {name: fill(text) for name, text in rule.headers.items()}
    return replace(rule, pattern=fill(rule.pattern), headers=headers)
