"""httpx over connections of our own making, so that every failure has its own name."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import AsyncIterator

import httpcore
import httpx

from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.network import Network
from mirrorcfg.verifier.proxy import Proxy

for _name in ("httpx", "httpcore", "hpack", "h2"):  # their logs hold addresses with passwords
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False
    logging.getLogger(_name).disabled = True

_STATUS = re.compile(r"\d{3}")
_CONNECTIONS = 4


class Transport(httpx.AsyncBaseTransport):
    """Requests to a source, through a proxy or straight; keeps its connections until it is closed."""

    def __init__(
        self, network: Network, context: ssl.SSLContext, proxy: Proxy | None, *, http2: bool
    ) -> None:
        self._proxy = proxy
        self._network = network
        self._pool = _pool(network, context, proxy, http2)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer's head; its body is read by whoever wants it. Raises Failure."""
        url = request.url
        self._network.progress.stage = "wait"
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        asked = httpcore.Request(request.method, target, headers=request.headers.raw)
        try:
            answer = await self._pool.handle_async_request(asked)
        except Exception as error:
            raise self._named(error, url) from None
        return httpx.Response(
            answer.status, headers=answer.headers, extensions=answer.extensions, stream=_Body(answer, self)
        )

    async def aclose(self) -> None:
        """Drop every connection."""
        await self._pool.aclose()

    def _named(self, error: Exception, url: httpx.URL) -> Failure:
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


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response, transport: Transport) -> None:
        self._answer = answer
        self._transport = transport

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.aiter_stream():
                yield chunk
        except Exception as error:
            raise self._transport._named(error, httpx.URL("")) from None

    async def aclose(self) -> None:
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
    if status == 407 or "username" in text.lower():
        return Failure("proxy-auth-required", **facts)
    if status >= 500 or "could not connect" in text:
        return Failure("proxy-failed", **facts, detail=f"HTTP {status}" if status else text)
    return Failure("proxy-refused", **facts, detail=f"HTTP {status}" if status else text)
