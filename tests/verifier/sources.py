"""Healthy sources, as routes of a server; a test breaks one thing of them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

from tests.verifier.lab import Answer, Route, html, ranged

JSON = "application/vnd.pypi.simple.v1+json"
WHEEL = "six-1.17.0-py2.py3-none-any.whl"


def archive(size: int = 1000) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("content.txt", "x" * size)
    return buffer.getvalue()


BYTES = archive()
SHA256 = hashlib.sha256(BYTES).hexdigest()


def index(page: Route | None = None) -> dict[str, Route]:
    links = f'<!DOCTYPE html><title>Links for six</title><a href="../../files/{WHEEL}#sha256={SHA256}">{WHEEL}</a>'
    return {"/simple/six/": page or html(links), f"/files/{WHEEL}": ranged(BYTES)}


def json_page(**changes: Any) -> Answer:
    file = {
        "filename": WHEEL,
        "url": f"../../files/{WHEEL}",
        "hashes": {"sha256": SHA256},
        "size": len(BYTES),
    }
    page = {"meta": {"api-version": "1.1"}, "name": "six", "files": [{**file, **changes}]}
    return Answer(200, json.dumps(page).encode(), {"content-type": JSON})


def repodata(subdir: str, **changes: Any) -> bytes:
    record = {"name": "tiny", "version": "1", "size": len(BYTES), "sha256": SHA256, **changes}
    return json.dumps(
        {"info": {"subdir": subdir}, "packages": {}, "packages.conda": {"tiny-1-0.conda": record}}
    ).encode()


def channel(subdirs: tuple[str, ...] = ("noarch", "linux-64"), **changes: Any) -> dict[str, Route]:
    routes: dict[str, Route] = {}
    for subdir in subdirs:
        routes[f"/main/{subdir}/repodata.json"] = Answer(200, repodata(subdir, **changes))
        routes[f"/main/{subdir}/tiny-1-0.conda"] = ranged(BYTES)
    return routes


def registry() -> dict[str, Route]:
    image, kind = "/v2/library/hello-world", "application/vnd.docker.distribution.manifest.v2+json"
    config = b'{"architecture": "amd64", "os": "linux"}'
    part = {"digest": _digest(config), "size": len(config)}
    body = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": part, "layers": []}).encode()
    manifest = Answer(200, body, {"content-type": kind, "docker-content-digest": _digest(body)})
    return {
        "/v2/": Answer(200, b"{}", {"docker-distribution-api-version": "registry/2.0"}),
        f"{image}/manifests/latest": manifest,
        f"{image}/manifests/{_digest(body)}": manifest,
        f"{image}/blobs/{_digest(config)}": Answer(200, config),
    }


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
