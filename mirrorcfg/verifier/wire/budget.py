"""How much a server may send us before nobody listens any more, whatever it is called.

Counted where bytes come off the wire, below TLS, packing and HTTP: so nothing of theirs hides what it takes.
"""

from __future__ import annotations

from mirrorcfg.verifier.codes import Failure

_BYTES = 1 << 27
"""The largest sound exchange reads three pages of an index, each of 32 MiB at most, and small things."""

_PIECES = 250_000
"""The same at 536 bytes a piece, the least that a host takes at once (RFC 9293, section 3.7.1)."""


class Budget:
    """What is left of it, for all connections of one exchange."""

    def __init__(self) -> None:
        self._bytes, self._pieces = _BYTES, _PIECES

    def spend(self, size: int) -> None:
        """A piece of so many bytes has come. Raises Failure too-large."""
        self._bytes -= size
        self._pieces -= 1
        if self._bytes < 0 or self._pieces < 0:
            raise Failure("too-large")
