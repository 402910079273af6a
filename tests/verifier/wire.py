"""HTTP without a network: connections that hold what a server has sent, and what one would send."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import aclosing
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection

from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.url import parse
from mirrorcfg.verifier.wire.names import Resolver
from mirrorcfg.verifier.wire.network import Network, Patience, Progress
from mirrorcfg.verifier.wire.route import Link, Route
from mirrorcfg.verifier.wire.session import Session

URL = parse("https://a.example/simple/")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
FAREWELL = b"\0\0\x08\x07\0\0\0\0\0" + (1).to_bytes(4, "big") + bytes(4)


class Wire:
    """A stream that holds what the server has sent, in pieces; they come one by one, an empty one is late."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.sent = b""
        self.closed = False
        self._hurried = False

    def hurry(self, most: int | None) -> None:
        self._hurried = most is not None

    async def read(self, most: int) -> bytes:
        piece = self.pieces.pop(0) if self.pieces else b""
        if self._hurried and not piece:
            raise Failure("read-timeout", seconds=0)
        if len(piece) > most:
            self.pieces.insert(0, piece[most:])
        return piece[:most]

    async def write(self, data: bytes) -> None:
        self.sent += data

    def has_ended(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


class Told(Link):
    """A connection whose protocol is agreed on without a handshake."""

    def __init__(self, route: Scripted, stream: Wire) -> None:
        self._two = route.two
        super().__init__(route, stream)

    @property
    def speaks_http2(self) -> bool:
        return self._two

    async def start_tls(self, *_: Any, **__: Any) -> Told:
        return self

    def get_extra_info(self, info: str) -> Any:
        return self if info == "ssl_object" else super().get_extra_info(info)

    def selected_alpn_protocol(self) -> str:
        return "h2" if self._two else "http/1.1"


class Scripted(Route):
    """A way to servers that have said all that they will, one for each connection."""

    def __init__(self, *wires: Wire, two: bool = False) -> None:
        super().__init__(Network(Resolver(), Patience.within(1), Progress()))
        self.wires = list(wires)
        self.used: list[Wire] = []
        self.two = two

    async def connect_tcp(self, *_: Any, **__: Any) -> Link:
        if not self.wires:
            raise Failure("connect-refused")
        self.used.append(self.wires.pop(0))
        return Told(self, self.used[-1])


def one(*pieces: bytes) -> Scripted:
    """A server that speaks HTTP/1.1."""
    return Scripted(Wire(*pieces))


def two(*pieces: bytes) -> Scripted:
    """A server that speaks HTTP/2."""
    return Scripted(Wire(*pieces), two=True)


def said(route: Scripted, method: str = "GET") -> tuple[int, bytes] | str:
    """An answer, or why there is none. Nothing waits, so no loop is needed but that of the libraries."""
    import asyncio

    try:
        return asyncio.run(answers(route, [method]))[0]
    except Failure as failure:
        return f"{failure.code} {failure.facts.get('detail', '')}".strip()


async def answers(route: Scripted, methods: Iterable[str], *, read: bool = True) -> list[tuple[int, bytes]]:
    """What comes of that many questions, one after the other."""
    import ssl

    client, found = Session(route, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), http2=route.two), []
    for method in methods:
        answer = await client.ask(method, URL, {"accept": "*/*"})
        async with aclosing(answer):
            found.append((answer.status, b"".join([chunk async for chunk in answer.chunks]) if read else b""))
    return found


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
