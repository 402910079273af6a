"""The Engine API of a daemon, on its unix socket: only what is read here.

Source of the rules: docker's documentation, "Engine API", `GET /info`; unix(7), for SO_PEERCRED.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mirrorcfg.activation.process import Daemon
from mirrorcfg.model.engine import Engine

_ASK = b"GET /info HTTP/1.0\r\nHost: docker\r\n\r\n"  # 1.0: the answer comes in one piece, and then the end
_LIMIT = 4 << 20  # bytes; an answer has ten thousand
_PIECE = 1 << 16
_PROXIES = {"http": "HttpProxy", "https": "HttpsProxy", "no_proxy": "NoProxy"}
_STORE = "io.containerd.snapshotter.v1"
_DESKTOP = "Docker Desktop"
_PODMAN = "Libpod"  # what is noted in an answer of podman's, which says so in a header alone


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
        "podman" if found.get(_PODMAN) else "desktop" if found.get("OperatingSystem") == _DESKTOP else "",
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
            with connected(path, uids, end) as sock:
                found = said(sock, end)
        except OSError:
            continue
        if found is not None:
            return found
    return None


def said(sock: socket.socket, end: float) -> dict[str, Any] | None:
    """What the daemon answers, None where it isn't what one answers, or takes longer than to `end`."""
    try:
        head, _, body = _answer(sock, end).partition(b"\r\n\r\n")
        found = json.loads(body) if head.split(b" ", 2)[1:2] == [b"200"] else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return found | ({_PODMAN: True} if re.search(rb"^Libpod-API-Version:", head, re.I | re.M) else {})


def mirrors(found: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The registry mirrors in an answer, as a file spells them; the daemon adds a slash to each."""
    registry = found.get("RegistryConfig")
    listed = registry.get("Mirrors") if isinstance(registry, dict) else None
    if registry is None:
        return None
    return tuple(str(url).rstrip("/") for url in listed or ())


class StrangerError(PermissionError):
    """It is somebody else who listens."""


@contextmanager
def connected(path: str, uids: Collection[int], end: float) -> Iterator[socket.socket]:
    """A connection to one of those accounts. Raises OSError."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(_left(end))
        sock.connect(path)
        if peer(sock)[1] not in uids:
            raise StrangerError
        yield sock


def _answer(sock: socket.socket, end: float) -> bytes:
    """All that comes. Raises OSError where it takes longer than to `end`, ValueError where it is too much."""
    said = bytearray()
    sock.settimeout(_left(end))
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


def peer(sock: socket.socket) -> tuple[int, int, int]:
    """Process (0: one unseen), account and group of who began to listen there, as the kernel noted it."""
    found = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, uid, gid = struct.unpack("3i", found)
    return pid, uid, gid
