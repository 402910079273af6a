"""HTTP/1.1 over a stream of ours: h11 knows the protocol, the stream has the time-outs and the failures."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

import h11

from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.wire.headers import Headers
from mirrorcfg.verifier.wire.network import Stream
from mirrorcfg.verifier.wire.proxy import Proxy
from mirrorcfg.verifier.wire.url import Url

_HEAD = 100 * 1024  # bytes of a status line and its header fields
_PIECE = 1 << 16
_INTERIM = 16  # informational answers before the real one; a sound server sends one or two (RFC 9110, 15.2)


class Http1:
    """A connection that is asked one thing after the other."""

    def __init__(self, stream: Stream, proxy: Proxy | None = None) -> None:
        self.stream = stream
        self._proxy = proxy  # what passes requests on, where they aren't for the other end itself
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD)
        self._ended = False

    async def ask(self, method: str, url: Url, headers: Mapping[str, str]) -> tuple[int, Headers]:
        """Status and header fields of the answer to a request without a body. Raises Failure."""
        named = [("host", url.authority), *headers.items(), *(self._proxy.fields if self._proxy else ())]
        # As requests and Go write them: the rules give case no meaning, old middleboxes do.
        fields = [(name.title(), value) for name, value in named]
        request = h11.Request(method=method, target=self._target(method, url), headers=fields)
        out = (self._state.send(request) or b"") + (self._state.send(h11.EndOfMessage()) or b"")
        await self.stream.write(out)
        for _ in range(_INTERIM):
            event = await self._event()
            if isinstance(event, h11.Response):
                return event.status_code, Headers(event.headers)
        raise Failure("malformed", detail="it announces an answer without end")

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The answer's body, piece by piece. Raises Failure."""
        while isinstance(event := await self._event(), h11.Data):
            yield bytes(event.data)

    def finish(self) -> bool:
        """Be done with the last answer, read or not; whether it can be asked again."""
        state = self._state
        try:
            while state.their_state is h11.SEND_BODY and isinstance(state.next_event(), h11.Data):
                pass  # what has come already; no more is waited for
        except h11.RemoteProtocolError:
            return False
        if state.our_state is not h11.DONE or state.their_state is not h11.DONE:
            return False
        state.start_next_cycle()
        return True

    def _target(self, method: str, url: Url) -> str:
        """In the form that belongs to who is asked (RFC 9112, section 3.2)."""
        if method == "CONNECT":
            return url.authority
        return url.target if self._proxy is None else f"{url.scheme}://{url.authority}{url.target}"

    async def _event(self) -> Any:
        while True:
            try:
                event = self._state.next_event()
            except h11.RemoteProtocolError:
                what = "is cut off" if self._ended else "isn't HTTP"
                raise Failure("malformed", detail=f"its answer {what}") from None
            if event is not h11.NEED_DATA:
                return event
            data = await self.stream.read(_PIECE)
            self._ended = not data
            if self._ended and self._state.their_state is h11.SEND_RESPONSE:
                raise Failure("connect-reset")
            self._state.receive_data(data)
