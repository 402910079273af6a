"""Bodies of answers, unpacked as they come and never beyond a limit."""

from __future__ import annotations

import asyncio
import bz2
import sys
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure

try:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
except ImportError:  # compiled, so not in mirrorcfg.pyz; and a Python may be built without it
    zstd = None  # type: ignore[assignment]

_SLACK = 1 << 16  # compressed bytes that may come before the first byte of content
_FRAMES = 64


class Unpacker(Protocol):
    """Turns compressed bytes into content, at most `room` bytes at a time."""

    def __call__(self, data: bytes, room: int) -> bytes:
        """The content that this piece gives."""


class _Stepwise(Protocol):
    """What BZ2Decompressor and ZstdDecompressor have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Frames:
    """bzip2 and zstd: one frame after the other."""

    def __init__(self, make: Callable[[], _Stepwise]) -> None:
        self._make = make
        self._current = make()
        self._frames = 0

    def __call__(self, data: bytes, room: int) -> bytes:
        out = bytearray()
        while len(out) < room:
            if self._current.eof:
                data = self._current.unused_data or data
                if not data or self._frames > _FRAMES:
                    break
                self._current, self._frames = self._make(), self._frames + 1
            got = self._current.decompress(data, room - len(out))
            out += got
            if not self._current.eof:
                break
            data = b""
        return bytes(out)


class _Deflate:
    """gzip, zlib, and the bare deflate that some servers send under its name."""

    def __init__(self) -> None:
        self._current = zlib.decompressobj(47)
        self._began = False

    def __call__(self, data: bytes, room: int) -> bytes:
        if room <= 0:
            return b""
        try:
            out = self._current.decompress(self._current.unconsumed_tail + data, room)
        except zlib.error:
            if self._began:
                raise
            self._current = zlib.decompressobj(-15)
            out = self._current.decompress(data, room)
        self._began = True
        return out


_BY_NAME: dict[str, Callable[[], Unpacker]] = {
    "gzip": _Deflate,
    "x-gzip": _Deflate,
    "deflate": _Deflate,
    "bz2": lambda: _Frames(bz2.BZ2Decompressor),
}
_BROKEN: tuple[type[Exception], ...] = (zlib.error, OSError, EOFError, ValueError)
if zstd is not None:
    _BY_NAME["zstd"] = lambda: _Frames(zstd.ZstdDecompressor)
    _BROKEN += (zstd.ZstdError,)


def can_unpack(name: str) -> bool:
    """Is this compression one that can be undone here?"""
    return name in _BY_NAME


def unpackers(encodings: str, also: str | None = None) -> list[Unpacker]:
    """What undoes a Content-Encoding, and then the file's own compression. Raises Failure malformed."""
    names = [name.strip().lower() for name in encodings.split(",") if name.strip()]
    names = [name for name in reversed(names) if name != "identity"]
    unknown = [name for name in names if name not in _BY_NAME]
    if unknown or len(names) > 3:
        raise Failure(
            "malformed",
            detail=sentence("an encoding that wasn't asked for: {names}", names=", ".join(unknown or names)),
        )
    return [_BY_NAME[name]() for name in [*names, *([also] if also else [])]]


async def collect(chunks: AsyncIterator[bytes], limit: int, chain: Sequence[Unpacker]) -> tuple[bytes, bool]:
    """At most `limit` bytes of content, and whether that is all. Raises Failure malformed."""
    out = bytearray()
    raw = 0
    async for chunk in chunks:
        raw += len(chunk)
        out += unpack(chunk, limit - len(out), chain)
        if len(out) >= limit or raw > limit + _SLACK:
            return bytes(out), False
    return bytes(out), True


async def drain(chunks: AsyncIterator[bytes], most: int, chain: Sequence[Unpacker]) -> bool:
    """Read on and keep nothing; whether it ends before `most` bytes of content. Raises Failure malformed."""
    count = raw = 0
    data = b""
    while count <= most and raw <= most:
        piece = unpack(data, _SLACK, chain)
        count += len(piece)
        data = b""
        if chain and len(piece) == _SLACK:
            await asyncio.sleep(0)  # others get their turn
            continue
        try:
            data = await anext(chunks)
        except StopAsyncIteration:
            return True
        raw += len(data)
    return False


def unpack(data: bytes, room: int, chain: Sequence[Unpacker]) -> bytes:
    """`data` through the whole chain, at most `room` bytes. Raises Failure malformed."""
    try:
        for step in chain:
            data = step(data, room)
    except _BROKEN as error:
        raise Failure("malformed", detail=sentence("it can't be unpacked ({why})", why=error)) from None
    return data[:room]
