"""Registries over TLS that can misbehave, Docker Hub's own names among them; `python -m tests.clients.hub FILE`.

FILE has a list of `Server`s as JSON. Each line of what is printed is one request (`Asked`); the first is `ready`.
Every image is an index of two platforms with one manifest, a config and a layer, tagged `latest` and `1`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import ssl
import sys
import tarfile
import threading
from dataclasses import asdict, dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

HUB, TOKENS = "registry-1.docker.io", "auth.docker.io"
IMAGES = ("library/hello-world", "library/alpine", "library/busybox", "library/hello")


@dataclass(frozen=True)
class Rule:
    """What a server answers to requests whose `METHOD /path?query` the pattern finds; the first one counts.

    `{path}` in a header is the path that was asked for.
    """

    pattern: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Server:
    """A registry with that name and address; `chain` and `key` are files of PEM, without them it speaks http.

    `images` are what it carries, below `project`, made different by `content`. `login` is USER:PASSWORD that it
    wants: at once (`basic`), or at its token service (`realm`, which without a login gives tokens to anybody).
    With a `path`
    its API is behind that, as Nexus has it. A token service is a server with `realm` "" and `tokens` True. `ns_only` serves what is asked for with `?ns=`.
    """

    name: str
    address: str = "10.77.0.1"
    port: int = 443
    chain: str = ""
    key: str = ""
    images: tuple[str, ...] = IMAGES
    project: str = ""
    path: str = ""
    content: str = "hello"
    login: str = ""
    realm: str = ""
    tokens: bool = False
    ns_only: bool = False
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Asked:
    """One request: the server's name, what was asked of it, with which login and under what name."""

    server: str
    method: str
    path: str
    query: str
    login: str
    agent: str
    status: int


@dataclass(frozen=True)
class Blob:
    """Bytes with their type and digest."""

    data: bytes
    kind: str

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.data).hexdigest()}"

    def descriptor(self, **more: Any) -> dict[str, Any]:
        return {"mediaType": self.kind, "digest": self.digest, "size": len(self.data), **more}


@cache
def image(content: str) -> tuple[Blob, ...]:
    """Index, manifest, config and layer of an image with one file."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        entry = tarfile.TarInfo("hello")
        entry.size = len(content.encode())
        archive.addfile(entry, io.BytesIO(content.encode()))
    layer = Blob(tar.getvalue(), "application/vnd.oci.image.layer.v1.tar")
    told = {"architecture": "amd64", "os": "linux", "config": {}}
    told["rootfs"] = {"type": "layers", "diff_ids": [layer.digest]}
    config = Blob(json.dumps(told).encode(), "application/vnd.oci.image.config.v1+json")
    kind = "application/vnd.oci.image.manifest.v1+json"
    said = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": config.descriptor(),
        "layers": [layer.descriptor()],
    }
    manifest = Blob(json.dumps(said).encode(), kind)
    kind = "application/vnd.oci.image.index.v1+json"
    platforms = [
        manifest.descriptor(platform={"os": "linux", "architecture": each}) for each in ("amd64", "arm64")
    ]
    index = Blob(json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": platforms}).encode(), kind)
    return index, manifest, config, layer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Registry

    def do_GET(self) -> None:
        told = self.server.told
        parts = urlsplit(self.path)
        rule = next(
            (each for each in told.rules if re.search(each.pattern, f"{self.command} {self.path}")), None
        )
        if rule is not None:
            headers = {name: value.replace("{path}", self.path) for name, value in rule.headers.items()}
            self._answer(rule.status, rule.body.encode(), headers)
        elif told.tokens:
            self._token()
        elif told.ns_only and "ns" not in parse_qs(parts.query):
            self._answer(404, b'{"errors": []}')
        elif not self._welcome():
            challenge = (
                f'Bearer realm="{told.realm}",service="{told.name}"' if told.realm else 'Basic realm="here"'
            )
            self._answer(401, b'{"errors": []}', {"www-authenticate": challenge})
        else:
            self._serve(parts.path)

    do_HEAD = do_GET  # noqa: N815 — http.server's name

    def _welcome(self) -> bool:
        said = self.headers.get("authorization", "")
        if self.server.told.realm:
            return said.startswith("Bearer ")
        return not self.server.told.login or said == _basic(self.server.told.login)

    def _token(self) -> None:
        wanted = self.server.told.login
        if wanted and self.headers.get("authorization") != _basic(wanted):
            self._answer(401, b'{"errors": []}', {"www-authenticate": 'Basic realm="tokens"'})
        else:
            self._answer(
                200, b'{"token": "t", "access_token": "t", "expires_in": 300}', kind="application/json"
            )

    def _serve(self, path: str) -> None:
        told = self.server.told
        path = path.removeprefix(told.path) if path.startswith(f"{told.path}/v2") else ""
        if path.rstrip("/") == "/v2":
            return self._answer(200, b"{}", kind="application/json")
        found = re.fullmatch(r"/v2/(.+)/(manifests|blobs)/([^/]+)", path)
        name = found[1].removeprefix(told.project and f"{told.project}/") if found else ""
        if found is None or name not in told.images or (told.project and found[1] == name):
            return self._answer(404, b'{"errors": [{"code": "NAME_UNKNOWN"}]}', kind="application/json")
        index, manifest, config, layer = image(told.content)
        known = {
            each.digest: each for each in ((index, manifest) if found[2] == "manifests" else (config, layer))
        }
        if found[2] == "manifests":
            known |= {"latest": index, "1": index}
        blob = known.get(found[3])
        if blob is None:
            return self._answer(404, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}', kind="application/json")
        return self._answer(200, blob.data, {"docker-content-digest": blob.digest}, blob.kind)

    def _answer(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, kind: str = "text/plain"
    ) -> None:
        told, given = self.server.told, headers or {}
        parts = urlsplit(self.path)
        asked = Asked(
            told.name, self.command, parts.path, parts.query, self.headers.get("authorization", ""),
            self.headers.get("user-agent", ""), status,
        )  # fmt: skip
        _say(json.dumps(asdict(asked)))
        start = 0
        ranged = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        if ranged and status == 200 and int(ranged[1]) < len(body):
            start, stop = int(ranged[1]), int(ranged[2] or len(body) - 1) + 1
            given = given | {"content-range": f"bytes {start}-{min(stop, len(body)) - 1}/{len(body)}"}
            body, status = body[start:stop], 206
        self.send_response(status)
        for name, value in {
            "content-type": kind,
            "docker-distribution-api-version": "registry/2.0",
            **given,
        }.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Said in another way."""


class _Registry(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, told: Server) -> None:
        self.told = told
        super().__init__((told.address, told.port), _Handler)
        self.context: ssl.SSLContext | None = None
        if told.chain:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.set_ciphers("DEFAULT:@SECLEVEL=0")  # it may show what nobody should take
            self.context.load_cert_chain(told.chain, told.key)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake is the connection's own thread's."""
        if self.context is not None:
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or trusts nobody here, is no news."""


_SAYING = threading.Lock()


def _say(line: str) -> None:
    with _SAYING:
        print(line, flush=True)


def _basic(login: str) -> str:
    return f"Basic {base64.b64encode(login.encode()).decode()}"


def _load(text: str) -> list[Server]:
    return [
        Server(**each | {"rules": tuple(Rule(**rule) for rule in each["rules"])}) for each in json.loads(text)
    ]


if __name__ == "__main__":
    for each in _load(Path(sys.argv[1]).read_text()):
        threading.Thread(target=_Registry(each).serve_forever, daemon=True).start()
    _say("ready")
    sys.stdin.read()
