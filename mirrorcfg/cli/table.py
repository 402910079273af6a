"""Rows under a header: aligned in the cells of a terminal, and never wider than it.

As with gh nothing is cut where stdout is no terminal: a row is one line, and whole. Unlike there columns stay
aligned, under their header: the log of a CI job is read by people, and scripts have --json.

On a terminal columns that are `spare` go first, then what is longest is cut. Where even that is too wide, the
last column gets a line of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from mirrorcfg.cli import screen, width
from mirrorcfg.cli.screen import Line

Mark = Literal["", "good", "doubt", "bad", "used"]
"""What is to be seen of a row first."""

_TINTS: dict[Mark, str] = {"good": "green", "doubt": "yellow", "bad": "red", "used": "green"}
_GAP = 2
_LEAST = 16  # cells: less of an address tells nothing


class Column(NamedTuple):
    """A header. One that is `spare` is left out where there is no room, the highest first."""

    title: str
    spare: int = 0


class Row(NamedTuple):
    """One row, and what is `below` it on lines of their own."""

    cells: Sequence[str]
    mark: Mark = ""
    below: Sequence[str] = ()


def drawn(columns: Sequence[Column], rows: Iterable[Row], *, limit: int | None = None) -> Iterator[Line]:
    """The lines of a table, none for no rows; `limit` is the terminal's width unless one is given."""
    limit = limit or width.room(sys.stdout)
    clean = [(row, [screen.clean(cell) for cell in row.cells]) for row in rows]
    if not clean:
        return
    marked = any(row.mark for row, _ in clean)
    shown = [at for at in range(len(columns)) if any(cells[at] for _, cells in clean)]
    widths = {at: max(width.cells(cells[at]) for cells in _all(columns, clean)) for at in shown}
    edge = 2 if marked else 0
    spare = sorted((at for at in shown if columns[at].spare), key=lambda at: columns[at].spare)
    while limit and spare and _sum(widths, edge) > limit:
        del widths[spare.pop()]
    alone = limit is not None and not _narrowed(widths, limit - edge)
    own = [max(widths)] if alone else []
    shown = [at for at in widths if at not in own]
    header = [columns[at].title for at in shown]
    yield Line(" " * edge + _line(header, shown, widths), bold=True)
    for row, cells in clean:
        texts = [width.cut(cells[at], widths[at], screen.sign("more")) for at in shown]
        label = f"{screen.sign(row.mark) if row.mark else ' '} " if marked else ""
        yield Line(_line(texts, shown, widths), _TINTS.get(row.mark), label=label)
        for text in [*(cells[at] for at in own), *row.below]:
            text = screen.clean(text)
            indent = edge + 2
            more = width.cut(text, limit - indent, screen.sign("more")) if limit else text
            yield Line(" " * indent + more)


def _all(columns: Sequence[Column], clean: Iterable[tuple[Row, list[str]]]) -> list[list[str]]:
    return [[column.title for column in columns], *(cells for _, cells in clean)]


def _sum(widths: dict[int, int], edge: int) -> int:
    return edge + sum(widths.values()) + _GAP * (len(widths) - 1)


def _narrowed(widths: dict[int, int], limit: int) -> bool:
    """Take from what is longest until all of it has room; False where that leaves too little of one."""
    over = _sum(widths, 0) - limit
    before = dict(widths)
    while over > 0:
        at = max(widths, key=lambda at: widths[at])
        if widths[at] <= _LEAST:
            widths |= before
            return False
        widths[at] -= 1
        over -= 1
    return True


def _line(texts: Sequence[str], shown: Sequence[int], widths: dict[int, int]) -> str:
    padded = [width.padded(text, widths[at]) for text, at in zip(texts, shown, strict=True)]
    return (" " * _GAP).join(padded).rstrip()
