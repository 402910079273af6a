"""A token service for a registry: `python -m tests.conformance.tokens CHAIN KEY SIGNER SIGNER_KEY PORT`.

Each path is a service of its own: /token grants, the others are broken in the way that they are named for.
"""

from __future__ import annotations

import base64
import json
import ssl
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

ISSUER, SERVICE = "lab-tokens", "lab-registry"
USER, PASSWORD = "robot", "planted-secret-of-the-robot"


class Signer:
    """Signs tokens that the registry believes."""

    def __init__(self, chain: Path, key: Path) -> None:
        certificate = load_pem_x509_certificate(chain.read_bytes())
        self.shown = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
        loaded = load_pem_private_key(key.read_bytes(), None)
        assert isinstance(loaded, EllipticCurvePrivateKey)
        self.key = loaded

    def token(self, scopes: list[str], audience: str) -> str:
        """A token for what was asked for."""
        now = int(time.time())
        claims: dict[str, Any] = {"iss": ISSUER, "sub": "", "aud": audience, "jti": str(time.time_ns())}
        claims |= {"iat": now - 60, "nbf": now - 60, "exp": now + 300, "access": [*map(_access, scopes)]}
        head = {"typ": "JWT", "alg": "ES256", "x5c": [self.shown]}
        text = f"{_encode(json.dumps(head).encode())}.{_encode(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self.key.sign(text.encode(), ECDSA(SHA256())))
        return f"{text}.{_encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _access(scope: str) -> dict[str, Any]:
    kind, name, actions = scope.split(":")
    return {"type": kind, "name": name, "actions": actions.split(",")}


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Handler(BaseHTTPRequestHandler):
    signer: Signer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.query = parse_qs(parts.query)
        way = WAYS.get(parts.path)
        status, body = way(self) if way else (404, b"no such service")
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="lab"')
        self.send_header("Content-Type", "application/json" if body[:1] == b"{" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def grant(self, audience: str | None = None) -> tuple[int, bytes]:
        scopes = [word for scope in self.query.get("scope", []) for word in scope.split(" ")]
        token = self.signer.token(scopes, audience or self.query.get("service", [""])[0])
        return 200, json.dumps({"token": token, "expires_in": 300}).encode()

    def known(self) -> tuple[int, bytes]:
        """Grant to the robot only."""
        expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        denied = {"errors": [{"code": "UNAUTHORIZED", "message": "who are you?"}]}
        if self.headers.get("Authorization") != expected:
            return 401, json.dumps(denied).encode()
        return self.grant()

    def log_message(self, format: str, *args: Any) -> None:
        pass


DENIED = json.dumps({"errors": [{"code": "DENIED", "message": "requested access is denied"}]}).encode()
WAYS: dict[str, Callable[[Handler], tuple[int, bytes]]] = {
    "/token": Handler.grant,
    "/robot": Handler.known,
    "/denies": lambda handler: (403, DENIED),
    "/fails": lambda handler: (500, b"<h1>oops</h1>"),
    "/login": lambda handler: (200, b"<html><form>sign in</form></html>"),
    "/empty": lambda handler: (200, b"{}"),
    "/other": lambda handler: handler.grant("another-registry"),
}


def main(chain: str, key: str, signer: str, signer_key: str, port: str) -> None:
    Handler.signer = Signer(Path(signer), Path(signer_key))
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
