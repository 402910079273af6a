"""What mirrorcfg did to a file before, for the keys that a new profile doesn't speak of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mirrorcfg import formats
from mirrorcfg.formats import Changes, Format, KeyPath


class Past(NamedTuple):
    """A file's text before mirrorcfg first touched it, and as mirrorcfg left it last."""

    origin: str
    left: str


def given_back(fmt: Format, text: str, past: Past | None, paths: Iterable[KeyPath]) -> Changes:
    """The changes that give those of `paths` back that mirrorcfg set and nobody changed since."""
    if past is None:
        return {}
    ours = formats.keys.differing(fmt, past.origin, past.left, paths)
    edited = formats.keys.changed(fmt, past.left, text, ours)
    return {path: fmt.raw(past.origin, path) for path in ours if path not in edited}
