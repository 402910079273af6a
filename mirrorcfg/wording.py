"""How words and values are shown in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mirrorcfg.redact import redact

_LONGEST = 120


def is_printable(text: str) -> bool:
    """Is it one line of visible characters: nothing that moves a terminal's cursor or turns its text?"""
    return all(char.isprintable() or char in "\u3000\u00a0" for char in text)


def shown(value: Any) -> str:
    """A value as a sentence may quote it: on one line, not too long, without credentials."""
    if not isinstance(value, str):
        return _type(value)
    masked = redact(value)
    return repr(masked if len(masked) <= _LONGEST else masked[:_LONGEST] + "…")


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that `word` was probably meant to be."""
    import difflib

    matches = difflib.get_close_matches(word.lower()[:_LONGEST], list(words), n=1, cutoff=0.6)
    return matches[0] if matches else None


def listed(words: Iterable[str]) -> str:
    """`a, b, c` for a sentence."""
    return ", ".join(words)


def _type(value: Any) -> str:
    names = {bool: "a switch", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")
