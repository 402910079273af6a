"""The way to a source, straight or through a proxy, as httpcore2's pool asks for it.

Each step has its own time-out, and fails with a Failure, which passes pool and client as it is.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from time import perf_counter
from typing import Any

import httpcore2

from mirrorcfg.sentence import clause, sentence
from mirrorcfg.verifier.codes import Failure, message
from mirrorcfg.verifier.proxy import Proxy
from mirrorcfg.verifier.wire import socks
from mirrorcfg.verifier.wire.budget import Frames
from mirrorcfg.verifier.wire.network import Network
from mirrorcfg.verifier.wire.tls import Stream, TlsStream


class Route(httpcore2.AsyncNetworkBackend):
    """Connects; `context` is what is trusted of a proxy over TLS, and to one that is `passing` nothing else
    is said: it reads the requests and passes them on.
    """

    def __init__(
        self,
        network: Network,
        proxy: Proxy | None = None,
        context: ssl.SSLContext | None = None,
        *,
        passing: bool = False,
    ) -> None:
        self.network = network
        self.proxy, self.passing = proxy, passing
        self.last: Link | None = None  # the connection that was asked last
        self._context = context
        self._opened: list[Stream] = []
        self.shared: list[Link] = []  # those that speak HTTP/2

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> Link:
        """TCP to a source, or what a proxy makes of it. Raises Failure."""
        proxy, network = self.proxy, self.network
        if proxy is None:
            return await self._dialled(host, port)
        near = host
        if proxy.is_socks and not proxy.far_names:
            found = await network.resolve(host, port)
            near = next((at for at in found if at.family == socket.AF_INET), found[0]).target[0]
        network.progress.proxy = proxy.url
        try:
            link = await self._dialled(proxy.at.host, proxy.at.number)
            if self._context is not None:
                link = await link.start_tls(self._context, proxy.at.host)
            if proxy.is_socks:
                await socks.through(link.stream, proxy, near, port)
            elif not self.passing:
                await _connect(link, proxy, host, port)
        except Failure as failure:
            if failure.code.startswith("proxy-"):
                raise
            failure.about(host=proxy.at.host, port=proxy.at.number)
            detail = clause(message(failure.code, failure.facts))
            if failure.code == "malformed":
                detail = sentence("it doesn't speak HTTP")
            raise Failure("proxy-unreachable", proxy=proxy.url, detail=detail) from None
        network.progress.proxy = None
        return link

    def stale(self) -> bool:
        """Whether a peer has gone without the pool's notice: it asks no HTTP/2 connection for that."""
        return any(link.stream.has_ended() for link in self.shared)

    def close(self) -> None:
        """Drop every connection."""
        for stream in self._opened:
            stream.close()

    async def _dialled(self, host: str, port: int) -> Link:
        stream = await self.network.connect(host, port)
        self._opened.append(stream)
        return Link(self, stream)


class Link(httpcore2.AsyncNetworkStream):
    """A connection, as the pool reads and writes it."""

    def __init__(self, route: Route, stream: Stream) -> None:
        self.stream = stream
        self.has_ended = False
        self._route = route
        self._frames: Frames | None = None
        if self.speaks_http2:
            self._frames = Frames(route.network.budget)
            route.shared.append(self)

    @property
    def speaks_http2(self) -> bool:
        """Whether that is what the two sides have agreed on."""
        return isinstance(self.stream, TlsStream) and self.stream.object.selected_alpn_protocol() == "h2"

    @property
    def leaving(self) -> bool:
        """Whether the server has said that it takes no more requests (RFC 9113, section 6.8)."""
        return self._frames is not None and self._frames.leaving

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come; nothing at the end. Raises Failure."""
        while data := await self.stream.read(max_bytes):
            if self._frames is None:
                self._route.network.budget.heard(data)
                return data
            if whole := self._frames.whole(data):
                return whole
        self.has_ended = True
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it. Raises Failure."""
        self._route.last = self
        await self.stream.write(buffer)

    async def aclose(self) -> None:
        """Let go at once."""
        self.stream.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> Link:
        """TLS on this connection, verified as the context says. Raises Failure."""
        network, host, started = self._route.network, server_hostname or "", perf_counter()
        network.progress.stage = "tls"
        try:
            async with asyncio.timeout(network.patience.tls):
                secured = await TlsStream.over(self.stream, ssl_context, host)
        except TimeoutError:
            raise Failure("tls-timeout", host=host) from None
        network.progress.took("tls", started)
        network.progress.stage = "wait"
        return Link(self._route, secured)

    def get_extra_info(self, info: str) -> Any:
        """What the pool wants to know: the protocol agreed on, and whether an idle peer has gone."""
        if info == "is_readable":
            return self.stream.has_ended()
        return getattr(self.stream, "object", None) if info == "ssl_object" else None


async def _connect(link: Link, proxy: Proxy, host: str, port: int) -> None:
    """HTTP's CONNECT (RFC 9110, section 9.3.6). Raises Failure."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    at = httpcore2.URL(scheme="http", host=proxy.at.host, port=proxy.at.number, target=place)
    way = httpcore2.AsyncHTTP11Connection(at.origin, link)
    asked = httpcore2.Request("CONNECT", at, headers=[("Host", place), *proxy.fields])
    try:
        answer = await way.handle_async_request(asked)
    except httpcore2.RemoteProtocolError:
        raise Failure("connect-reset" if link.has_ended else "malformed") from None
    if 200 <= answer.status < 300:
        return
    facts = {"proxy": proxy.url, "detail": f"HTTP {answer.status}"}
    if answer.status == 407:
        raise Failure("proxy-auth-required", **facts)
    raise Failure("proxy-failed" if answer.status >= 500 else "proxy-refused", **facts)
