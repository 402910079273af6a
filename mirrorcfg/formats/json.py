"""daemon.json, as dockerd reads it: JSON without any leniency, and no key twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import isinf
from typing import Any, NamedTuple

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Changes, KeyPath, Raw
from mirrorcfg.formats.flow import Items, Layout
from mirrorcfg.formats.proof import named, pending, prove
from mirrorcfg.formats.text import BOM, Splice, aligned, newline, refuse, splice, with_newlines

_SPACE = re.compile(r"[ \t\n\r]*")
_TOKEN = re.compile(
    r'(?P<string>"[^"\\]*(?:\\.[^"\\]*)*")|(?P<number>-?\d[\d.eE+-]*)'
    r"|(?P<mark>[{}\[\],:])|(?P<constant>NaN|-?Infinity)",
    re.S,
)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class _Member(NamedTuple):
    key: str
    start: int
    key_end: int
    value_start: int
    end: int
    value: Any


class _Style(NamedTuple):
    """How a text is laid out: `step` is one level of indentation, empty in a one-line text."""

    step: str
    colon: str
    newline: str
    lists: bool  # one item a line

    @property
    def inline(self) -> str:
        """What separates items that share a line."""
        return "," if self.colon == ":" and not self.step else ", "

    def layout(self, indent: str, many_lines: bool = True) -> Layout:
        """Of a list or an object whose closing bracket stands `indent` deep."""
        if not self.step or not many_lines:
            return Layout(between=self.inline, inline=self.inline)
        inner = f"{self.newline}{indent}{self.step}"
        return Layout(inner, f",{inner}", f"{self.newline}{indent}", self.inline)

    def render(self, value: Any, indent: str) -> str:
        """`value` as JSON, its first line standing `indent` deep."""
        deeper = indent + self.step
        if isinstance(value, Raw):
            return with_newlines(value.text, self.newline)
        if isinstance(value, Mapping):
            members = [self.member(key, item, deeper) for key, item in value.items()]
            return f"{{{self.layout(indent).join(members)}}}"
        if isinstance(value, list | tuple):
            items = [self.render(item, deeper) for item in value]
            return f"[{self.layout(indent, self.lists).join(items)}]"
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    def member(self, key: str, value: Any, indent: str) -> str:
        """A key and its value."""
        return f"{json.dumps(key, ensure_ascii=False)}{self.colon}{self.render(value, indent)}"


class _DoubtfulError(ValueError):
    """The parser met something that its caller has to find the place of."""


def read(text: str) -> dict[str, Any]:
    """The object that the text holds; a text of nothing but white space is an empty one."""
    at = _start(text)  # parsed anew: what a caller does to his copy must not come back
    return {each.key: each.value for each in _members.__wrapped__(text, at)[0]} if at < len(text) else {}


def raw(text: str, path: KeyPath) -> Raw | None:
    """The value at `path` as it is spelt."""
    at = _start(text)
    if at == len(text):
        return None
    for step in path:
        if text[at : at + 1] != "{":
            return None
        member = _find(_members(text, at)[0], step)
        if member is None:
            return None
        at = member.value_start
    return Raw(text[member.value_start : member.end]) if member else None


def edit(text: str, changes: Changes) -> str:
    """`text` with those members changed, laid out as their neighbours are."""
    after = text
    for path, wanted in pending(_data, raw, text, changes).items():
        after = splice(after, _changed(after, path, wanted))
    return prove(_data, raw, text, after, changes)


def _data(text: str) -> dict[str, Any]:
    at = _start(text)
    return {each.key: each.value for each in _members(text, at)[0]} if at < len(text) else {}


def _start(text: str) -> int:
    at = _skip(text, len(BOM) * text.startswith(BOM))
    if at < len(text) and text[at] != "{":
        raise _refusal(text, at, "the file must hold one object: { … }")
    return at


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


@lru_cache(maxsize=4)
def _members(text: str, at: int) -> tuple[list[_Member], int]:
    """The members of the object at `at`, and where its closing brace stands."""
    try:
        members = list(_each_member(text, at))
    except json.JSONDecodeError as failed:
        raise _refusal(text, failed.pos, failed.msg.removesuffix(" at")) from failed
    except RecursionError as failed:
        raise refuse("too-deep", "the values are nested too deep", text, at) from failed
    except ValueError as failed:
        raise _doubtful(text) from failed
    end = _skip(text, members[-1].end if members else at + 1)
    if at == _start(text) and _skip(text, end + 1) < len(text):
        raise _refusal(text, _skip(text, end + 1), "something follows the object")
    if _HALF.search(text) and (half := _half_character(text)) is not None:
        raise refuse("lone-surrogate", "half a character is escaped here", text, half)
    return members, end


def _each_member(text: str, at: int) -> Iterator[_Member]:
    keys: set[str] = set()
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_constant=_constant, parse_float=_number, parse_int=_integer
    )
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}" or keys:
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError("a key in double quotes is missing", text, at)
        key, key_end = decoder.raw_decode(text, at)
        if key in keys:
            raise _DoubtfulError
        keys.add(key)
        colon = _skip(text, key_end)
        if text[colon : colon + 1] != ":":
            raise json.JSONDecodeError("a colon is missing", text, colon)
        start = _skip(text, colon + 1)
        value, end = decoder.raw_decode(text, start)
        yield _Member(key, at, key_end, start, end, value)
        at = _skip(text, end)
        if text[at : at + 1] == "}":
            return
        if text[at : at + 1] != ",":
            raise json.JSONDecodeError("a comma or a closing brace is missing", text, at)
        at = _skip(text, at + 1)


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
        elif match["string"] and before in ("{", ",") and text.startswith(":", _skip(text, end)):
            key = json.loads(token)
            if key in keys[-1]:
                return refuse("duplicate-key", f"{key!r} stands twice", text, at, "remove one of the two")
            keys[-1].add(key)
        elif match["number"] and isinf(float(token)):
            return refuse("parse-error", "dockerd can't take so large a number", text, at)
        elif match["constant"]:
            return _refusal(text, at, "NaN and Infinity are not JSON")
        before = token
    return _refusal(text, _start(text), "dockerd can't read this")


def _half_character(text: str) -> int | None:
    for match in _TOKEN.finditer(text):
        if match["string"] and any("\ud800" <= char <= "\udfff" for char in json.loads(match["string"])):
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


def _find(members: list[_Member], key: object) -> _Member | None:
    return next((member for member in members if member.key == key), None)


def _changed(text: str, path: KeyPath, wanted: Any) -> list[Splice]:
    at = _start(text)
    if at == len(text):
        style = _Style("  ", ": ", newline(text), True)
        new = style.render(_nested(path, wanted), "")
        where = len(BOM) * text.startswith(BOM)
        return [Splice(where, where, new + ("" if "\n" in text else style.newline))]
    return _in_object(text, at, path, wanted, _style(text, at)) or []


def _in_object(text: str, at: int, path: KeyPath, wanted: Any, style: _Style) -> list[Splice] | None:
    """The splices that change the object at `at`; None if its last member goes, and it had better go too."""
    members, end = _members(text, at)
    member, rest = _find(members, path[0]), path[1:]
    if member and rest and text[member.value_start] == "{":
        if change := _in_object(text, member.value_start, rest, wanted, style):
            return change
    elif member and rest and member.value is not None:
        raise FormatError("not-an-object", f"{member.key!r} isn't an object", key=named(path))
    elif member and wanted is not None:
        return _replaced(text, member, _nested(rest, wanted), style)
    indent = _indent(text, at)
    kept: list[int | str] = [index for index, each in enumerate(members) if each is not member]
    if not member:
        many_lines = not members or _has_newline(text[at : members[0].start])
        own = style if many_lines else style._replace(step="")
        deeper = _indent(text, members[0].start) if members else indent + own.step
        kept.append(own.member(str(path[0]), _nested(rest, wanted), deeper))
    if not kept and at != _start(text):
        return None
    spans = [(each.start, each.end) for each in members]
    return Items(text, at + 1, spans, end).arranged(kept, style.layout(indent))


def _nested(rest: KeyPath, wanted: Any) -> Any:
    for step in reversed(rest):
        wanted = {step: wanted}
    return wanted


def _replaced(text: str, member: _Member, new: Any, style: _Style) -> list[Splice]:
    indent = _indent(text, member.start)
    is_list = isinstance(new, list | tuple) and not isinstance(new, Raw)
    if is_list and isinstance(member.value, list) and new:
        spans, end = _array(text, member.value_start)
        wanted = [
            item if isinstance(item, int) else style.render(item, indent)
            for item in aligned(member.value, new)
        ]
        many_lines = style.layout(indent, style.lists)
        return Items(text, member.value_start + 1, spans, end).arranged(wanted, many_lines)
    return [Splice(member.value_start, member.end, style.render(new, indent))]


def _array(text: str, at: int) -> tuple[list[tuple[int, int]], int]:
    """The items of the (well-formed) array at `at`, and where its closing bracket stands."""
    spans: list[tuple[int, int]] = []
    decoder = json.JSONDecoder()
    at = _skip(text, at + 1)
    while text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        spans.append((at, end))
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at
    return spans, at


def _style(text: str, at: int) -> _Style:
    """How the object at `at`, the whole text, is laid out."""
    members, _ = _members(text, at)
    if not members:
        return _Style("  ", ": ", newline(text), True)
    many_lines = _has_newline(text[at : members[0].start])
    step = _indent(text, members[0].start).removeprefix(_indent(text, at)) if many_lines else ""
    colons = [text[each.key_end : each.value_start] for each in members]
    colon = next((each for each in colons if not _has_newline(each)), ": ")
    spelt = (
        text[each.value_start : each.end] for each in members if isinstance(each.value, list) and each.value
    )
    first = next(spelt, None)
    return _Style(step, colon, newline(text), many_lines if first is None else _has_newline(first))


def _has_newline(text: str) -> bool:
    return "\n" in text or "\r" in text


def _indent(text: str, at: int) -> str:
    """The white space that the line of `at` starts with."""
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    match = re.compile(r"[ \t]*").match(text, start)
    return match.group() if match else ""
