"""daemon.json, as dockerd reads it: JSON without any leniency, and no key twice."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Changes, KeyPath, Raw
from mirrorcfg.formats import json_scan as scan
from mirrorcfg.formats.flow import Items, Layout
from mirrorcfg.formats.json_scan import Member
from mirrorcfg.formats.proof import named, pending, prove
from mirrorcfg.formats.text import BOM, Splice, aligned, newline, splice, with_newlines
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import shown


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


def read(text: str) -> dict[str, Any]:
    """The object that the text holds; a text of nothing but white space is an empty one."""
    return {key: _copy(value) for key, value in _data(text).items()}


def raw(text: str, path: KeyPath) -> Raw | None:
    """The value at `path` as it is spelt."""
    at = scan.opening(text)
    if at == len(text):
        return None
    for step in path:
        if text[at : at + 1] != "{":
            return None
        member = _find(scan.members(text, at)[0], step)
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
    at = scan.opening(text)
    return {each.key: each.value for each in scan.members(text, at)[0]} if at < len(text) else {}


def _copy(value: Any) -> Any:
    """What a caller does to his copy must not come back: what was parsed is kept."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _find(members: list[Member], key: object) -> Member | None:
    return next((member for member in members if member.key == key), None)


def _changed(text: str, path: KeyPath, wanted: Any) -> list[Splice]:
    at = scan.opening(text)
    if at == len(text):
        style = _Style("  ", ": ", newline(text), True)
        new = style.render(_nested(path, wanted), "")
        where = len(BOM) * text.startswith(BOM)
        return [Splice(where, where, new + ("" if "\n" in text else style.newline))]
    return _in_object(text, at, path, wanted, _style(text, at)) or []


def _in_object(text: str, at: int, path: KeyPath, wanted: Any, style: _Style) -> list[Splice] | None:
    """The splices that change the object at `at`; None if its last member goes, and it had better go too."""
    members, end = scan.members(text, at)
    member, rest = _find(members, path[0]), path[1:]
    if member and rest and text[member.value_start] == "{":
        if change := _in_object(text, member.value_start, rest, wanted, style):
            return change
    elif member and rest and member.value is not None:
        what = sentence("{key} isn't an object", key=shown(member.key))
        raise FormatError("not-an-object", what, key=named(path))
    elif member and wanted is not None:
        return _replaced(text, member, _nested(rest, wanted), style)
    indent = _indent(text, at)
    kept: list[int | str] = [index for index, each in enumerate(members) if each is not member]
    if not member:
        many_lines = not members or _has_newline(text[at : members[0].start])
        own = style if many_lines else style._replace(step="")
        deeper = _indent(text, members[0].start) if members else indent + own.step
        kept.append(own.member(str(path[0]), _nested(rest, wanted), deeper))
    if not kept and at != scan.opening(text):
        return None
    spans = [(each.start, each.end) for each in members]
    return Items(text, at + 1, spans, end).arranged(kept, style.layout(indent))


def _nested(rest: KeyPath, wanted: Any) -> Any:
    for step in reversed(rest):
        wanted = {step: wanted}
    return wanted


def _replaced(text: str, member: Member, new: Any, style: _Style) -> list[Splice]:
    indent = _indent(text, member.start)
    is_list = isinstance(new, list | tuple) and not isinstance(new, Raw)
    if is_list and isinstance(member.value, list) and new:
        spans, end = scan.array(text, member.value_start)
        wanted = [
            item if isinstance(item, int) else style.render(item, indent)
            for item in aligned(member.value, new)
        ]
        many_lines = style.layout(indent, style.lists)
        return Items(text, member.value_start + 1, spans, end).arranged(wanted, many_lines)
    return [Splice(member.value_start, member.end, style.render(new, indent))]


def _style(text: str, at: int) -> _Style:
    """How the object at `at`, the whole text, is laid out."""
    members, _ = scan.members(text, at)
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
