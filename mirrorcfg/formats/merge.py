"""What changed between two texts, made in a third one: a three-way merge by lines."""

from __future__ import annotations

from typing import NamedTuple

from mirrorcfg.formats.text import changed, lines


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
    known = set(mine)
    other = [hunk for hunk in other if hunk not in known]
    if _meet(mine, other):
        return None
    for hunk in sorted([*mine, *other], key=lambda each: (each.start, each.end), reverse=True):
        rows[hunk.start : hunk.end] = hunk.new
    return "".join(rows)


def _meet(mine: list[_Hunk], other: list[_Hunk]) -> bool:
    """Does one of the one touch one of the other? Each list is in order."""
    at = there = 0
    while at < len(mine) and there < len(other):
        if mine[at].touches(other[there]):
            return True
        if mine[at].end <= other[there].end:
            at += 1
        else:
            there += 1
    return False


def _rows(text: str) -> list[str]:
    return [text[start:after] for start, _, after in lines(text)]


def _hunks(old: list[str], new: list[str]) -> list[_Hunk]:
    return [_Hunk(start, end, tuple(new[first:last])) for start, end, first, last in changed(old, new)]
