"""One option out of all layers, as conda merges it: lists and maps are unions, `#!final` ends the search.

Source of the rules: the `merge` of each kind of parameter in conda/common/configuration.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mirrorcfg.model.layer import Layer, Reading
from mirrorcfg.model.settings import Value
from mirrorcfg.writers.conda import reading
from mirrorcfg.writers.conda.reading import BOTTOM, FINAL, TOP


class Match(NamedTuple):
    """What one layer says of an option; `name` is the option, or the entry of a map within it."""

    name: str
    value: Value
    layer: Layer
    marks: Mapping[str, Value] = {}

    @property
    def final(self) -> bool:
        """Is it the last word?"""
        return self.name in _sequence(self.marks.get(FINAL))

    def items(self, mark: str | None = None) -> tuple[str, ...]:
        """Those of a list, or those of them that bear a mark."""
        marked = _sequence(self.marks.get(mark)) if mark else ()
        return tuple(
            item for item in _sequence(self.value) if mark is None or f"{self.name} {item}" in marked
        )


def matches(option: str, readings: Iterable[Reading]) -> list[Match]:
    """Every layer that says something of it, weak to strong, none beyond the first one that is final."""
    found = []
    for each in readings:
        if each.layer.variable is None and option in each.values:
            found.append(Match(option, each.values[option], each.layer, each.values))
        elif each.layer.variable and (told := reading.said(each.layer)) and told[0] == option:
            found.append(Match(option, told[1], each.layer))
    return _relevant(found)


def value(found: Sequence[Match]) -> Value:
    """What comes of these, whatever it is."""
    if isinstance(found[-1].value, tuple):
        return tuple(items(found))
    if isinstance(found[-1].value, Mapping):
        return {name: str(match.value) for name, match in entries(found).items()}
    return found[-1].value


def origins(found: Sequence[Match]) -> tuple[Layer, ...]:
    """The layers that what comes of these is from, the strongest first."""
    if isinstance(found[-1].value, tuple):
        having = set(items(found).values())
    elif isinstance(found[-1].value, Mapping):
        having = {match.layer for match in entries(found).values()}
    else:
        having = {found[-1].layer}
    return tuple(match.layer for match in reversed(found) if match.layer in having)


def text(found: Sequence[Match]) -> Match | None:
    """The strongest; of something that isn't a list or a map."""
    return found[-1] if found else None


def items(found: Sequence[Match]) -> Mapping[str, Layer]:
    """A list in conda's order, each item with the strongest layer that has it."""
    found = _relevant(found)
    top = [item for match in found for item in match.items(TOP)]
    plain = [item for match in reversed(found) for item in match.items()]
    bottom = [item for match in reversed(found) for item in match.items(BOTTOM)]
    order = reversed(dict.fromkeys([*reversed(bottom), *reversed(dict.fromkeys([*top, *plain]))]))
    having = {item: match.layer for match in found for item in match.items()}
    return {item: having[item] for item in order}


def entries(found: Sequence[Match]) -> Mapping[str, Match]:
    """A map, each entry with the layer that has the last word on it."""
    return {name: rival[-1] for name, rivals in _by_name(found).items() if (rival := _relevant(rivals))}


def lists(found: Sequence[Match]) -> Mapping[str, Mapping[str, Layer]]:
    """A map of lists, each the union of what all layers have under its name; a final one stands alone."""
    groups = _by_name(found, apart=True)
    return {
        name: items([match for match in rivals if match.final][:1] or rivals)
        for name, rivals in groups.items()
    }


def _by_name(found: Sequence[Match], *, apart: bool = False) -> Mapping[str, list[Match]]:
    rivals: dict[str, list[Match]] = {}
    for match in found:
        values = match.value if isinstance(match.value, Mapping) else {}
        for name, value in (reading.entries(values) if apart else values).items():
            rivals.setdefault(name, []).append(match._replace(name=f"{match.name} {name}", value=value))
    return rivals


def _relevant(found: Sequence[Match]) -> list[Match]:
    last = next((n for n, match in enumerate(found) if match.final), len(found))
    return list(found[: last + 1])


def _sequence(value: Value | None) -> Sequence[str]:
    return value if isinstance(value, tuple) else ()
