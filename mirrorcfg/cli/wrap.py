"""Lines of a given width, as a terminal counts it: a Chinese character takes two columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLOSING = "，。；：！？、）」』】》”’…"
_OPENING = "（「『【《“‘"


def width(text: str) -> int:
    """How many columns `text` takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 0 if combining(c) else 1 for c in text)


def padded(text: str, columns: int) -> str:
    """`text` with as many blanks behind it as that width lacks."""
    return text + " " * (columns - width(text))


def wrapped(text: str, columns: int) -> list[str]:
    """`text` in lines of at most so many columns; a word that is longer has a line of its own."""
    lines: list[str] = []
    line = ""
    for blank, word in words(text):
        if line and width(line) + len(blank) + width(word) > columns:
            lines.append(line)
            line = word
        else:
            line += (blank if line else "") + word
    return [*lines, line] if line else lines


def words(text: str) -> Iterator[tuple[str, str]]:
    """What isn't broken, each with the blank before it.

    Chinese may be broken between any two characters, but no line begins with a full stop.
    """
    for word in re.finditer(r"(\s*)(\S+)", text):
        blank = " " * len(word[1])
        if word[2].isascii():
            yield blank, word[2]
            continue
        for piece in re.finditer(rf"[{_OPENING}]*(?:[!-~]+|.)[{_CLOSING}]*", word[2]):
            yield blank, piece[0]
            blank = ""
