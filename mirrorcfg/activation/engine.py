"""The Engine API of a daemon, on its unix socket: only what is read here.

Source of the rules: docker's documentation, "Engine API", `GET /info`; unix(7), for SO_PEERCRED.
"""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from mirrorcfg.activation.process import SOCKET, Daemon
from mirrorcfg.model.engine import Engine

_ASK = b"GET /info HTTP/1.0\r\nHost: docker\r\n\r\n"  # 1.0: the answer comes in one piece, and then the end
_LIMIT = 4 << 20  # bytes; an answer has ten thousand
_PIECE = 1 << 16
_PROXIES = {"http": "HttpProxy", "https": "HttpsProxy", "no_proxy": "NoProxy"}
_STORE = "io.containerd.snapshotter.v1"


def here(environ: Mapping[str, str]) -> Engine | None:
    """The daemon that this user's docker talks to; None where none answers, or one of somebody else's."""
    named = environ.get("DOCKER_HOST", f"unix://{SOCKET}")
    if not named.startswith("unix://"):
        return None
    found = _asked([named.removeprefix("unix://")], {0, os.geteuid()}, 5.0)
    return None if found is None else read(found)


def read(found: Mapping[str, Any]) -> Engine:
    """An answer, as far as anything depends on it."""
    version = re.match(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})", str(found.get("ServerVersion")))
    status = found.get("DriverStatus")
    proxies = {scheme: str(url) for scheme in _PROXIES if (url := found.get(_PROXIES[scheme]))}
    return Engine(
        tuple(map(int, version.groups())) if version else (),
        mirrors(found) or (),
        isinstance(status, list) and ["driver-type", _STORE] in status,
        proxies,
    )


def info(daemon: Daemon, patience: float = 5.0) -> dict[str, Any] | None:
    """What the daemon says of itself; None where none of its sockets answers this user.

    All of them together have `patience` seconds. One on which somebody else listens than the daemon's account
    is not asked.
    """
    return _asked(daemon.sockets, {daemon.uid}, patience)


def _asked(sockets: Iterable[str], uids: Collection[int], patience: float) -> dict[str, Any] | None:
    end = time.monotonic() + patience
    for path in sockets:
        try:
            head, _, body = _answer(path, uids, end).partition(b"\r\n\r\n")
            found = json.loads(body) if head.split(b" ", 2)[1:2] == [b"200"] else None
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return None


def mirrors(found: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The registry mirrors in an answer, as a file spells them; the daemon adds a slash to each."""
    registry = found.get("RegistryConfig")
    listed = registry.get("Mirrors") if isinstance(registry, dict) else None
    if registry is None:
        return None
    return tuple(str(url).rstrip("/") for url in listed or ())


def _answer(path: str, uids: Collection[int], end: float) -> bytes:
    """All that comes. Raises OSError where it takes longer than to `end`, ValueError where it is too much."""
    said = bytearray()
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(_left(end))
        sock.connect(path)
        if _listener(sock) not in uids:
            raise PermissionError
        sock.sendall(_ASK)
        while True:
            sock.settimeout(_left(end))
            piece = sock.recv(_PIECE)
            if not piece:
                return bytes(said)
            said += piece
            if len(said) > _LIMIT:
                raise ValueError


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _listener(sock: socket.socket) -> int:
    """The account of who began to listen there, as the kernel noted it."""
    found = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", found)[1])
