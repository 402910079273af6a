"""httpcore over connections of our own making, so that every failure has its own name."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import AsyncGenerator, Mapping

import httpcore
import httpx

from mirrorcfg.verifier.certificate import Certificate
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.network import Network
from mirrorcfg.verifier.proxy import Proxy

for _name in ("httpx", "httpcore", "hpack", "h2"):  # their logs hold addresses with passwords
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)  # of those below it too: httpcore.socks tells one

_STATUS = re.compile(r"\d{3}")
_CONNECTIONS = 4
_WANTS_LOGIN = ("username", "no acceptable methods")  # as httpcore words the answers of RFC 1928 and 1929


class Transport:
    """Requests to a source, through a proxy or straight; keeps its connections until it is closed."""

    def __init__(
        self, network: Network, context: ssl.SSLContext, proxy: Proxy | None, *, http2: bool
    ) -> None:
        self._proxy = proxy
        self._network = network
        self._pool = _pool(network, context, proxy, http2)

    async def ask(self, method: str, url: httpx.URL, headers: Mapping[str, str]) -> Answer:
        """The answer's head; its body is read by whoever wants it. Raises Failure."""
        self._network.progress.stage = "wait"
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        sent: list[tuple[str | bytes, str | bytes]] = [("host", url.netloc), *headers.items()]
        asked = httpcore.Request(method, target, headers=sent)
        try:
            return Answer(await self._pool.handle_async_request(asked), self)
        except Exception as error:
            raise self.named(error, url) from None

    async def aclose(self) -> None:
        """Drop every connection."""
        try:
            await self._pool.aclose()
        finally:
            self._network.close()

    def named(self, error: Exception, url: httpx.URL) -> Failure:
        """What an error of httpcore's means."""
        through = self._network.progress.proxy
        if through and isinstance(error, Failure) and error.code in ("read-timeout", "connect-reset"):
            return Failure("proxy-unreachable", proxy=through, detail=error.code)
        if through and isinstance(error, httpcore.RemoteProtocolError):
            return Failure("proxy-unreachable", proxy=through, detail="it doesn't speak HTTP")
        if isinstance(error, Failure):
            return error.about(host=url.host, port=url.port or 443)
        if isinstance(error, httpcore.ProxyError) and self._proxy is not None:
            return _by_proxy(self._proxy, str(error), url)
        if isinstance(error, httpcore.RemoteProtocolError) and "disconnected" in str(error):
            return Failure("connect-reset")
        if isinstance(error, httpcore.ProtocolError):
            detail = "its answer is cut off" if "peer closed" in str(error) else "its answer isn't HTTP"
            return Failure("malformed", detail=detail)
        return Failure("malformed", detail=type(error).__name__)


class Answer:
    """An answer on its way: its head is here, its body comes."""

    def __init__(self, answer: httpcore.Response, transport: Transport) -> None:
        self.status = answer.status
        self.headers = httpx.Headers(answer.headers)
        self._answer = answer
        self._transport = transport

    @property
    def certificate(self) -> Certificate | None:
        """That of the server, if it came over TLS."""
        stream = self._answer.extensions.get("network_stream")
        return None if stream is None else stream.get_extra_info("certificate")

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body, piece by piece. Raises Failure."""
        try:
            async for chunk in self._answer.aiter_stream():
                yield chunk
        except Exception as error:
            raise self._transport.named(error, httpx.URL("")) from None

    async def aclose(self) -> None:
        """Read no more of it."""
        await self._answer.aclose()


def _pool(
    network: Network, context: ssl.SSLContext, proxy: Proxy | None, http2: bool
) -> httpcore.AsyncConnectionPool:
    if proxy is None:
        return httpcore.AsyncConnectionPool(
            context, max_connections=_CONNECTIONS, http2=http2, network_backend=network
        )
    if proxy.is_socks:
        url = proxy.url.replace("socks5h:", "socks5:", 1)
        return httpcore.AsyncSOCKSProxy(
            url, proxy.auth, context, max_connections=_CONNECTIONS, http2=http2, network_backend=network
        )
    return httpcore.AsyncHTTPProxy(
        proxy.url,
        proxy.auth,
        ssl_context=context,
        proxy_ssl_context=context if proxy.url.startswith("https:") else None,
        max_connections=_CONNECTIONS,
        http2=http2,
        network_backend=network,
    )


def _by_proxy(proxy: Proxy, text: str, url: httpx.URL) -> Failure:
    facts = {"proxy": proxy.url, "host": url.host}
    found = _STATUS.match(text)
    status = int(found.group()) if found else 0
    if status == 407 or any(word in text.lower() for word in _WANTS_LOGIN):
        return Failure("proxy-auth-required", **facts)
    if status >= 500 or "could not connect" in text:
        return Failure("proxy-failed", **facts, detail=f"HTTP {status}" if status else text)
    return Failure("proxy-refused", **facts, detail=f"HTTP {status}" if status else text)
