"""Where members and values stand in a JSON text, as dockerd reads it, and what it would refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from math import isinf
from typing import Any, NamedTuple

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import budget
from mirrorcfg.formats.text import BOM, refuse
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import shown

_SPACE = re.compile(r"[ \t\n\r]*")
_TOKEN = re.compile(
    r'(?P<string>"[^"\\]*(?:\\.[^"\\]*)*")|(?P<number>-?\d[\d.eE+-]*)'
    r"|(?P<mark>[{}\[\],:])|(?P<constant>NaN|-?Infinity)",
    re.S,
)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_HALVES = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)


class Member(NamedTuple):
    """A key and its value: the places of both, and what the value means."""

    key: str
    start: int
    key_end: int
    value_start: int
    end: int
    value: Any


class _DoubtfulError(ValueError):
    """The parser met something that its caller has to find the place of."""


def opening(text: str) -> int:
    """Where the one object of the text begins, or the text's end if it is blank. Raises FormatError."""
    at = skip(text, len(BOM) * text.startswith(BOM))
    if at < len(text) and text[at] != "{":
        raise _refusal(text, at, "the file must hold one object: { … }")
    return at


def skip(text: str, at: int) -> int:
    """Past the white space at `at`."""
    match = _SPACE.match(text, at)
    return match.end() if match else at


@lru_cache(maxsize=4)
def members(text: str, at: int) -> tuple[list[Member], int]:
    """The members of the object at `at`, and where its closing brace stands. Raises FormatError."""
    budget.json(text)
    try:
        found = list(_each_member(text, at))
    except json.JSONDecodeError as failed:
        raise _refusal(text, failed.pos, failed.msg.removesuffix(" at")) from failed
    except ValueError as failed:
        raise _doubtful(text) from failed
    end = skip(text, found[-1].end if found else at + 1)
    if at == opening(text) and skip(text, end + 1) < len(text):
        raise _refusal(text, skip(text, end + 1), "something follows the object")
    if _HALF.search(text) and (half := _half_character(text)) is not None:
        raise refuse("lone-surrogate", "half a character is escaped here", text, half)
    return found, end


def _each_member(text: str, at: int) -> Iterator[Member]:
    keys: set[str] = set()
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_constant=_constant, parse_float=_number, parse_int=_integer
    )
    at = skip(text, at + 1)
    while text[at : at + 1] != "}" or keys:
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError("a key in double quotes is missing", text, at)
        key, key_end = decoder.raw_decode(text, at)
        colon = skip(text, key_end)
        if text[colon : colon + 1] != ":":
            raise json.JSONDecodeError("a colon is missing", text, colon)
        if key in keys:  # what comes before is sound, so `_doubtful` gets as far as this
            raise _DoubtfulError
        keys.add(key)
        start = skip(text, colon + 1)
        value, end = decoder.raw_decode(text, start)
        yield Member(key, at, key_end, start, end, value)
        at = skip(text, end)
        if text[at : at + 1] == "}":
            return
        if text[at : at + 1] != ",":
            raise json.JSONDecodeError("a comma or a closing brace is missing", text, at)
        at = skip(text, at + 1)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _DoubtfulError
    return found


def _constant(name: str) -> Any:
    raise _DoubtfulError(name)


def _number(digits: str) -> float:
    if isinf(number := float(digits)):
        raise _DoubtfulError(digits)
    return number


def _integer(digits: str) -> int:
    if len(digits) > 300:
        _number(digits)
    return int(digits)


def _doubtful(text: str) -> FormatError:
    """The error about a key that stands twice, a number that is none, or one that is too large."""
    keys: list[set[str]] = []
    before = ""
    for match in _TOKEN.finditer(text):
        token = match.group()
        at, end = match.span()
        if token in ("{", "["):
            keys.append(set())
        elif token in ("}", "]"):
            keys.pop()
        elif match["string"] and before in ("{", ",") and text.startswith(":", skip(text, end)):
            key = json.loads(token)
            if key in keys[-1]:
                what = sentence("{key} stands twice", key=shown(key))
                return refuse("duplicate-key", what, text, at, "remove one of the two")
            keys[-1].add(key)
        elif match["number"] and isinf(float(token)):
            return refuse("parse-error", "dockerd can't take so large a number", text, at)
        elif match["constant"]:
            return _refusal(text, at, "NaN and Infinity are not JSON")
        before = token
    return _refusal(text, opening(text), "dockerd can't read this")


def _half_character(text: str) -> int | None:
    for match in _HALVES.finditer(text):
        string = match.group()
        if _HALF.search(string) and any("\ud800" <= char <= "\udfff" for char in json.loads(string)):
            return match.start()
    return None


def _refusal(text: str, at: int, what: str) -> FormatError:
    """A parse error, with what people write in JSON that isn't JSON named in the hint."""
    hint = "mend the file by hand; dockerd doesn't start with it as it is"
    if text.startswith(("//", "/*", "#"), at):
        what, hint = "JSON has no comments, and dockerd refuses them", "remove the comment"
    elif text[at : at + 1] in ("}", "]") and text[:at].rstrip().endswith(","):
        what, hint = "JSON allows no comma before a closing bracket", "remove the comma before it"
    return refuse("parse-error", what, text, at, hint)


def array(text: str, at: int) -> tuple[list[tuple[int, int]], int]:
    """The items of the (well-formed) array at `at`, and where its closing bracket stands."""
    spans: list[tuple[int, int]] = []
    decoder = json.JSONDecoder()
    at = skip(text, at + 1)
    while text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        spans.append((at, end))
        at = skip(text, end)
        at = skip(text, at + 1) if text[at] == "," else at
    return spans, at
