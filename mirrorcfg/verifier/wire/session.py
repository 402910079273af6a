"""Questions to a source over httpx2, by a route of ours: connections are kept for the next one.

Nothing is done that wasn't asked for: no redirects, no cookies, nothing of the environment, nothing unpacked.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, Mapping

import httpcore2
import httpx2

from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.url import Url
from mirrorcfg.verifier.wire.route import Link, Route
from mirrorcfg.verifier.wire.tls import TlsStream

_REST = 1 << 16  # bytes of an answer that nobody reads, taken for its connection's sake
_COOKIES = {b"set-cookie", b"set-cookie2"}

for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # what is asked, and of whom, stands in no log


class Session:
    """Requests to a source along one route."""

    def __init__(self, route: Route, context: ssl.SSLContext | None = None, *, http2: bool = False) -> None:
        self._route = route
        pool = _Transport(route, context, http2)
        self._client = httpx2.AsyncClient(transport=pool, trust_env=False, timeout=None)

    async def ask(self, method: str, url: Url, headers: Mapping[str, str]) -> Answer:
        """The answer's head; its body is read by whoever wants it. Raises Failure."""
        # As requests and Go write them: the rules give case no meaning, old middleboxes do.
        fields = [("Host", url.authority), *((name.title(), value) for name, value in headers.items())]
        request = httpx2.Request(method, str(url), headers=fields)
        try:
            return Answer(await self._client.send(request, stream=True, auth=None))
        except Failure as failure:
            raise failure.about(host=url.host, port=url.number) from None
        except ValueError:  # httpx2 looks where a redirect leads, even where it doesn't go there
            detail = sentence("it redirects to no address")
            raise Failure("malformed", host=url.host, detail=detail) from None

    def close(self) -> None:
        """Drop every connection."""
        self._route.close()


class Answer:
    """An answer on its way: its head is here, its body comes."""

    def __init__(self, response: httpx2.Response) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.chunks: AsyncIterator[bytes] = response.aiter_raw()  # raises Failure
        self._response = response
        self._link: Link = response.extensions["network_stream"]

    @property
    def certificate_ends(self) -> float | None:
        """When that of the server ends, if it came over TLS: in seconds since 1970."""
        stream = self._link.stream
        return stream.ends if isinstance(stream, TlsStream) else None

    async def aclose(self) -> None:
        """Be done with it, read or not: its connection is kept if the rest has come already."""
        self._link.stream.hurry(_REST)
        try:
            async for _ in self.chunks:
                pass
        except Failure:
            await self._link.aclose()
        finally:
            self._link.stream.hurry(None)
            await self._response.aclose()
        if self._link.leaving:
            await self._link.aclose()


class _Transport(httpx2.AsyncBaseTransport):
    """httpcore2's pool as httpx2 wants it, whose failures are ours."""

    def __init__(self, route: Route, context: ssl.SSLContext | None, http2: bool) -> None:
        self._route = route
        self._pool = httpcore2.AsyncConnectionPool(
            context, http2=http2, max_connections=None, network_backend=route
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer's head. Raises Failure."""
        url, route, network = request.url, self._route, self._route.network
        target, headers = url.raw_path, request.headers.raw
        if route.passing and route.proxy:  # RFC 9112, section 3.2.2
            target = str(url).encode()
            headers += [(name.encode(), value.encode()) for name, value in route.proxy.fields]
        at = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=target)
        asked = httpcore2.Request(request.method, at, headers=headers)
        if route.stale():
            route.shared.clear()
            await self._pool.aclose()
        network.progress.stage, route.last = "wait", None
        network.budget.asked()
        try:
            answer = await self._pool.handle_async_request(asked)
        except Failure:
            raise
        except Exception as error:  # h2's own pass as they are
            if route.last is None:
                raise  # nothing was asked yet: it isn't the server's
            raise Failure("connect-reset") if _taken_back(error, route.last) else _malformed() from None
        finally:
            network.budget.answered()
        if not 200 <= answer.status <= 999:
            raise _malformed()
        kept = [field for field in answer.headers if field[0].lower() not in _COOKIES]
        return httpx2.Response(
            answer.status, headers=kept, stream=_Body(answer), extensions=answer.extensions
        )


class _Body(httpx2.AsyncByteStream):
    """An answer's body as it comes off the pool, whose failures are ours."""

    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.aiter_stream():
                yield chunk
        except Failure:
            raise
        except Exception as error:
            link: Link = self._answer.extensions["network_stream"]
            if _taken_back(error, link):
                raise Failure("malformed", detail=sentence("its answer is cut off")) from None
            raise _malformed() from None

    async def aclose(self) -> None:
        await self._answer.aclose()


def _malformed() -> Failure:
    return Failure("malformed", detail=sentence("its answer isn't HTTP"))


def _taken_back(error: Exception, link: Link) -> bool:
    """Whether the server has left, or said so; of HTTP/2 also whether it resets what was asked of it."""
    reset = link.speaks_http2 and isinstance(error, httpcore2.RemoteProtocolError)
    return link.has_ended or link.leaving or reset
