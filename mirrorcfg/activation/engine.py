"""The Engine API of a daemon, on its unix socket: only what is read here.

Source of the rules: docker's documentation, "Engine API", `GET /info`.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Sequence
from contextlib import closing
from typing import Any


class _Connection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("docker", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def info(sockets: Sequence[str], timeout: float = 5.0) -> dict[str, Any] | None:
    """What the daemon says of itself; None where none of its sockets answers this user."""
    for path in sockets:
        try:
            with closing(_Connection(path, timeout)) as connection:
                connection.request("GET", "/info")
                answer = connection.getresponse()
                found = json.loads(answer.read())
        except (http.client.HTTPException, OSError, ValueError):
            continue
        if answer.status == 200 and isinstance(found, dict):
            return found
    return None


def mirrors(found: dict[str, Any]) -> tuple[str, ...] | None:
    """The registry mirrors in an answer, as a file spells them; the daemon adds a slash to each."""
    registry = found.get("RegistryConfig")
    listed = registry.get("Mirrors") if isinstance(registry, dict) else None
    if registry is None:
        return None
    return tuple(str(url).rstrip("/") for url in listed or ())
