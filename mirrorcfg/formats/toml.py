"""uv.toml, as uv reads it: tomllib says what it means, and the text is spliced where the values stand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Changes, Entry, KeyPath, Raw, budget
from mirrorcfg.formats.flow import Items, Layout
from mirrorcfg.formats.proof import has, lookup, named, pending, prove, same
from mirrorcfg.formats.text import BOM, Splice, aligned, newline, refuse, splice, with_newlines
from mirrorcfg.formats.toml_scan import Address, Pair, Table, items, members, tables
from mirrorcfg.formats.toml_value import spelt, spelt_key
from mirrorcfg.sentence import sentence

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class _Place(NamedTuple):
    """A value in the text; `whole` is what goes with it: its lines, or itself within brackets."""

    start: int
    end: int
    whole: tuple[int, int]
    within: Items | None = None
    number: int = 0
    table: Table | None = None


def read(text: str) -> dict[str, Any]:
    """What the text holds."""
    copy: dict[str, Any] = _copy(_data(text))
    return copy


def _copy(value: Any) -> Any:
    """What a caller does to his copy must not come back: what was parsed is kept."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=4)
def _data(text: str) -> dict[str, Any]:
    budget.toml(text)
    try:
        return tomllib.loads(text.removeprefix(BOM))
    except tomllib.TOMLDecodeError as failed:
        found = _AT.search(str(failed))
        what = sentence("this isn't TOML: {why}", why=_AT.sub("", str(failed)))
        hint = "mend this line by hand"
        if found and found[1]:
            line, column = int(found[1]), int(found[2])
            raise FormatError("parse-error", what, line=line, column=column, hint=hint) from failed
        raise refuse("parse-error", what, text, len(text), hint) from failed
    except ValueError as failed:  # a date that isn't in the calendar, say
        raise refuse("parse-error", "a number or a date in it can't be read", text, 0) from failed


def raw(text: str, path: KeyPath) -> Raw | None:
    """The value at `path` as it is spelt; of a `[[table]]` its header and all its lines."""
    data = _data(text)
    place = _locate(text, _address(data, path)) if has(data, path) else None
    return Raw(text[place.start : place.end]) if place else None


def edit(text: str, changes: Changes) -> str:
    """`text` with those values changed."""
    changes = {path: _complete(path, wanted) for path, wanted in changes.items()}
    style = newline(text)
    closed = not text.removeprefix(BOM) or text.endswith("\n")
    after = text if closed else text + style
    for path, wanted in pending(_data, raw, text, changes).items():
        after = _changed(after, path, wanted)
    return prove(_data, raw, text, after if closed else after.removesuffix(style), changes)


def _complete(path: KeyPath, wanted: Any) -> Any:
    """A table for an array with the key in it that it is known by."""
    step = path[-1]
    if isinstance(step, Entry) and isinstance(wanted, Mapping):
        return {**wanted, step.key: step.value}
    return wanted


def _address(data: Any, path: KeyPath) -> Address:
    """`path` with each entry of an array by its number; -1 where there is none."""
    address: Address = ()
    for depth, step in enumerate(path):
        if isinstance(step, str):
            address = (*address, step)
            continue
        array, found = lookup(data, path[:depth]), lookup(data, path[: depth + 1])
        entries = array if isinstance(array, list) else []
        address = (*address, next((at for at, item in enumerate(entries) if item is found), -1))
    return address


def _changed(text: str, path: KeyPath, wanted: Any) -> str:
    data = _data(text)
    if not has(data, path):
        new = _new_entry if isinstance(path[-1], Entry) else _added
        return text if wanted is None else splice(text, new(text, data, path, wanted))
    place = _locate(text, _address(data, path))
    if place is None:
        raise FormatError("scattered-table", "this table stands in several places", key=named(path))
    if wanted is None:
        return splice(text, _deleted(place))
    step = path[-1]
    if isinstance(step, Entry) and isinstance(wanted, Mapping):
        old = lookup(data, path)
        for key in {**old, **wanted}:
            if not same(old.get(key), wanted.get(key)):
                text = _changed(text, (*path, key), wanted.get(key))
        return text
    return splice(text, _replaced(text, place, wanted, lookup(data, path)))


