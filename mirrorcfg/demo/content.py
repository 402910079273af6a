"""What the demo's servers serve, made on the fly: an index with one wheel, a channel, a registry's manifest.

Source of the formats: PEP 503 (the index), PEP 427 (the wheel), conda's documentation, "Package
specification" (the channel), and the OCI distribution specification 1.1 (the registry).
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from typing import Any, NamedTuple

PROJECT, MODULE = "mirrorcfg-demo-hello", "mirrorcfg_demo_hello"
_EPOCH = 1_700_000_000


class Answer(NamedTuple):
    """What a path is answered with."""

    kind: str
    body: bytes
    headers: Mapping[str, str] = {}


Site = Mapping[str, Answer]


def mirror(name: str) -> Site:
    """A mirror of pip, at /pypi/simple, and of conda, at /anaconda/pkgs/main and /anaconda/cloud."""
    channels = ("/anaconda/pkgs/main", "/anaconda/cloud/conda-forge")
    return _index(name) | {base + path: answer for base in channels for path, answer in _channel().items()}


def registry() -> Site:
    """A registry, with library/hello-world: a manifest, and a config without layers."""
    kind, image = "application/vnd.oci.image.manifest.v1+json", "/v2/library/hello-world"
    config = b'{"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}'
    part = {"digest": _sha256(config), "size": len(config)}
    body = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": part, "layers": []}).encode()
    version = {"Docker-Distribution-Api-Version": "registry/2.0"}
    manifest = Answer(kind, body, version | {"Docker-Content-Digest": _sha256(body)})
    return {
        "/v2/": Answer("application/json", b"{}", version),
        f"{image}/manifests/latest": manifest,
        f"{image}/manifests/{_sha256(body)}": manifest,
        f"{image}/blobs/{_sha256(config)}": Answer("application/octet-stream", config),
    }


def _sha256(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _index(name: str) -> dict[str, Answer]:
    file = f"{MODULE}-1.0-py3-none-any.whl"
    wheel = _wheel(f'ORIGIN = "the {name} mirror"\n')
    sha = hashlib.sha256(wheel).hexdigest()
    return {
        "/pypi/simple/": _page(f'<a href="{PROJECT}/">{PROJECT}</a>'),
        f"/pypi/simple/{PROJECT}/": _page(f'<a href="/pypi/files/{file}#sha256={sha}">{file}</a>'),
        f"/pypi/files/{file}": Answer("application/octet-stream", wheel),
    }


def _page(link: str) -> Answer:
    text = f"<!DOCTYPE html>\n<html><head><title>Links</title></head><body>{link}</body></html>\n"
    return Answer("text/html; charset=utf-8", text.encode())


def _wheel(module: str) -> bytes:
    info = f"{MODULE}-1.0.dist-info"
    parts = {
        f"{MODULE}.py": module,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {PROJECT}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in parts.items())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, text in {**parts, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return out.getvalue()


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def _channel() -> dict[str, Answer]:
    """noarch with a package, linux-64 without one."""
    facts: dict[str, Any] = {"name": "demo-hello", "version": "1.0", "build": "0", "build_number": 0}
    facts |= {"depends": [], "noarch": "generic", "subdir": "noarch", "timestamp": _EPOCH * 1000}
    file, package = "demo-hello-1.0-0.tar.bz2", _package(facts)
    sums = {"md5": hashlib.md5(package, usedforsecurity=False).hexdigest()}
    sums |= {"sha256": hashlib.sha256(package).hexdigest()}
    return {
        "/noarch/repodata.json": _repodata("noarch", {file: facts | sums | {"size": len(package)}}),
        "/linux-64/repodata.json": _repodata("linux-64", {}),
        "/channeldata.json": _json({"channeldata_version": 1, "subdirs": ["noarch", "linux-64"]}),
        f"/noarch/{file}": Answer("application/octet-stream", package),
    }


def _repodata(subdir: str, packages: Mapping[str, Any]) -> Answer:
    return _json({"info": {"subdir": subdir}, "packages": packages, "packages.conda": {}})


def _json(content: Any) -> Answer:
    return Answer("application/json", json.dumps(content).encode())


def _package(facts: Mapping[str, Any]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:bz2") as archive:
        for path, text in {"info/index.json": json.dumps(facts), "share/hello": "hello\n"}.items():
            member = tarfile.TarInfo(path)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()
