"""How much a server may send us before nobody listens any more, whatever it is called.

Counted where bytes come off the wire, below TLS, packing and HTTP: so nothing of theirs hides what it takes.
"""

from __future__ import annotations

from mirrorcfg.verifier.codes import Failure

_BYTES = 1 << 27
"""The largest sound exchange reads three pages of an index, each of 32 MiB at most, and small things."""

_PIECES = 250_000
"""The same at 536 bytes a piece, the least that a host takes at once (RFC 9293, section 3.7.1)."""


_IDLE = 1000
"""A sound HTTP/2 server sends settings, some pings and window updates: tens of frames for an exchange."""


class Budget:
    """What is left of it, for all connections of one exchange."""

    def __init__(self) -> None:
        self._bytes, self._pieces, self._idle = _BYTES, _PIECES, _IDLE

    def spend(self, size: int) -> None:
        """A piece of so many bytes has come. Raises Failure too-large."""
        self._bytes -= size
        self._pieces -= 1
        if self._bytes < 0 or self._pieces < 0:
            raise Failure("too-large")

    def idle(self) -> None:
        """A frame has come that brings nothing of an answer. Raises Failure malformed."""
        self._idle -= 1
        if self._idle < 0:
            raise Failure("malformed", detail="it sends frames without end, and no answer")