def _locate(text: str, address: Address) -> _Place | None:
    found = tables(text)
    for number, table in enumerate(found):
        if table.address == address and table.array:
            block = table
            for follower in found[number + 1 :]:
                if follower.address[: len(address)] != address:
                    break
                block = follower
            whole = _line_start(text, table.start), _line_after(text, block.last)
            return _Place(table.start, block.last, whole, table=table)
        for pair in table.pairs:
            full = (*table.address, *pair.key)
            if full == address[: len(full)]:
                whole = _line_start(text, pair.start), _line_after(text, pair.end)
                return _within(text, _Place(pair.value, pair.end, whole), address[len(full) :])
    return None


def _within(text: str, place: _Place, rest: Address) -> _Place | None:
    """What stands at `rest` inside an inline value."""
    while rest:
        step = rest[0]
        if isinstance(step, int):
            spans = items(text, place.start)
            index, taken = step, 1
            value = spans[step]
        else:
            pairs = members(text, place.start)
            spans = [(pair.start, pair.end) for pair in pairs]
            index = next((at for at, pair in enumerate(pairs) if pair.key == rest[: len(pair.key)]), -1)
            if index < 0:
                return None
            taken, value = len(pairs[index].key), (pairs[index].value, pairs[index].end)
        within = Items(text, place.start + 1, spans, place.end - 1)
        place, rest = _Place(*value, spans[index], within, index), rest[taken:]
    return place


def _deleted(place: _Place) -> list[Splice]:
    if place.within is None:
        return [Splice(*place.whole, "")]
    kept = [index for index in range(len(place.within.spans)) if index != place.number]
    return place.within.arranged(kept, Layout())


def _replaced(text: str, place: _Place, wanted: Any, old: Any) -> list[Splice]:
    if isinstance(wanted, Raw):
        return [Splice(place.start, place.end, with_newlines(wanted.text, newline(text)))]
    if isinstance(wanted, list | tuple) and isinstance(old, list) and text[place.start] == "[" and wanted:
        spans = items(text, place.start)
        quote = _quote(text, spans[0][0]) if spans else _file_quote(text)
        new = [item if isinstance(item, int) else spelt(item, quote) for item in aligned(old, wanted)]
        return Items(text, place.start + 1, spans, place.end - 1).arranged(new, Layout())
    quote = _quote(text, place.start) if text[place.start] in "\"'" else _file_quote(text)
    return [Splice(place.start, place.end, spelt(wanted, quote))]


def _added(text: str, data: dict[str, Any], path: KeyPath, wanted: Any) -> list[Splice]:
    """A key that isn't there yet."""
    parent, step = path[:-1], str(path[-1])
    if parent and isinstance(last := parent[-1], Entry) and lookup(data, parent) is None:
        return _new_entry(text, data, parent, {step: wanted, last.key: last.value})
    address = _address(data, parent)
    found = tables(text)
    own = next((table for table in found if table.address == address), None)
    if own:
        return [_below(text, own, found, spelt_key(step), wanted)]
    if has(data, parent) and (place := _locate(text, address)):
        pairs = members(text, place.start) if text[place.start] == "{" else None
        if pairs is None:
            raise FormatError("not-a-table", "this isn't a table", key=named(path))
        spans = [(pair.start, pair.end) for pair in pairs]
        new = f"{spelt_key(step)}{_equals(text, pairs)}{spelt(wanted, _file_quote(text))}"
        layout = Layout(" ", ", ", " ")
        return Items(text, place.start + 1, spans, place.end - 1).arranged([*range(len(spans)), new], layout)
    for table in reversed(found):
        for pair in reversed(table.pairs):
            if (*table.address, *pair.key)[: len(address)] == address:
                dotted = ".".join(map(spelt_key, [*pair.key[: len(address) - len(table.address)], step]))
                return [_below(text, table, found, dotted, wanted)]
    style = newline(text)
    header = ".".join(spelt_key(str(each)) for each in parent)
    line = f"{spelt_key(step)} = {spelt(wanted, _file_quote(text))}"
    return [Splice(len(text), len(text), f"{_gap(text, len(text))}[{header}]{style}{line}{style}")]


