"""What podman asks once all of its files are read, and what of them keeps it from asking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

from mirrorcfg.errors import FormatError
from mirrorcfg.model import golang
from mirrorcfg.model.layer import Effective, Layer, Reading, Source
from mirrorcfg.model.result import Finding
from mirrorcfg.model.settings import Value
from mirrorcfg.sentence import sentence
from mirrorcfg.writers.podman import location, own, places
from mirrorcfg.writers.podman.own import HUB, LOCATIONS, Own
from mirrorcfg.writers.podman.tables import DIGESTS, TAGS

FIRST = "first-form"
"""In what is read of a file: it is in the form that is only for registries.conf itself."""


def effective(readings: Sequence[Reading]) -> Effective:
    """The last table of each prefix, and of those that fit Docker Hub the longest.

    Raises FormatError for a drop-in whose form podman takes in registries.conf alone.
    """
    _require_drop_ins(readings)
    counting = own.counting(readings)
    origins = _hiders(readings)
    settings: dict[str, Value] = {}
    hub = own.covering(HUB, counting)
    if hub is not None:
        bars = [each for each in (own.bars(url, counting) for url in hub.mirrors) if each is not None]
        origins["registry-mirrors"] = tuple(each.layer for each in bars) or (hub.layer,)
        if (open_ := [url for url in hub.mirrors if not own.bars(url, counting)]) and not _unusable(hub):
            settings["registry-mirrors"] = tuple(open_)
        if hub.location != HUB and not own.bars(hub.location, counting):
            settings[LOCATIONS], origins[LOCATIONS] = {HUB: location.address(hub.location)}, (hub.layer,)
    others = [each for prefix, each in counting.items() if prefix != HUB]
    if others:
        origins["registries"] = tuple(dict.fromkeys(each.layer for each in reversed(others)))
    if reached := {each.prefix: each.mirrors[0] for each in others if each.mirrors}:
        settings["registries"] = reached
    narrower = [each for each in others if each.prefix.startswith(f"{HUB}/")]
    warnings = [
        sentence("{path} has a table of its own for {prefix}.", path=each.layer.label, prefix=each.prefix)
        for each in narrower
    ]
    told = [*([hub] if hub else []), *(each for each in others if each in narrower or _ours(each.layer))]
    doubts = [finding for each in told for finding in _doubts(each, readings, counting)]
    return Effective(settings, origins, [*warnings, *_hidden(readings)], doubts=doubts)


def sources(settings: Mapping[str, Value]) -> tuple[Source, ...]:
    """Every mirror, and what is asked in the place of Docker Hub."""
    found = settings.get(LOCATIONS)
    moved = [Source("podman", LOCATIONS, url) for url in found.values()] if isinstance(found, Mapping) else []
    return (*golang.mirrors("podman", settings), *moved)


def _require_drop_ins(readings: Sequence[Reading]) -> None:
    for layer, values, _ in readings:
        if values.get(FIRST) and places.is_drop_in(layer) and not layer.ignored:
            what = sentence(
                "This drop-in has the first form of registries.conf, and podman refuses all it has."
            )
            hint = "write [[registry]] with a location"
            raise FormatError("podman-refuses", what, path=str(layer.path), key="registries", hint=hint)


def _hiders(readings: Sequence[Reading]) -> dict[str, tuple[Layer, ...]]:
    """The user's registries.conf, where it keeps the drop-in that is meant from being read."""
    if not any(each.layer.target and each.layer.ignored for each in readings):
        return {}
    main = tuple(each.layer for each in readings if each.layer.name == "user")
    return {"registry-mirrors": main, "registries": main}


def _hidden(readings: Sequence[Reading]) -> list[str]:
    """The system's drop-in of ours, where this user's registries.conf keeps it from being read."""
    layers = [each.layer for each in readings if _ours(each.layer) and not each.layer.target]
    return [
        sentence("podman doesn't read {path}: {why}.", path=each.path, why=each.ignored)
        for each in layers
        if each.ignored and each.there
    ]


def _ours(layer: Layer) -> bool:
    return layer.path is not None and layer.path.name == places.FILE


def _unusable(table: Own) -> list[str]:
    """The places of which podman can make no name: it pulls nothing below the prefix then."""
    named = [*(url.partition("://")[2] for url in table.mirrors), table.location]
    return [each for each in named if not location.is_name(each)]


def _doubts(table: Own, readings: Sequence[Reading], counting: Mapping[str, Own]) -> Iterator[Finding]:
    """What keeps images of a prefix from coming, or was the user's and doesn't hold below a table of ours."""
    path, prefix, place = str(table.layer.path), table.prefix, table.place
    if wrong := _unusable(table):
        what = sentence(
            "podman can pull nothing of {prefix}: {location} in {place} makes no image's name.",
            prefix=prefix,
            location=wrong[0],
            place=place,
        )
        yield Finding(
            "bad-location", what, "a host with a dot or a port; no slash at the end", "podman", path
        )
    if bar := own.bars(table.location, counting):
        facts = {"prefix": prefix, "place": bar.place, "location": table.location}
        what = (
            sentence(
                "podman takes only what its mirrors have of {prefix}: {place} blocks {location}.", **facts
            )
            if table.mirrors
            else sentence("podman takes nothing of {prefix}: {place} blocks {location}.", **facts)
        )
        yield Finding("registry-blocked", what, None, "podman", str(bar.layer.path))
    if table.mirrors and table.asked in (DIGESTS, TAGS):
        facts = {"prefix": prefix, "place": place}
        what = (
            sentence(
                "podman asks the mirrors of {prefix} only for images by digest: {place} says so.", **facts
            )
            if table.asked == DIGESTS
            else sentence(
                "podman asks the mirrors of {prefix} only for images by tag: {place} says so.", **facts
            )
        )
        yield Finding("mirrors-in-part", what, None, "podman", path)
    if not _ours(table.layer):
        return
    at = next(number for number, each in enumerate(readings) if each.layer == table.layer)
    weaker = own.replaced(prefix, readings, at)
    if weaker and (lost := own.lost(table, weaker)):
        what = sentence(
            "{lost} in {place} doesn't hold: {path} has a table for {prefix}, too.",
            lost=reduce(_and, lost),
            place=weaker.place,
            path=path,
            prefix=prefix,
        )
        hint = "mirrorcfg use PROFILE --tool podman"
        yield Finding("table-replaced", what, hint, "podman", path)


def _and(some: str, more: str) -> str:
    return sentence("{some}, {more}", some=some, more=more)
