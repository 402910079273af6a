"""Shapes of values: what Go's encoding/json fills a field with, and what it won't.

Source of the rules: the documentation of encoding/json. A null leaves a field as it is; a name matches one
whatever its case; one that isn't known is passed over; a number with a point or an exponent isn't whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mirrorcfg.sentence import sentence


class Misfit(NamedTuple):
    """Where in a value something doesn't fit, from its top (`.gc.enabled`), and what it "must be"."""

    where: str
    wanted: str


Shape = Callable[[Any], Misfit | None]


def _of(kind: type, wanted: str) -> Shape:
    def fits(value: Any) -> Misfit | None:
        return None if value is None or type(value) is kind else Misfit("", wanted)

    return fits


TEXT = _of(str, sentence("a text"))
SWITCH = _of(bool, sentence("true or false"))


def whole(low: int = -(2**63), high: int = 2**63 - 1) -> Shape:
    """A whole number that the field has room for."""

    def fits(value: Any) -> Misfit | None:
        if value is None or (type(value) is int and low <= value <= high):
            return None
        return Misfit(
            "", sentence("a whole number") if type(value) is not int else sentence("a smaller number")
        )

    return fits


NUMBER = whole()


def listed(item: Shape) -> Shape:
    """A list of these."""

    def fits(value: Any) -> Misfit | None:
        if value is None:
            return None
        if not isinstance(value, list):
            return Misfit("", sentence("a list"))
        return _first((f"[{index}]", item(each)) for index, each in enumerate(value))

    return fits


def mapped(item: Shape) -> Shape:
    """An object with any keys and values of that shape."""

    def fits(value: Any) -> Misfit | None:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            return Misfit("", sentence("an object"))
        return _first((f".{key}", item(each)) for key, each in value.items())

    return fits


def made_of(fields: Mapping[str, Shape]) -> Shape:
    """An object with these fields."""
    known = {folded(name): shape for name, shape in fields.items()}

    def fits(value: Any) -> Misfit | None:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            return Misfit("", sentence("an object"))
        items = ((key, known[folded(key)], each) for key, each in value.items() if folded(key) in known)
        return _first((f".{key}", shape(each)) for key, shape, each in items)

    return fits


def folded(name: str) -> str:
    """A name as encoding/json compares it."""
    return name.replace("\u017f", "s").replace("\u212a", "k").lower()


def field(value: Mapping[str, Any], name: str) -> Any:
    """What ends up in the field of that name: of several that match, the last; objects fill it together."""
    found = [each for key, each in value.items() if folded(key) == name and each is not None]
    if found and all(isinstance(each, Mapping) for each in found):
        return {key: item for each in found for key, item in each.items()}
    return found[-1] if found else None


def _first(found: Any) -> Misfit | None:
    return next((Misfit(f"{at}{misfit.where}", misfit.wanted) for at, misfit in found if misfit), None)
