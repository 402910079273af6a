"""HTTP/2 over a stream of ours, for the tools that speak it: h2 knows the protocol. One request at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Iterator, Mapping

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import FrameTooLargeError, ProtocolError
from h2.settings import SettingCodes, Settings

from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.wire.budget import Budget
from mirrorcfg.verifier.wire.headers import Headers
from mirrorcfg.verifier.wire.network import Stream
from mirrorcfg.verifier.wire.url import Url

_WINDOW = 1 << 20  # bytes that a server may send ahead
_HEAD = 1 << 16  # bytes of header fields
_PIECE = 1 << 16
_FRAME, _GOAWAY = 9, 7  # bytes of a frame's head, and a kind of frame: RFC 9113, sections 4.1 and 6.8
_OTHER = "its answer isn't HTTP/2"


class Http2:
    """A connection that is asked one thing after the other."""

    def __init__(self, stream: Stream, budget: Budget | None = None) -> None:
        self.stream = stream
        self._budget = budget or Budget()
        self._state = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._state.local_settings = Settings(
            client=True,
            initial_values={
                SettingCodes.ENABLE_PUSH: 0,
                SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW,
                SettingCodes.MAX_HEADER_LIST_SIZE: _HEAD,
            },
        )
        self._state.initiate_connection()
        self._state.increment_flow_control_window(_WINDOW)
        self._events: deque[Event] = deque()
        self._rest = b""
        self._id = 0
        self._whole = True  # the last answer has come to its end
        self._leaving = False  # the server takes no more requests

    async def ask(self, method: str, url: Url, headers: Mapping[str, str]) -> tuple[int, Headers]:
        """Status and header fields of the answer to a request without a body. Raises Failure."""
        pseudo = [
            (":method", method),
            (":scheme", url.scheme),
            (":authority", url.authority),
            (":path", url.target),
        ]
        self._id, self._whole = self._state.get_next_available_stream_id(), False
        self._state.send_headers(self._id, [*pseudo, *headers.items()], end_stream=True)
        await self._flush()
        while True:
            event = await self._event()
            if isinstance(event, ResponseReceived):
                fields = Headers((bytes(name), bytes(value)) for name, value in event.headers)
                status = fields.get(":status", "")
                if not (status.isascii() and status.isdigit() and len(status) == 3):
                    raise Failure("malformed", detail=_OTHER)
                return int(status), fields
            if isinstance(event, StreamReset | ConnectionTerminated):
                raise Failure("connect-reset")

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The answer's body, piece by piece. Raises Failure."""
        while not isinstance(event := await self._event(), StreamEnded):
            if isinstance(event, DataReceived):
                self._state.acknowledge_received_data(event.flow_controlled_length, self._id)
                yield event.data
                await self._flush()
            else:
                raise Failure("malformed", detail="its answer is cut off")

    def finish(self) -> bool:
        """Be done with the last answer, read or not; whether it can be asked again."""
        self._whole = self._whole or any(isinstance(event, StreamEnded) for event in self._events)
        self._events.clear()
        return self._whole and not self._leaving

    async def _event(self) -> Event:
        """The next event of the request that is under way."""
        while not self._events:
            data = await self.stream.read(_PIECE)
            if not data:
                return ConnectionTerminated()
            try:
                for frame in self._frames(data):
                    events = list(filter(self._matters, self._state.receive_data(frame)))
                    self._events.extend(events)
                    if all(isinstance(event, DataReceived) and not event.data for event in events):
                        self._budget.idle()
            except ProtocolError:
                if not self._events:  # what came before it counts first
                    raise Failure("malformed", detail=_OTHER) from None
            await self._flush()
        event = self._events.popleft()
        self._whole = self._whole or isinstance(event, StreamEnded)
        return event

    def _frames(self, data: bytes) -> Iterator[bytes]:
        """Whole frames, without a farewell that lets our request finish: h2 takes nothing after one."""
        data, at = self._rest + data, 0
        most = _FRAME + self._state.max_inbound_frame_size
        while len(data) - at >= _FRAME:
            size = _FRAME + int.from_bytes(data[at : at + 3], "big")
            if size > most:
                raise FrameTooLargeError  # h2 would wait for all of it
            if len(data) - at < size:
                break
            frame, at = data[at : at + size], at + size
            if self._is_farewell(frame):
                self._leaving = True
            else:
                yield frame
        self._rest = data[at:]

    def _is_farewell(self, frame: bytes) -> bool:
        """RFC 9113, section 6.8: no error, and the last request that is answered is ours or a later one."""
        last, error = frame[_FRAME : _FRAME + 4], frame[_FRAME + 4 : _FRAME + 8]
        return frame[3] == _GOAWAY and int.from_bytes(last, "big") >= self._id and error == bytes(4)

    def _matters(self, event: Event) -> bool:
        kinds = ResponseReceived | DataReceived | StreamEnded | StreamReset
        return isinstance(event, ConnectionTerminated) or (
            isinstance(event, kinds) and event.stream_id == self._id
        )

    async def _flush(self) -> None:
        if data := self._state.data_to_send():
            await self.stream.write(data)
