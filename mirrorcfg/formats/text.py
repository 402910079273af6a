"""Bytes to text and back, places in a text, and splices: what all formats stand on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from mirrorcfg.errors import FormatError
from mirrorcfg.sentence import sentence

BOM = "\ufeff"
_NEWLINE = re.compile(r"\r\n|\n|\r")
_ROWS = 4000  # that may be compared one by one
_TWINS = 40_000  # pairs of equal ones among them: the comparing may take the square root of it times as long


class Splice(NamedTuple):
    """Replace what stands from `start` to `end` by `new`."""

    start: int
    end: int
    new: str


def splice(text: str, splices: Iterable[Splice]) -> str:
    """`text` with all `splices` made at once; their places are those of `text` as it is given."""
    parts: list[str] = []
    at = 0
    for each in sorted(splices, key=lambda one: (one.start, one.end)):
        if each.start < at:
            raise ValueError("splices overlap")
        parts += text[at : each.start], each.new
        at = each.end
    return "".join([*parts, text[at:]])


def decode(raw: bytes, encoding: str = "utf-8") -> tuple[str, str]:
    """The text of `raw` and the encoding that `encode` needs to give the same bytes back.

    UTF-8 is tried first, then `encoding` (the locale's, say) if that loses nothing. A byte order mark
    stays in the text as U+FEFF.
    """
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as failed:
        error = failed
    try:
        text = raw.decode(encoding)
        if text.encode(encoding) == raw:
            return text, encoding
    except (UnicodeError, LookupError):
        pass
    good = raw[: error.start].decode("utf-8")
    line, column = place(good, len(good))
    raise FormatError(
        "not-text",
        sentence("byte 0x{byte:02x} is not UTF-8", byte=raw[error.start]),
        line=line,
        column=column,
        hint="save the file as UTF-8",
    )


def encode(text: str, encoding: str = "utf-8") -> bytes:
    """The bytes of `text`: the exact inverse of `decode`."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as failed:
        line, column = place(text, failed.start)
        number = ord(text[failed.start])
        what = sentence("U+{number:04X} can't be written in {encoding}", number=number, encoding=encoding)
        hint = "save the file as UTF-8"
        raise FormatError("not-encodable", what, line=line, column=column, hint=hint) from failed


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of `offset`, counted from 1; a byte order mark is no column."""
    breaks = [match.end() for match in _NEWLINE.finditer(text, 0, offset)]
    start = breaks[-1] if breaks else len(BOM) * text.startswith(BOM)
    return len(breaks) + 1, offset - start + 1


def refuse(code: str, what: str, text: str, offset: int, hint: str | None = None) -> FormatError:
    """The error about what stands at `offset` of `text`."""
    line, column = place(text, offset)
    return FormatError(code, what, line=line, column=column, hint=hint)


def newline(text: str) -> str:
    """The newline that most lines of `text` end with; the first one's where they draw; else a line feed."""
    found = _NEWLINE.findall(text)
    return max(dict.fromkeys(found), key=found.count, default="\n")


def with_newlines(text: str, style: str) -> str:
    """`text` with every newline spelt as `style`."""
    return _NEWLINE.sub(lambda _: style, text)


def lines(text: str) -> list[tuple[int, int, int]]:
    """Where each line starts, where its content ends and where the next one starts.

    As Python reads text files: CR LF, LF and a lone CR end a line, and nothing else does.
    """
    found: list[tuple[int, int, int]] = []
    at = 0
    for match in _NEWLINE.finditer(text):
        found.append((at, match.start(), match.end()))
        at = match.end()
    return [*found, (at, len(text), len(text))] if at < len(text) else found


def aligned(old: Sequence[object], new: Sequence[str]) -> list[int | str]:
    """`new` with each item that can stay where it stands named by its index in `old`."""
    keep: list[int | str] = []
    at = 0
    for start, end, first, last in changed([repr(item) for item in old], [repr(item) for item in new]):
        keep += [*range(at, start), *new[first:last]]
        at = end
    return [*keep, *range(at, len(old))]


class Stretch(NamedTuple):
    """In one list from `start` to `end` stands what in another stands from `first` to `last`."""

    start: int
    end: int
    first: int
    last: int


def changed(old: Sequence[str], new: Sequence[str]) -> list[Stretch]:
    """The stretches in which they differ, in order.

    Both are trimmed at both ends first, so that a small change of something large stays cheap. Where
    comparing what is left could take long, all of that is one stretch.
    """
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    was, now = old[head : len(old) - tail], new[head : len(new) - tail]
    if not was and not now:
        return []
    counts = Counter(now)
    if len(was) + len(now) > _ROWS or sum(counts[row] for row in was) > _TWINS:
        return [Stretch(head, head + len(was), head, head + len(now))]
    from difflib import SequenceMatcher

    codes = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    return [Stretch(head + a, head + b, head + c, head + d) for tag, a, b, c, d in codes if tag != "equal"]


def relined(
    spans: Sequence[tuple[int, int]], wanted: Sequence[int | str], line: Callable[[str], str]
) -> list[Splice]:
    """Items that stand on lines of their own: those that aren't `wanted` go, new ones become a `line`.

    Whatever stands between the lines of two items (comments, blank lines) stays.
    """
    kept = set(wanted)
    splices = [Splice(*span, "") for index, span in enumerate(spans) if index not in kept]
    new: dict[int, str] = {}
    at = spans[0][0]
    for item in wanted:
        if isinstance(item, int):
            at = spans[item][1]
        else:
            new[at] = new.get(at, "") + line(item)
    return [*splices, *(Splice(at, at, added) for at, added in new.items())]
