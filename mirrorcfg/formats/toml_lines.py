"""On which line of a TOML text a key stands: tomllib doesn't tell, and only an error wants to know."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

Keys = Sequence[str | int]
"""Where a value stands: ("pip", "index-url"), ("docker", "registry-mirrors", 0)."""

_PIECE = r"""
    \"{3}(?:\\.|[^\\])*?\"{3,5}(?!\")
  | '{3}.*?'{3,5}(?!')
  | "(?:\\.|[^"\\\n])*"
  | '[^'\n]*'
  | \#[^\n]*
  | [\[\]{},\n]
  | [^\s"'\#\[\]{},]+
"""


def line_of(text: str, keys: Keys) -> int | None:
    """The line of the value at `keys` in a text that tomllib reads, or of the nearest table around it."""
    best, best_line = 0, None
    header: tuple[str, ...] = ()
    for start, statement in _statements(text):
        content: Any = tomllib.loads(statement)
        extra = 0
        if statement.startswith("["):
            header = _chain(content)
            depth = _common(keys, header)
        elif tuple(keys[: len(header)]) == header:
            depth, extra = _reach(content, keys[len(header) :], statement)
            depth += len(header)
        else:
            continue
        if depth > best:
            best, best_line = depth, text.count("\n", 0, start) + 1 + extra
    return best_line


def remark(text: str, keys: Keys) -> str:
    """The comment behind the value at `keys`, on the line it begins on; empty without one."""
    line = text.split("\n")[(line_of(text, keys) or 1) - 1]
    return next((token.group()[1:].strip() for token in _tokens(line) if token.group()[0] == "#"), "")


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each table header, and each key with its value, with its offset."""
    start: int | None = None
    end = depth = 0
    for token in _tokens(text):
        first = token.group()[0]
        if first == "\n" and depth == 0:
            if start is not None:
                yield start, text[start:end]
            start = None
        elif first not in "#\n":
            start = token.start() if start is None else start
            end = token.end()
            depth += (first in "[{") - (first in "]}")
    if start is not None:
        yield start, text[start:end]


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return re.finditer(_PIECE, text, re.VERBOSE | re.DOTALL)


def _chain(content: Any) -> tuple[str, ...]:
    """The path that a table header opens: `[a.b]` and `[[a.b]]` alike."""
    path = []
    while content:
        if isinstance(content, list):
            content = content[0]
        else:
            ((key, content),) = content.items()
            path.append(key)
    return tuple(path)


def _common(keys: Keys, header: tuple[str, ...]) -> int:
    depth = 0
    for wanted, key in zip(keys, header, strict=False):
        if wanted != key:
            break
        depth += 1
    return depth


def _reach(content: Any, keys: Keys, statement: str) -> tuple[int, int]:
    """How many of `keys` lead into a statement, and how many lines down the last of them is."""
    for depth, key in enumerate(keys):
        if isinstance(content, dict) and key in content:
            content = content[key]
        elif isinstance(content, list) and isinstance(key, int) and key < len(content):
            return depth + 1, _element(statement, key)
        else:
            return depth, 0
    return len(keys), 0


def _element(statement: str, index: int) -> int:
    """How many lines down an element is of the list that is the statement's value."""
    depth = commas = 0
    for token in _tokens(statement):
        first = token.group()[0]
        if first in "#\n":
            continue
        if depth == 1 and first == ",":
            commas += 1
        elif depth >= 1 and commas == index:
            return statement.count("\n", 0, token.start())
        depth += (first in "[{") - (first in "]}")
    return 0
