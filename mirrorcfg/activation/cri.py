"""A runtime of Kubernetes', on its unix socket: its version and since when it runs.

Source of the rules: cri-api's runtime.v1 (RuntimeService.Version); gRPC over HTTP/2 (RFC 9113), of which one
question needs no more than this; unix(7), for SO_PEERCRED; proc(5), for a process's start.
"""

from __future__ import annotations

import os
import re
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_HEADERS = {
    ":method": "POST", ":scheme": "http", ":path": "/runtime.v1.RuntimeService/Version",
    ":authority": "localhost", "content-type": "application/grpc", "te": "trailers",
}  # fmt: skip
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEAD, _SETTINGS = 0, 1, 4
_END_STREAM, _END_HEADERS = 1, 4
_LIMIT = 1 << 16  # bytes; an answer has a hundred
_PATIENCE = 2.0


class Answer(NamedTuple):
    """The version that a runtime says it is, and when it started, in seconds since the epoch."""

    version: tuple[int, ...]
    started: float


def asked(path: str) -> Answer | None:
    """What root's runtime on this socket says of itself; None where none of root's answers."""
    with suppress(OSError, ValueError, struct.error), socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(_PATIENCE)
        sock.connect(path)
        pid, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if uid != 0:
            return None
        sock.sendall(_question())
        met = re.search(rb"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})", _version(_body(sock)))
        if met:
            return Answer(tuple(map(int, met.groups())), _started(pid))
    return None


def _question() -> bytes:
    """An empty VersionRequest; each header is a literal that nobody is to remember (RFC 7541, 6.2.2)."""
    fields = b"".join(
        b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
        for name, value in _HEADERS.items()
    )
    message = struct.pack(">BI", 0, 0)
    frames = [(_SETTINGS, 0, 0, b""), (_HEAD, _END_HEADERS, 1, fields), (_DATA, _END_STREAM, 1, message)]
    return _PREFACE + b"".join(
        struct.pack(">I", len(data))[1:] + struct.pack(">BBI", kind, flags, stream) + data
        for kind, flags, stream, data in frames
    )


def _body(sock: socket.socket) -> bytes:
    """The message of the answer. Raises OSError, and ValueError where it is none."""
    end, said, body = time.monotonic() + _PATIENCE, b"", b""
    while time.monotonic() < end and len(said) < _LIMIT:
        while len(said) >= 9 and len(said) >= 9 + (size := int.from_bytes(said[:3], "big")):
            kind, flags, stream = struct.unpack(">BBI", said[3:9])
            if stream == 1 and kind == _DATA:
                body += said[9 : 9 + size]
            if stream == 1 and flags & _END_STREAM and kind in (_DATA, _HEAD):
                return body[5:]
            said = said[9 + size :]
        if not (piece := sock.recv(_LIMIT)):
            break
        said += piece
    raise ValueError


def _version(message: bytes) -> bytes:
    """`runtime_version`, of a VersionResponse's texts the third."""
    return next((value for number, value in _fields(message) if number == 3), b"")


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(message):
        number, size = message[at] >> 3, message[at + 1]
        yield number, message[at + 2 : at + 2 + size]
        at += 2 + size


def _started(pid: int) -> float:
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    up = time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.time() - up + ticks / os.sysconf("SC_CLK_TCK")