def _new_entry(text: str, data: dict[str, Any], path: KeyPath, wanted: Any) -> list[Splice]:
    """One more table of an array of tables: beside the others, or at the end of the file."""
    parent, step, style, quote = path[:-1], path[-1], newline(text), _file_quote(text)
    if isinstance(step, str) or any(isinstance(each, Entry) for each in parent):
        raise ValueError(f"not an entry of an array of tables: {named(path)}")
    address = _address(data, parent)
    place = _locate(text, address) if has(data, parent) else None
    if place and text[place.start] != "[":
        raise FormatError("not-an-array", "this isn't an array of tables", key=named(path))
    if place:
        new = with_newlines(wanted.text, style) if isinstance(wanted, Raw) else spelt(wanted, quote)
        spans = items(text, place.start)
        layout = Layout()
        return Items(text, place.start + 1, spans, place.end - 1).arranged([*range(len(spans)), new], layout)
    before = [table for table in tables(text) if table.address[: len(address)] == address and address]
    at = _line_after(text, before[-1].last) if before else len(text)
    lines = [f"[[{'.'.join(spelt_key(str(each)) for each in parent)}]]"]
    if isinstance(wanted, Raw):
        lines = [with_newlines(wanted.text, style)]
    else:
        lines += [f"{spelt_key(key)} = {spelt(item, quote)}" for key, item in wanted.items()]
    return [Splice(at, at, _gap(text, at) + style.join(lines) + style)]


def _below(text: str, table: Table, found: list[Table], key: str, wanted: Any) -> Splice:
    """A line below the last one of `table`, spaced and indented as that one is."""
    style = newline(text)
    value = with_newlines(wanted.text, style) if isinstance(wanted, Raw) else spelt(wanted, _file_quote(text))
    if table.pairs:
        last = table.pairs[-1]
        indent = text[_line_start(text, last.start) : last.start]
        at = _line_after(text, last.end)
        return Splice(at, at, f"{indent}{key}{_equals(text, table.pairs)}{value}{style}")
    every = [pair for each in found for pair in each.pairs]
    line = f"{key}{_equals(text, every)}{value}{style}"
    if table is not found[0]:
        at = _line_after(text, table.end)
        return Splice(at, at, line)
    if len(found) == 1:
        return Splice(len(text), len(text), line)
    at = _line_start(text, found[1].start)
    while at > found[0].start and text[_line_start(text, at - 1) : at].lstrip().startswith("#"):
        at = _line_start(text, at - 1)
    return Splice(at, at, line + style)


def _equals(text: str, pairs: list[Pair]) -> str:
    """The equals sign as the last neighbour spaces it."""
    sign = text[pairs[-1].key_end : pairs[-1].value] if pairs else " = "
    before, _, after = sign.partition("=")
    return f"{before[:1]}={after[:1]}"


def _gap(text: str, at: int) -> str:
    """An empty line, unless one is there."""
    above = text[_line_start(text, at - 1) : at] if at > len(BOM) * text.startswith(BOM) else ""
    return newline(text) if above.strip() else ""


def _quote(text: str, at: int) -> str:
    return "'" if text[at] == "'" else '"'


def _file_quote(text: str) -> str:
    """The quotes that all strings of the file stand in, double ones where they differ."""
    marks = {text[pair.value] for table in tables(text) for pair in table.pairs} & {'"', "'"}
    return "'" if marks == {"'"} else '"'


def _line_start(text: str, at: int) -> int:
    start = text.rfind("\n", 0, at) + 1
    return start + (start == 0 and text.startswith(BOM))


def _line_after(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1
