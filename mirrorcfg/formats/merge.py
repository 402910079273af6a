"""What changed between two texts, made in a third one: a three-way merge by lines."""

from __future__ import annotations

from typing import NamedTuple

from mirrorcfg.formats.text import lines

_MIDDLE = 4000  # lines; beyond that the whole changed stretch counts as one hunk


class _Hunk(NamedTuple):
    start: int
    end: int
    new: tuple[str, ...]

    def touches(self, other: _Hunk) -> bool:
        """Both change one line; two additions at one place don't meet."""
        return self.start < other.end and other.start < self.end


def merge(base: str, ours: str, theirs: str) -> str | None:
    """`base` with the changes of both, `theirs` first where both add at one place; None where they meet."""
    rows = _rows(base)
    mine, other = _hunks(rows, _rows(ours)), _hunks(rows, _rows(theirs))
    other = [hunk for hunk in other if hunk not in mine]
    if any(hunk.touches(foreign) for hunk in mine for foreign in other):
        return None
    for hunk in sorted([*mine, *other], key=lambda each: (each.start, each.end), reverse=True):
        rows[hunk.start : hunk.end] = hunk.new
    return "".join(rows)


def _rows(text: str) -> list[str]:
    return [text[start:after] for start, _, after in lines(text)]


def _hunks(old: list[str], new: list[str]) -> list[_Hunk]:
    """Trimmed at both ends first, so that a small change of a large file stays cheap."""
    head = next((at for at, (one, two) in enumerate(zip(old, new, strict=False)) if one != two), None)
    head = min(len(old), len(new)) if head is None else head
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    was, now = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(was) + len(now) > _MIDDLE:
        return [_Hunk(head, head + len(was), tuple(now))]
    from difflib import SequenceMatcher

    codes = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    return [_Hunk(head + a, head + b, tuple(now[c:d])) for tag, a, b, c, d in codes if tag != "equal"]
