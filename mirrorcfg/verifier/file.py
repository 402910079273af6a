"""A file that a source lists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """Its whole address; its hashes by kind in hex, its size in bytes and its time, where they are given."""

    url: str
    name: str
    hashes: tuple[tuple[str, str], ...] = ()
    size: int | None = None
    uploaded: str | None = None
