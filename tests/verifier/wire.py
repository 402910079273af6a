"""HTTP without a network: streams that hold what a server has sent, and what one would send."""

from __future__ import annotations

from collections.abc import Callable

from h2.config import H2Configuration
from h2.connection import H2Connection

from mirrorcfg.verifier.wire.http1 import Http1
from mirrorcfg.verifier.wire.http2 import Http2
from mirrorcfg.verifier.wire.url import parse

URL = parse("https://a.example/simple/")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
FAREWELL = b"\0\0\x08\x07\0\0\0\0\0" + (1).to_bytes(4, "big") + bytes(4)


class Wire:
    """A stream that holds what the server has sent, in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.sent = b""

    async def read(self, most: int) -> bytes:
        piece = self.pieces.pop(0) if self.pieces else b""
        if len(piece) > most:
            self.pieces.insert(0, piece[most:])
        return piece[:most]

    async def write(self, data: bytes) -> None:
        self.sent += data

    def has_ended(self) -> bool:
        return False

    def close(self) -> None:
        pass


async def whole(connection: Http1 | Http2, method: str = "GET") -> tuple[int, bytes]:
    status, _ = await connection.ask(method, URL, {"accept": "*/*"})
    return status, b"".join([chunk async for chunk in connection.chunks()])


def frames(*answers: Callable[[H2Connection, int], None], requests: int = 1) -> bytes:
    """What an HTTP/2 server sends to that many requests."""
    client = H2Connection(H2Configuration(client_side=True))
    server = H2Connection(H2Configuration(client_side=False))
    client.initiate_connection()
    server.initiate_connection()
    for number in range(requests):
        fields = [(":method", "GET"), (":scheme", "https"), (":authority", "a.example"), (":path", "/")]
        client.send_headers(2 * number + 1, fields, end_stream=True)
    server.receive_data(client.data_to_send())
    for number, answer in enumerate(answers):
        answer(server, 2 * number + 1)
    return server.data_to_send()


def hello(server: H2Connection, number: int) -> None:
    server.send_headers(number, [(":status", "200")])
    server.send_data(number, b"hello", end_stream=True)


def continues(server: H2Connection, number: int) -> None:
    server.send_headers(number, [(":status", "103")])
    hello(server, number)


def stops(server: H2Connection, number: int) -> None:
    server.send_headers(number, [(":status", "200")])
    server.send_data(number, b"hel")
    server.reset_stream(number)
