"""The Engine API of a daemon, on its unix socket: only what is read here.

Source of the rules: docker's documentation, "Engine API", `GET /info`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def info(sockets: Sequence[str], timeout: float = 5.0) -> dict[str, Any] | None:
    """What the daemon says of itself; None where none of its sockets answers this user."""
    import httpx

    for socket in sockets:
        try:
            with httpx.Client(transport=httpx.HTTPTransport(uds=socket), timeout=timeout) as client:
                answer = client.get("http://docker/info")
                found = answer.raise_for_status().json()
        except (httpx.HTTPError, OSError, ValueError):
            continue
        if isinstance(found, dict):
            return found
    return None


def mirrors(found: dict[str, Any]) -> tuple[str, ...] | None:
    """The registry mirrors in an answer, as a file spells them; the daemon adds a slash to each."""
    registry = found.get("RegistryConfig")
    listed = registry.get("Mirrors") if isinstance(registry, dict) else None
    if registry is None:
        return None
    return tuple(str(url).rstrip("/") for url in listed or ())
