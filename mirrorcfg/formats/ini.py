"""pip.conf, as pip reads it: `configparser.RawConfigParser()` and pip's spelling of option names."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from configparser import (
    DuplicateOptionError,
    DuplicateSectionError,
    Error,
    MissingSectionHeaderError,
    ParsingError,
    RawConfigParser,
)
from functools import lru_cache
from typing import Any

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Changes, KeyPath, Leaf, Raw, budget
from mirrorcfg.formats.ini_scan import Option, Section, scan, stray
from mirrorcfg.formats.proof import named, pending, prove
from mirrorcfg.formats.text import (
    BOM,
    Splice,
    aligned,
    lines,
    newline,
    refuse,
    relined,
    splice,
    with_newlines,
)
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import cut, shown

_TRUE, _FALSE = {"1", "y", "yes", "t", "true", "on"}, {"0", "n", "no", "f", "false", "off"}
_WRITABLE = re.compile(r"[!-~]([ -~]*[!-~])?")


def read(text: str) -> dict[str, Any]:
    """Sections to options to strings, names as pip normalises them, [DEFAULT] merged into each section."""
    return {section: dict(options) for section, options in _items(text).items()}


def raw(text: str, path: KeyPath) -> Raw | None:
    """What follows the name of the option that counts; None where it stands in [DEFAULT] only."""
    _items(text)
    option = _own(scan(text), *_address(path))
    return Raw(text[option.name_end : option.end]) if option else None


def edit(text: str, changes: Changes) -> str:
    """`text` with those options changed; lists stand on continuation lines, one item each."""
    todo = pending(_data, raw, text, changes, _means)
    style = newline(text)
    closed = not text or text.endswith(("\n", "\r"))
    after = text if closed else text + style
    for path, wanted in todo.items():
        section, name = _address(path)
        splices = (
            _deleted(after, section, name)
            if wanted is None
            else _set(after, section, name, _spelt(wanted, path, style))
        )
        after = splice(after, splices)
    return prove(_data, raw, text, after if closed else after.removesuffix(style), changes, _means)


def _data(text: str) -> dict[str, Any]:
    return dict(_items(text))


def _means(value: Any, wanted: Leaf) -> bool:
    """Whether pip makes of the string `value` what is wanted."""
    if not isinstance(value, str):
        return False
    if isinstance(wanted, bool):
        return value.lower() in (_TRUE if wanted else _FALSE)
    return value == wanted if isinstance(wanted, str) else value.split() == list(wanted)


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


def _address(path: KeyPath) -> tuple[str, str]:
    if len(path) != 2 or not all(isinstance(step, str) for step in path):
        raise ValueError(f"not a section and an option: {named(path)}")
    return str(path[0]), str(path[1])


@lru_cache(maxsize=4)
def _items(text: str) -> Mapping[str, Mapping[str, str]]:
    """What RawConfigParser gives for each section; nobody may change it, the last few are kept.

    Two spellings of one option in a section are refused: older pips take the later one, newer ones neither.
    """
    if text.startswith(BOM):
        what, hint = (
            "pip can't read a file that starts with a byte order mark",
            "save the file as UTF-8 without BOM",
        )
        raise refuse("byte-order-mark", what, text, len(BOM), hint)
    budget.ini(text)
    parser = RawConfigParser()
    wrong = stray(text)  # the parser would gather all such lines, in a message that it copies for each
    known = text if wrong is None else text[: lines(text)[wrong][2]]
    try:
        parser.read_file(io.StringIO(known, newline=None), source="pip.conf")
    except Error as failed:
        raise _refusal(text, failed) from failed
    if wrong is not None:
        raise _refusal(text, ParsingError("pip.conf"), wrong + 1)
    _unique(text)
    budget.inherited(len(parser.defaults()), len(parser.sections()))
    return {
        section: {_normal(name): value for name, value in parser.items(section)}
        for section in parser.sections()
    }


def _unique(text: str) -> None:
    """Raise FormatError for an option that stands in two spellings, or has no name but `--`."""
    rows = lines(text)
    for header, section in scan(text).items():
        seen: set[str] = set()
        for option in section.options:
            name, start = _normal(option.name), rows[option.line][0] + len(option.indent)
            if not name:  # newer pips don't know where the value of such a one ends
                raise refuse("parse-error", "this option has no name", text, start, "remove this line")
            if name in seen:
                where = cut(header)
                what = sentence(
                    "{option} stands twice in [{section}], in two spellings",
                    option=shown(name),
                    section=where,
                )
                raise refuse("duplicate-option", what, text, start, "remove one of the two")
            seen.add(name)


def _refusal(text: str, failed: Error, number: int = 1) -> FormatError:
    code, what, hint = "parse-error", "pip can't read this file", "mend this line by hand"
    if isinstance(failed, DuplicateOptionError):
        option, section = shown(failed.option), cut(failed.section)
        code, what = (
            "duplicate-option",
            sentence("{option} stands twice in [{section}]", option=option, section=section),
        )
        number, hint = failed.lineno or 1, "remove one of the two"
    elif isinstance(failed, DuplicateSectionError):
        section = cut(failed.section)
        code, what = "duplicate-section", sentence("section [{section}] stands twice", section=section)
        number, hint = failed.lineno or 1, "join the two sections"
    elif isinstance(failed, MissingSectionHeaderError):
        code, what = "no-section", "this line stands before any [section]"
        number, hint = failed.lineno, "put [global] above it"
    elif isinstance(failed, ParsingError) and failed.errors:
        number, what = failed.errors[0][0], "this line is neither an option nor a section"
    start, end, _ = lines(text)[number - 1]
    line = text[start:end]
    return refuse(code, what, text, start + len(line) - len(line.lstrip()), hint)


def _own(sections: dict[str, Section], section: str, name: str) -> Option | None:
    """The option of the section itself, not one that it inherits."""
    options = sections[section].options if section in sections else []
    return next((option for option in options if _normal(option.name) == name), None)


def _deleted(text: str, section: str, name: str) -> list[Splice]:
    """The option goes, with its lines."""
    option = _own(scan(text), section, name)
    if option is None:
        raise FormatError(
            "inherited-value",
            sentence(
                "{option!r} of [{section}] comes from [DEFAULT], which all sections inherit",
                option=name,
                section=section,
            ),
            key=f"{section}.{name}",
            hint="remove it from [DEFAULT] by hand",
        )
    rows = lines(text)
    return [Splice(rows[option.line][0], rows[option.last][2], "")]


def _spelt(wanted: Leaf | Raw, path: KeyPath, style: str) -> Raw | str | list[str]:
    """What to write: a spelling taken over, a string, or the items of a list."""
    if isinstance(wanted, Raw):
        _must_be_ascii(wanted.text, path)
        return Raw(with_newlines(wanted.text, style))
    if isinstance(wanted, bool):
        return "true" if wanted else "false"
    items = [wanted] if isinstance(wanted, str) else list(wanted)
    for item in items:
        _must_be_ascii(item, path)
        spaced = not isinstance(wanted, str) and (len(item.split()) != 1 or item[0] in "#;")
        if not isinstance(wanted, str | Sequence) or spaced or not _WRITABLE.fullmatch(item):
            raise FormatError(
                "not-writable",
                "pip would not read this value back as it is",
                key=named(path),
                hint="use another value",
            )
    return wanted if isinstance(wanted, str) else items


def _must_be_ascii(value: str, path: KeyPath) -> None:
    if not value.isascii():
        raise FormatError(
            "not-ascii",
            "the value isn't ASCII, and pip reads its file in whatever encoding the locale has",
            key=named(path),
            hint="write it in ASCII (percent-encoded in a URL)",
        )


def _set(text: str, section: str, name: str, spelt: Raw | str | list[str]) -> list[Splice]:
    sections, rows, style = scan(text), lines(text), newline(text)
    option = _own(sections, section, name)
    if option:
        return _replaced(text, option, spelt)
    delimiter = _delimiter(sections, section)
    if section not in sections:
        gap = style if rows and text[rows[-1][0] : rows[-1][1]].strip() else ""
        new = _written(delimiter.rstrip(), delimiter, "", spelt, style)
        return [Splice(len(text), len(text), f"{gap}[{section}]{style}{name}{new}{style}")]
    there = sections[section]
    indent = there.options[-1].indent if there.options else _header_below(sections, there)
    last = there.options[-1].last if there.options else there.line
    while last + 1 < len(rows) and _is_deeper_comment(text[slice(*rows[last + 1][:2])], indent):
        last += 1
    at = rows[last][2]
    new = _written(delimiter.rstrip(), delimiter, indent, spelt, style)
    return [Splice(at, at, f"{indent}{name}{new}{style}")]


def _header_below(sections: dict[str, Section], section: Section) -> str:
    """How deep the next header stands: below a shallower option it would be a piece of its value."""
    below = [each for each in sections.values() if each.line > section.line]
    return min(below, key=lambda each: each.line).indent if below else ""


def _is_deeper_comment(line: str, indent: str) -> bool:
    """A commented-out item of the list above, say."""
    content = line.lstrip()
    return content.startswith(("#", ";")) and len(line) - len(content) > len(indent)


def _delimiter(sections: dict[str, Section], section: str) -> str:
    """The delimiter as the neighbours space it."""
    near = sections[section].options if section in sections else []
    options = [option for each in sections.values() for option in each.options]
    own = next((each.delimiter for each in [*reversed(near), *reversed(options)] if each.delimiter), " = ")
    sign = own.strip()
    return f"{own[: own.index(sign)][:1]}{sign}{own[own.index(sign) + 1 :][:1]}"


def _written(bare: str, delimiter: str, indent: str, spelt: Raw | str | list[str], style: str) -> str:
    """Delimiter and value of an option that stands `indent` deep."""
    if isinstance(spelt, Raw):
        return spelt.text
    if isinstance(spelt, str) or len(spelt) == 1:
        return delimiter + "".join(spelt)
    return bare + "".join(f"{style}{indent}    {item}" for item in spelt)


def _replaced(text: str, option: Option, spelt: Raw | str | list[str]) -> list[Splice]:
    if isinstance(spelt, list) and (kept := _rearranged(text, option, spelt)):
        return kept
    if isinstance(spelt, Raw):
        return [Splice(option.name_end, option.end, spelt.text)]
    spacing = option.delimiter.lstrip()[1:] if option.delimiter else " "
    new = _written("", spacing, option.indent, spelt, newline(text))
    return [Splice(option.start, option.end, new)]


def _rearranged(text: str, option: Option, items: list[str]) -> list[Splice] | None:
    """A list with one item a line keeps the lines of the items that stay, and the comments between."""
    rows = lines(text)[option.line : option.last + 1]
    heads = [option.start, *(start for start, _, _ in rows[1:])]
    found = [
        (row, content)
        for row, head in zip(rows, heads, strict=True)
        if (content := text[head : row[1]].strip()) and (row is rows[0] or content[0] not in "#;")
    ]
    wanted = aligned([content for _, content in found], items)
    on_key_line = bool(found) and found[0][0] is rows[0]
    if len(rows) == 1 or not items or any(len(content.split()) != 1 for _, content in found):
        return None
    if on_key_line and wanted[0] != 0:
        return None
    start, end, _ = found[-1][0]
    line = text[start:end]
    indent = line[: len(line) - len(line.lstrip())]
    spans = [(start, after) for (start, _, after), _ in found]
    return relined(spans, wanted, lambda item: f"{indent}{item}{newline(text)}")
