"""Where sections and options stand in a pip.conf: the rules of RawConfigParser, with the places kept."""

from __future__ import annotations

from configparser import RawConfigParser
from dataclasses import dataclass, field
from functools import lru_cache

from mirrorcfg.formats.text import lines


@dataclass
class Option:
    """One option: its lines (`last` is the last one with a piece of the value) and its value's span."""

    name: str
    line: int
    last: int
    indent: str
    delimiter: str
    name_end: int
    start: int
    end: int


@dataclass
class Section:
    """One section: the line and the indentation of its header, and its own options."""

    line: int
    indent: str
    options: list[Option] = field(default_factory=list)


def scan(text: str) -> dict[str, Section]:
    """Where sections and options stand, found by RawConfigParser's rules; nobody may change it."""
    return _scanned(text)[0]


def stray(text: str) -> int | None:
    """The first line that is neither section nor option nor a piece of a value, counted from 0."""
    return _scanned(text)[1]


@lru_cache(maxsize=4)
def _scanned(text: str) -> tuple[dict[str, Section], int | None]:
    sections: dict[str, Section] = {}
    section: Section | None = None
    option: Option | None = None
    stray: int | None = None
    level = 0
    for number, (start, end, _) in enumerate(lines(text)):
        line = text[start:end]
        content = line.strip()
        if not content or content.startswith(("#", ";")):
            continue
        indent = line[: len(line) - len(line.lstrip())]
        at = start + len(indent)
        if option and len(indent) > level:
            option.last, option.end = number, at + len(content)
            continue
        level = len(indent)
        if header := RawConfigParser.SECTCRE.match(content):
            section, option = sections.setdefault(header["header"], Section(number, indent)), None
        elif section and (match := RawConfigParser.OPTCRE.match(content)):
            delimiter = content[match.end("option") : match.start("value")]
            option = Option(
                match["option"].rstrip().lower(),
                number,
                number,
                indent,
                delimiter if match["value"] else "",
                at + match.end("option"),
                at + match.end("vi"),
                at + len(content),
            )
            section.options.append(option)
        elif stray is None:
            stray = number
    return sections, stray
