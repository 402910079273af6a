"""Where tables, keys and values stand in a well-formed TOML text: tomllib doesn't tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from mirrorcfg.formats.text import BOM

Address = tuple[str | int, ...]
"""A key path with the entries of arrays counted from 0."""

_STRING = r'"""(?:\\.|[^\\])*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:\\.|[^"\\])*"|' r"'[^']*'"
_QUOTED = re.compile(_STRING, re.S)
_TOKEN = re.compile(rf"{_STRING}|#[^\n]*|[\[\]{{}}]", re.S)
_IDLE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_PART = re.compile(r"[ \t]*(\"(?:\\.|[^\"\\])*\"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*")
_BARE = re.compile(r"[^,\]}#\r\n]*")


class Pair(NamedTuple):
    """`key = value`."""

    key: tuple[str, ...]
    start: int
    key_end: int
    value: int
    end: int


@dataclass
class Table:
    """A header and the pairs below it; the first table has no header."""

    address: Address
    start: int
    end: int  # of the header
    array: bool = False
    pairs: list[Pair] = field(default_factory=list)

    @property
    def last(self) -> int:
        """Where the last statement ends."""
        return self.pairs[-1].end if self.pairs else self.end


@lru_cache(maxsize=4)
def tables(text: str) -> list[Table]:
    """All tables in their order; nobody may change them, the last few are kept."""
    at = len(BOM) * text.startswith(BOM)
    found = [Table((), at, at)]
    counts: dict[Address, int] = {}
    while (at := _skip(_IDLE, text, at)) < len(text):
        if text[at] != "[":
            found[-1].pairs.append(pair := _pair(text, at))
            at = pair.end
            continue
        brackets = 2 if text.startswith("[[", at) else 1
        key, end = _key(text, at + brackets)
        address: Address = ()
        for depth, part in enumerate(key, 1):
            address = (*address, part)
            if brackets == 2 and depth == len(key):
                counts[address] = counts.get(address, -1) + 1
            if address in counts:
                address = (*address, counts[address])
        found.append(Table(address, at, end + brackets, brackets == 2))
        at = end + brackets
    return found


def line_of(text: str, address: Sequence[str | int]) -> int | None:
    """The line of the value there, or of the nearest table or value around it; None for the whole text."""
    best, at = 0, 0
    for table in tables(text):
        if (depth := _common(address, table.address)) > best:
            best, at = depth, table.start
        for pair in table.pairs if depth == len(table.address) else ():
            if (depth := _common(address, (*table.address, *pair.key))) > best:
                best, at = depth, pair.start
                if depth == len(table.address) + len(pair.key):
                    best, at = _inside(text, pair, address, depth)
    return text.count("\n", 0, at) + 1 if best else None


def remark(text: str, address: Sequence[str | int]) -> str:
    """The comment behind the value there, on the line it begins on; empty without one."""
    line = text.split("\n")[(line_of(text, address) or 1) - 1]
    return next((token[1:].strip() for token in _TOKEN.findall(line) if token[0] == "#"), "")


def _inside(text: str, pair: Pair, address: Sequence[str | int], depth: int) -> tuple[int, int]:
    """How deep `address` leads into a pair's value, and where that stands."""
    start, value = pair.start, pair.value
    while depth < len(address):
        step, opens = address[depth], text[value]
        if opens == "[" and isinstance(step, int) and step < len(spans := items(text, value)):
            depth, start, value = depth + 1, spans[step][0], spans[step][0]
        elif opens == "{" and (found := [each for each in members(text, value) if each.key[0] == step]):
            match = max(found, key=lambda each: _common(address[depth:], each.key))
            depth, start, value = depth + _common(address[depth:], match.key), match.start, match.value
        else:
            break
    return depth, start


def _common(address: Sequence[str | int], other: Sequence[str | int]) -> int:
    """How many steps they have in common."""
    pairs = enumerate(zip(address, other, strict=False))
    return next((at for at, (one, two) in pairs if one != two), min(len(address), len(other)))


def value_end(text: str, at: int) -> int:
    """Where the value that starts at `at` ends."""
    if match := _QUOTED.match(text, at):
        return match.end()
    if text[at] not in "[{":
        match = _BARE.match(text, at)
        return at + len(match.group().rstrip()) if match else at
    depth = 0
    for match in _TOKEN.finditer(text, at):
        token = match.group()
        depth += (token in ("[", "{")) - (token in ("]", "}"))
        if not depth:
            return match.end()
    return len(text)


def items(text: str, at: int) -> list[tuple[int, int]]:
    """The spans of the items of the array at `at`."""
    return list(_split(text, at, value_end))


def members(text: str, at: int) -> list[Pair]:
    """The pairs of the inline table at `at`."""
    spans = _split(text, at, lambda text, start: _pair(text, start).end)
    return [_pair(text, start) for start, _ in spans]


def _split(text: str, at: int, end_of: Callable[[str, int], int]) -> Iterator[tuple[int, int]]:
    at = _skip(_IDLE, text, at + 1)
    while text[at] not in "]}":
        end = end_of(text, at)
        yield at, end
        at = _skip(_IDLE, text, end)
        at = _skip(_IDLE, text, at + 1) if text[at] == "," else at


def _pair(text: str, at: int) -> Pair:
    key, end = _key(text, at)
    value = _skip(_SPACE, text, end + 1)
    return Pair(key, at, at + len(text[at:end].rstrip()), value, value_end(text, value))


def _key(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """A dotted key, and where the sign behind it stands."""
    parts: list[str] = []
    while match := _PART.match(text, at):
        part = match[1]
        parts.append(tomllib.loads(f"key = {part}")["key"] if part[0] in "\"'" else part)
        at = match.end()
        if not text.startswith(".", at):
            break
        at += 1
    return tuple(parts), at


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
