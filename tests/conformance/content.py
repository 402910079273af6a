"""What the lab's servers serve: an index of tiny wheels, a channel of tiny packages, an image."""

from __future__ import annotations

import asyncio
import base64
import bz2
import gzip
import hashlib
import io
import json
import tarfile
import urllib.request
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

PROJECTS = ("pip", "six", "setuptools", "packaging", "acme-tool")
IMAGES = ("library/hello-world", "library/busybox", "library/alpine", "library/hello")
UPLOADED = (datetime.now(UTC) - timedelta(days=10)).isoformat()
OLD = gzip.compress(b"an old release", mtime=0)
NATIVE, NOARCH = "acme-native", "acme-noarch"


def wheel(folder: Path, project: str, version: str = "1.0") -> Path:
    """A wheel with one module, small and valid."""
    name = project.replace("-", "_")
    info = f"{name}-{version}.dist-info"
    parts = {
        f"{name}.py": f'"""{project}."""\n',
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in parts.items())
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in {**parts, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(zipfile.ZipInfo(inner), text)
    return path


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def index(
    root: Path,
    wheels: list[Path],
    *,
    base: str = "../../files",
    head: str = "",
    digest: Callable[[bytes], str] = lambda raw: hashlib.sha256(raw).hexdigest(),
    padding: int = 0,
    serial: int | None = None,
) -> None:
    """A simple API below `root`/simple: index.html and index.json for each project, after `padding` old releases."""
    old = hashlib.sha256(OLD).hexdigest()
    for path in wheels:
        project = path.name.split("-", 1)[0].replace("_", "-")
        folder = root / "simple" / project
        folder.mkdir(parents=True)
        rows = [(f"/old/{project}-0.0.{n}.tar.gz", old, len(OLD)) for n in range(padding)]
        rows.append((f"{base}/{path.name}", digest(path.read_bytes()), path.stat().st_size))
        links = "".join(map(_link, rows))
        page = (
            f"<!DOCTYPE html>\n<html><head>{head}<title>Links</title></head><body>\n{links}</body></html>\n"
        )
        (folder / "index.html").write_text(page)
        meta = {"api-version": "1.1"} if serial is None else {"api-version": "1.1", "_last-serial": serial}
        answer = {"meta": meta, "name": project, "versions": ["1.0"]}
        (folder / "index.json").write_text(json.dumps({**answer, "files": [_file(*row) for row in rows]}))
    names = "".join(f'<a href="{path.name}/">{path.name}</a>\n' for path in (root / "simple").iterdir())
    (root / "simple/index.html").write_text(f"<!DOCTYPE html><html><body>{names}</body></html>")


def _link(row: tuple[str, str, int]) -> str:
    url, sha, _ = row
    fragment = f"#sha256={sha}" if sha else ""
    return f'<a href="{url}{fragment}">{url.rpartition("/")[2]}</a><br>\n'


def _file(url: str, sha: str, size: int) -> dict[str, Any]:
    hashes = {"sha256": sha} if sha else {}
    return {
        "filename": url.rpartition("/")[2],
        "url": url,
        "hashes": hashes,
        "size": size,
        "upload-time": UPLOADED,
    }


def channel(root: Path) -> None:
    """A channel with noarch and linux-64, indexed by rattler, in every compression."""
    _package(root / "noarch", NOARCH, "noarch")
    _package(root / "linux-64", NATIVE, "linux-64")
    from rattler.index import index_fs

    asyncio.run(index_fs(root, write_zst=True, write_shards=False))
    for subdir in ("noarch", "linux-64"):
        plain = (root / subdir / "repodata.json").read_bytes()
        (root / subdir / "repodata.json.bz2").write_bytes(bz2.compress(plain))


def _package(folder: Path, name: str, subdir: str) -> None:
    """A conda package with one file."""
    folder.mkdir(parents=True)
    facts: dict[str, Any] = {"name": name, "version": "1.0", "build": "0", "build_number": 0, "depends": []}
    facts |= {"subdir": subdir, "timestamp": 1_700_000_000_000}
    facts |= {"noarch": "generic"} if subdir == "noarch" else {"arch": "x86_64", "platform": "linux"}
    data = b"lab\n"
    entry = {
        "_path": f"share/{name}",
        "path_type": "hardlink",
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_in_bytes": len(data),
    }
    members = {
        "info/index.json": json.dumps(facts).encode(),
        "info/paths.json": json.dumps({"paths": [entry], "paths_version": 1}).encode(),
        "info/files": f"share/{name}\n".encode(),
        f"share/{name}": data,
    }
    with tarfile.open(folder / f"{name}-1.0-0.tar.bz2", "w:bz2") as archive:
        for path, raw in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))


def push(registry: str, image: str, tag: str = "latest") -> None:
    """Push an image of one empty layer through the registry's own API."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("hello"))
    config: dict[str, Any] = {"architecture": "amd64", "os": "linux", "config": {}}
    inner = hashlib.sha256(gzip.decompress(layer.getvalue())).hexdigest()
    config["rootfs"] = {"type": "layers", "diff_ids": [f"sha256:{inner}"]}
    blobs = [json.dumps(config).encode(), layer.getvalue()]
    digests = ["sha256:" + hashlib.sha256(blob).hexdigest() for blob in blobs]
    for blob, digest in zip(blobs, digests, strict=True):
        where = _send("POST", f"{registry}/v2/{image}/blobs/uploads/")
        _send("PUT", f"{where}&digest={digest}", blob, "application/octet-stream")
    kinds = ["application/vnd.docker.container.image.v1+json", DOCKER_LAYER]
    parts = [
        {"mediaType": kind, "size": len(blob), "digest": digest}
        for kind, blob, digest in zip(kinds, blobs, digests, strict=True)
    ]
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": parts[0], "layers": parts[1:]}
    _send("PUT", f"{registry}/v2/{image}/manifests/{tag}", json.dumps(manifest).encode(), MANIFEST)


MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def _send(method: str, url: str, body: bytes = b"", kind: str = "text/plain") -> str:
    request = urllib.request.Request(url, body, {"Content-Type": kind}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return str(answer.headers["Location"])
