"""Small HTTPS servers in threads of this process: they can die and come back, at the same address."""

from __future__ import annotations

import ssl
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

from mirrorcfg.demo.certificates import Certificates
from mirrorcfg.demo.content import Site

_PATIENCE = 5.0  # seconds that a silent client may hold a thread


class Server:
    """Serves one site on a port of its own of 127.0.0.1, over TLS 1.2 or later."""

    def __init__(self, site: Site, certificates: Certificates) -> None:
        self._site = site
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._context.load_cert_chain(certificates.chain, certificates.key)
        self._running: _Listener | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"https://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Answer from now on; the port is found at the first start."""
        self._running = _Listener(self._port, self._site, self._context)
        self._port = self._running.server_address[1]
        threading.Thread(target=self._running.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Let go of the port: who asks now is refused. Does nothing if it doesn't run."""
        running, self._running = self._running, None
        if running is not None:
            running.shutdown()
            running.server_close()


class _Listener(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    server_address: tuple[str, int]

    def __init__(self, port: int, site: Site, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.site = site
        # The handshake is left to the thread of the connection, so that nobody waits for another's.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away, or didn't like the certificate, is no concern of ours."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE
    server: _Listener

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, *, body: bool) -> None:
        answer = self.server.site.get(self.path.partition("?")[0])
        if answer is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        for name, value in {"Content-Type": answer.kind, **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if body:
            self.wfile.write(answer.body)
