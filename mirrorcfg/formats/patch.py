"""Two texts compared for a person: as difflib.unified_diff has it, but in a time that they can't stretch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mirrorcfg.formats.text import Stretch, changed

_AROUND = 3  # lines shown before and after what changed


def unified(old: Sequence[str], new: Sequence[str], before: str, after: str) -> str:
    """What leads from the lines `old` of the file `before` to the lines `new` of the file `after`."""
    hunks = [line for group in _groups(changed(old, new)) for line in _hunk(old, new, group)]
    return "\n".join([f"--- {before}", f"+++ {after}", *hunks] if hunks else [])


def _groups(stretches: Sequence[Stretch]) -> Iterator[list[Stretch]]:
    """Those that stand so near that what is around them would overlap."""
    group: list[Stretch] = []
    for each in stretches:
        if group and each.start - group[-1].end > 2 * _AROUND:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _hunk(old: Sequence[str], new: Sequence[str], group: list[Stretch]) -> Iterator[str]:
    first, last = group[0], group[-1]
    above, below = min(_AROUND, first.start), min(_AROUND, len(old) - last.end)
    was = _range(first.start - above, last.end + below)
    yield f"@@ -{was} +{_range(first.first - above, last.last + below)} @@"
    at = first.start - above
    for start, end, begin, stop in group:
        yield from (f" {line}" for line in old[at:start])
        yield from (f"-{line}" for line in old[start:end])
        yield from (f"+{line}" for line in new[begin:stop])
        at = end
    yield from (f" {line}" for line in old[at : at + below])


def _range(start: int, end: int) -> str:
    """As diff writes it: a line's number, and how many there are unless it is one."""
    if end - start == 1:
        return str(end)
    return f"{start + (end > start)},{end - start}"
