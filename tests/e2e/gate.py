"""A way to a server that stops half-way through an answer, until it is opened."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer


class Gate(ThreadingTCPServer):
    """Passes `limit` bytes of answers on, says so by `reached`, and the rest once `opened` is set."""

    def __init__(self, host: str, port: int, limit: int) -> None:
        super().__init__((host, 0), _Way)
        self.server, self.left = (host, port), limit
        self.place = f"{host}:{self.server_address[1]}"
        self.reached, self.opened = threading.Event(), threading.Event()

    def passed(self, size: int) -> None:
        """So much of an answer is to be passed on; comes back when it may be."""
        self.left -= size
        if self.left < 0:
            self.reached.set()
            self.opened.wait()


class _Way(BaseRequestHandler):
    server: Gate

    def handle(self) -> None:
        with socket.create_connection(self.server.server) as server:
            asking = threading.Thread(target=self._pass, args=(self.request, server))
            asking.start()
            self._pass(server, self.request, answers=True)
            asking.join()

    def _pass(self, source: socket.socket, sink: socket.socket, answers: bool = False) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if answers:
                    self.server.passed(len(data))
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def gate(place: str, limit: int) -> Iterator[Gate]:
    """A gate before the server at `place` (`host:port`)."""
    host, port = place.split(":")
    with Gate(host, int(port), limit) as standing:
        threading.Thread(target=standing.serve_forever, daemon=True).start()
        try:
            yield standing
        finally:
            standing.opened.set()
            standing.shutdown()
