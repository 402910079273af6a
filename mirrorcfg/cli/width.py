"""How many cells of a terminal a text takes, and a text in no more of them than there are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

_WIDE = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"
_CLOSING = "，。：；？！）」』、》"  # no line begins with one
# What a line may be broken behind: a word, or one wide character with what closes behind it. Compiled where a
# line is too long, as that takes longer than all that most commands draw.
_PIECE = rf" *(?:[^ {_WIDE}]+|[{_WIDE}])[{_CLOSING}]*"


def room(stream: Any) -> int | None:
    """How wide the terminal behind `stream` is; None where it is none, or doesn't say."""
    if not stream.isatty():
        return None
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def cells(text: str) -> int:
    """How wide it is drawn: wide characters take two cells, and what combines takes none (UAX #11)."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def padded(text: str, width: int) -> str:
    """`text` with spaces behind it."""
    return text + " " * (width - cells(text))


def cut(text: str, width: int, mark: str) -> str:
    """`text` in `width` cells; an address loses its middle, as both of its ends tell it from others."""
    if cells(text) <= width:
        return text
    left = max(width - cells(mark), 0)
    tail = left // 2 if "/" in text else 0
    return _first(text, left - tail) + mark + _first(text[::-1], tail)[::-1]


def folded(text: str, width: int | None, indent: int = 0) -> Iterator[str]:
    """`text` in lines of `width` cells, all but the first indented; a word that is longer stays whole."""
    if width is None or cells(text) <= width:
        yield text
        return
    line = ""
    for piece in re.findall(_PIECE, text):
        if line.strip() and cells(line) + cells(piece) > width:
            yield line
            line = " " * indent + piece.lstrip()
        else:
            line += piece
    yield line


def _cells(char: str) -> int:
    import unicodedata

    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _first(text: str, width: int) -> str:
    """As much of its beginning as goes into `width` cells."""
    taken = 0
    for at, char in enumerate(text):
        taken += cells(char)
        if taken > width:
            return text[:at]
    return text
