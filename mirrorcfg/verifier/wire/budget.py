"""How much a server may send us before nobody listens any more, whatever it is called.

Counted where bytes come off the wire, below packing and HTTP: so nothing of theirs hides what it takes.
"""

from __future__ import annotations

from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure

_BYTES = 1 << 27
"""The largest sound exchange reads three pages of an index, each of 32 MiB at most, and small things."""

_PIECES = 250_000
"""The same at 536 bytes a piece, the least that a host takes at once (RFC 9293, section 3.7.1)."""

_INTERIM, _BEGINS = 16, b"\nHTTP/1."
"""Answers that only announce one: a sound server sends one or two (RFC 9110, 15.2); how the next begins."""

_IDLE = 1000
"""A sound HTTP/2 server sends heads, settings, some pings and window updates: tens of frames an exchange."""

_HEAD, _LARGEST, _DATA, _PADDED, _GOAWAY = 9, 1 << 14, 0, 8, 7
"""Bytes of a frame's head, and at most behind it; kinds of frame and a flag: RFC 9113, 4.1, 4.2, 6.1, 6.8."""


class Budget:
    """What is left of it, for all connections of one exchange."""

    def __init__(self) -> None:
        self._bytes, self._pieces, self._idle = _BYTES, _PIECES, _IDLE
        self._interim: int | None = None
        self._tail = b""

    def asked(self) -> None:
        """An answer is asked for."""
        self._interim, self._tail = _INTERIM, b""

    def answered(self) -> None:
        """The answer's head is whole."""
        self._interim = None

    def heard(self, data: bytes) -> None:
        """These bytes of HTTP/1.1 have come. Raises Failure malformed where they only announce an answer."""
        if self._interim is not None:
            data = self._tail + data
            self._interim -= data.count(_BEGINS)
            self._tail = data[1 - len(_BEGINS) :]
            if self._interim < 0:
                raise Failure("malformed", detail=sentence("it announces an answer without end"))

    def spend(self, size: int) -> None:
        """A piece of so many bytes has come. Raises Failure too-large."""
        self._bytes -= size
        self._pieces -= 1
        if self._bytes < 0 or self._pieces < 0:
            raise Failure("too-large")

    def idle(self) -> None:
        """A frame has come that brings no content. Raises Failure malformed."""
        self._idle -= 1
        if self._idle < 0:
            raise Failure("malformed", detail=sentence("it sends frames without end, and no answer"))


class Frames:
    """What an HTTP/2 server sends, frame by frame; those without content are counted, whatever they are."""

    def __init__(self, budget: Budget) -> None:
        self.leaving = False  # whether the server has said that it takes no more requests
        self._budget = budget
        self._rest = b""

    def whole(self, data: bytes) -> bytes:
        """Frames that are whole, without a farewell that lets our request finish: h2 takes nothing after one.

        Raises Failure malformed.
        """
        data, at, whole = self._rest + data, 0, bytearray()
        while len(data) - at >= _HEAD:
            size = int.from_bytes(data[at : at + 3], "big")
            if size > _LARGEST:
                raise Failure("malformed", detail=sentence("its answer isn't HTTP/2"))
            frame = data[at : at + _HEAD + size]
            if len(frame) < _HEAD + size:
                break
            at += len(frame)
            if not _has_content(frame):
                self._budget.idle()
            if frame[3] == _GOAWAY:
                self.leaving = True
            if not _is_farewell(frame):
                whole += frame
        self._rest = data[at:]
        return bytes(whole)


def _has_content(frame: bytes) -> bool:
    body = frame[_HEAD:]
    return frame[3] == _DATA and len(body) > (1 + body[0] if body and frame[4] & _PADDED else 0)


def _is_farewell(frame: bytes) -> bool:
    """No error, and not that nothing is answered: so our request is, as there is but one at a time."""
    last, error = frame[_HEAD : _HEAD + 4], frame[_HEAD + 4 : _HEAD + 8]
    return frame[3] == _GOAWAY and any(last) and error == bytes(4)
