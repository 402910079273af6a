"""Comma-separated items between two brackets: JSON, YAML's flow style, TOML's inline values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mirrorcfg.formats.text import Splice

_SEPARATOR = re.compile(r"\s*,\s*")


class Layout(NamedTuple):
    """What stands before the first item, between two (`inline`: on one line), and after the last."""

    before: str = ""
    between: str = ", "
    after: str = ""
    inline: str = ", "

    def join(self, items: Sequence[str]) -> str:
        """What stands between the brackets."""
        return f"{self.before}{self.between.join(items)}{self.after}" if items else ""


class Items(NamedTuple):
    """Where the items of a list or map stand in `text`, and what is between its brackets."""

    text: str
    start: int
    spans: Sequence[tuple[int, int]]
    end: int

    def layout(self, default: Layout) -> Layout:
        """The layout that these items have; `default` where they don't show it."""
        if not self.spans:
            return default
        before = self.text[self.start : self.spans[0][0]]
        before = before if before.isspace() else ""
        between = f",{before}" if "\n" in before or "\r" in before else default.inline
        if len(self.spans) > 1:
            own = self.text[self.spans[0][1] : self.spans[1][0]]
            between = own if _SEPARATOR.fullmatch(own) else between
        return Layout(before, between, self.text[self.spans[-1][1] : self.end])

    def arranged(self, wanted: Sequence[int | str], default: Layout) -> list[Splice]:
        """What is to stand between the brackets: kept items by index (ascending), new ones as text.

        Kept items are in no splice, so that something within them may change at the same time.
        """
        if not wanted:
            return [Splice(self.start, self.end, "")]
        if not self.spans:
            return [Splice(self.start, self.end, default.join([str(item) for item in wanted]))]
        layout = self.layout(default)
        splices: list[Splice] = []
        at, new = self.start, self.text[self.start : self.spans[0][0]]
        for item, follower in zip(wanted, [*wanted[1:], None], strict=True):
            if isinstance(item, str):
                new += item
            else:
                splices.append(Splice(at, self.spans[item][0], new))
                at, new = self.spans[item][1], ""
            new += layout.after if follower is None else self._between(item, follower, layout.between)
        return [*splices, Splice(at, self.end, new)]

    def _between(self, item: int | str, follower: int | str, default: str) -> str:
        """The separator after `item`: its own where it stays, so that a comment there stays too."""
        for left in (item, follower - 1 if isinstance(follower, int) else None):
            if isinstance(left, int) and 0 <= left < len(self.spans) - 1:
                return self.text[self.spans[left][1] : self.spans[left + 1][0]]
        return default
