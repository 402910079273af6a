"""Questions to a source, straight or through a proxy, over connections that are kept for the next one."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from time import perf_counter
from typing import Protocol

from mirrorcfg.verifier.codes import Failure, sentence
from mirrorcfg.verifier.wire import tunnel
from mirrorcfg.verifier.wire.certificate import Certificate
from mirrorcfg.verifier.wire.headers import Headers
from mirrorcfg.verifier.wire.http1 import Http1
from mirrorcfg.verifier.wire.network import Network, Stream
from mirrorcfg.verifier.wire.proxy import Proxy
from mirrorcfg.verifier.wire.tls import TlsStream
from mirrorcfg.verifier.wire.url import Origin, Url

_ONE, _BOTH = ("http/1.1",), ("h2", "http/1.1")


class Connection(Protocol):
    """HTTP of one version or the other."""

    stream: Stream

    async def ask(self, method: str, url: Url, headers: Mapping[str, str]) -> tuple[int, Headers]:
        """Status and header fields of the answer to a request without a body. Raises Failure."""

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """The answer's body, piece by piece. Raises Failure."""

    def finish(self) -> bool:
        """Be done with the last answer, read or not; whether it can be asked again."""


class Transport:
    """Requests to a source, through a proxy or straight; keeps a connection of each origin."""

    def __init__(
        self, network: Network, context: ssl.SSLContext, proxy: Proxy | None, *, http2: bool
    ) -> None:
        self._network = network
        self._context = context
        self._proxy = proxy
        self._protocols = _BOTH if http2 else _ONE
        self._free: dict[Origin, Connection] = {}
        self._opened: list[Stream] = []

    async def ask(self, method: str, url: Url, headers: Mapping[str, str]) -> Answer:
        """The answer's head; its body is read by whoever wants it. Raises Failure."""
        connection = self._free.pop(url.origin, None)
        try:
            if connection is None or connection.stream.has_ended():
                connection = await self._connected(url)
            self._network.progress.stage = "wait"
            status, found = await connection.ask(method, url, headers)
        except Failure as failure:
            raise failure.about(host=url.host, port=url.number) from None
        return Answer(status, found, connection, lambda: self._release(url.origin, connection))

    def close(self) -> None:
        """Drop every connection."""
        for stream in self._opened:
            stream.close()

    def _release(self, origin: Origin, connection: Connection) -> None:
        if connection.finish():
            self._free[origin] = connection
        else:
            connection.stream.close()

    async def _connected(self, url: Url) -> Connection:
        stream = await self._stream(url)
        if url.scheme != "https":
            passing_on = self._proxy is not None and not self._proxy.is_socks
            return Http1(stream, self._proxy if passing_on else None)
        secured = await self._secured(stream, url.host, self._protocols)
        if secured.protocol != "h2":
            return Http1(secured)
        from mirrorcfg.verifier.wire.http2 import Http2

        return Http2(secured, self._network.budget)

    async def _stream(self, url: Url) -> Stream:
        """TCP to a source, or what a proxy makes of it. Raises Failure."""
        proxy, network = self._proxy, self._network
        if proxy is None:
            return await self._dialled(url)
        host = url.host
        if proxy.is_socks and not proxy.far_names:
            found = await network.resolve(host, url.number)
            host = next((at for at in found if at.family == socket.AF_INET), found[0]).target[0]
        network.progress.proxy = proxy.url
        try:
            stream = await self._dialled(proxy.at)
            if proxy.at.scheme == "https":
                stream = await self._secured(stream, proxy.at.host, _ONE)
            if proxy.is_socks or url.scheme == "https":
                await tunnel.through(stream, proxy, url, host)
        except Failure as failure:
            if failure.code.startswith("proxy-"):
                raise
            failure.about(host=proxy.at.host, port=proxy.at.number)
            said = sentence(failure.code, failure.facts).rstrip(".")
            detail = "it doesn't speak HTTP" if failure.code == "malformed" else said
            raise Failure("proxy-unreachable", proxy=proxy.url, detail=detail) from None
        network.progress.proxy = None
        return stream

    async def _dialled(self, url: Url) -> Stream:
        stream = await self._network.connect(url.host, url.number)
        self._opened.append(stream)
        return stream

    async def _secured(self, stream: Stream, host: str, protocols: Sequence[str]) -> TlsStream:
        """TLS on this connection, verified as the context says. Raises Failure."""
        progress, started = self._network.progress, perf_counter()
        progress.stage = "tls"
        try:
            async with asyncio.timeout(self._network.patience.tls):
                secured = await TlsStream.over(stream, self._context, host, protocols)
        except TimeoutError:
            raise Failure("tls-timeout", host=host) from None
        progress.took("tls", started)
        return secured


class Answer:
    """An answer on its way: its head is here, its body comes."""

    def __init__(
        self, status: int, headers: Headers, connection: Connection, release: Callable[[], None]
    ) -> None:
        self.status = status
        self.headers = headers
        self.chunks = connection.chunks
        self.close = release
        self._stream = connection.stream

    @property
    def certificate(self) -> Certificate | None:
        """That of the server, if it came over TLS."""
        return self._stream.certificate if isinstance(self._stream, TlsStream) else None
