"""The style that a YAML text has, and new entries are written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mirrorcfg.formats import Raw
from mirrorcfg.formats.scalar import inline, scalar
from mirrorcfg.formats.text import with_newlines
from mirrorcfg.formats.yaml_tree import Tree, pairs


class Style(NamedTuple):
    """How far a map and a list stand in from their key, and the quotes that values have."""

    newline: str
    unit: int = 2
    dash: int = 2
    quote: str | None = None

    def entry(self, key: str, value: Any, column: int, quoted_key: str | None = None) -> str:
        """A key `column` deep with its value, without the last newline."""
        return f"{' ' * column}{scalar(key, quoted_key)}:{self.value(value, column)}"

    def value(self, value: Any, column: int) -> str:
        """What follows the colon of a key that stands `column` deep."""
        if isinstance(value, Raw):
            return with_newlines(value.text, self.newline)
        if not value or not isinstance(value, Mapping | list | tuple):
            return f" {inline(value, self.quote)}"
        return self.newline + self.body(value, column)

    def body(self, value: Any, column: int) -> str:
        """The lines of a map or list below a key that stands `column` deep, without the last newline."""
        if isinstance(value, Mapping):
            return self.newline.join(self.entry(key, item, column + self.unit) for key, item in value.items())
        return self.newline.join(
            f"{' ' * (column + self.dash)}- {inline(item, self.quote)}" for item in value
        )


def found(tree: Tree, newline: str) -> Style:
    """That of the first entries there are; `newline` ends the lines."""
    units: list[int] = []
    dashes: list[int] = []
    quotes: list[str | None] = []
    for key, value in pairs(tree.root):
        if value.id != "scalar" and not value.flow_style:
            columns = units if value.id == "mapping" else dashes
            columns.append(tree.column(value) - tree.column(key))
        items = value.value if value.id == "sequence" else [each for _, each in pairs(value)] or [value]
        quotes += [each.style for each in items if each.tag == "tag:yaml.org,2002:str"]
    unit = next((each for each in units if each > 0), 2)
    quote = (
        quotes[0]
        if quotes and all(each == quotes[0] for each in quotes) and quotes[0] in ("'", '"')
        else None
    )
    return Style(newline, unit, dashes[0] if dashes else unit, quote)
