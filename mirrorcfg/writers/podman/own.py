"""What a table says besides its mirrors, and how the user's own is kept where one of ours takes its place.

podman takes of all tables with one prefix the last one whole, and of those that fit an image the longest
prefix.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mirrorcfg.errors import CannotSayError
from mirrorcfg.model.layer import Layer, Reading
from mirrorcfg.model.settings import Settings, Value
from mirrorcfg.sentence import sentence
from mirrorcfg.writers.podman.location import address, is_name, within
from mirrorcfg.writers.podman.tables import ALL, DIGESTS, SOME, TAGS, Table

HUB = "docker.io"
LOCATIONS, BLOCKED, INSECURE, ASKED, LINES = "locations", "blocked", "insecure", "asked-for", "lines"
FURTHER = "further"
"""The mirrors of other registries behind the first."""
KEPT = ("location", "blocked", "mirror-by-digest-only", "mirror")
"""What in a table of ours may be there for the user's sake, or is ours."""


class Own(NamedTuple):
    """One table that counts, and the layer it is in; of a wildcard `location` may be empty."""

    prefix: str
    layer: Layer
    mirrors: Sequence[str]
    location: str
    blocked: bool
    insecure: bool
    asked: str
    line: int | None

    @property
    def place(self) -> str:
        """The file, and the line where it is known."""
        return f"{self.layer.label}:{self.line}" if self.line else self.layer.label

    def of(self, prefix: str) -> Own:
        """The same as what it says of a longer prefix."""
        rest = prefix[within(prefix, self.prefix) or 0 :]
        return self._replace(prefix=prefix, location=f"{self.location}{rest}" if self.location else prefix)


def said(found: Iterable[Table]) -> dict[str, Value]:
    """What these say besides their mirrors, by prefix; the place of a registry as its address."""
    moved = {
        each.prefix: address(each.location)
        for each in found
        if each.location and (each.location != each.prefix or each.prefix.startswith("*"))
    }
    values: dict[str, Value] = {
        LOCATIONS: moved,
        BLOCKED: tuple(each.prefix for each in found if each.blocked),
        INSECURE: tuple(each.prefix for each in found if each.insecure),
        ASKED: {each.prefix: each.asked for each in found if each.asked != ALL},
    }
    values = {name: value for name, value in values.items() if value}
    told = {name for value in values.values() if isinstance(value, tuple | Mapping) for name in value}
    further = {
        each.prefix: " ".join(map(address, each.mirrors[1:]))
        for each in found
        if each.prefix != HUB and each.mirrors[1:]
    }
    values |= {FURTHER: further} if further else {}
    lines = {each.prefix: str(each.line) for each in found if each.prefix in told and each.line}
    return {**values, LINES: lines} if lines else values


def counting(readings: Iterable[Reading]) -> dict[str, Own]:
    """The table that counts of each prefix."""
    found: dict[str, Own] = {}
    for layer, values, _ in readings:
        if layer.ignored is not None:
            continue
        hub = values.get("registry-mirrors")
        tables: dict[str, Sequence[str]] = {HUB: hub} if isinstance(hub, tuple) else {}
        further = _map(values, FURTHER)
        tables |= {
            name: (url, *further.get(name, "").split()) if url else ()
            for name, url in _map(values, "registries").items()
        }
        for prefix, mirrors in tables.items():
            line = _map(values, LINES).get(prefix)
            found[prefix] = Own(
                prefix,
                layer,
                mirrors,
                _map(values, LOCATIONS)
                .get(prefix, address("" if prefix[0] == "*" else prefix))
                .partition("://")[2],
                prefix in _names(values, BLOCKED),
                prefix in _names(values, INSECURE),
                _map(values, ASKED).get(prefix, ALL),
                int(line) if line else None,
            )
    return found


def covering(prefix: str, found: Mapping[str, Own]) -> Own | None:
    """What is said of the images below `prefix`."""
    fitting = [each for name, each in found.items() if within(prefix, name) is not None]
    longest = max(fitting, key=lambda each: len(each.prefix), default=None)
    return longest and longest.of(prefix)


def replaced(prefix: str, readings: Sequence[Reading], before: int) -> Own | None:
    """What a table of this prefix takes the place of: its own in a layer `before`, a shorter one in any."""
    found = counting(readings)
    found.pop(prefix, None)
    return covering(
        prefix, found | {name: each for name, each in counting(readings[:before]).items() if name == prefix}
    )


def bars(place: str, found: Mapping[str, Own]) -> Own | None:
    """The table that blocks a mirror, or a registry itself: by its own name, whatever it is asked for."""
    table = covering(place.removeprefix("https://"), found)
    return table if table is not None and table.blocked else None


def kept(readings: Sequence[Reading], prefixes: Iterable[str]) -> Settings:
    """What tables of ours have to say of these, so that the user's hold.

    Raises CannotSayError for what ours may not, or can't, say.
    """
    ours = next((at for at, each in enumerate(readings, 1) if each.layer.target), len(readings))
    found = [each for each in (replaced(prefix, readings, ours) for prefix in prefixes) if each is not None]
    for each in found:
        _require(each)
    settings: dict[str, Value] = {
        LOCATIONS: {each.prefix: address(each.location) for each in found if each.location != each.prefix},
        BLOCKED: tuple(each.prefix for each in found if each.blocked),
        ASKED: {each.prefix: each.asked for each in found if each.asked != ALL},
    }
    return {name: value for name, value in settings.items() if value}


def words(settings: Settings, prefix: str) -> Mapping[str, str | bool]:
    """The same in a table's own keys."""
    location, asked = _map(settings, LOCATIONS).get(prefix), _map(settings, ASKED).get(prefix)
    return {
        **({"location": location.partition("://")[2]} if location else {}),
        **({"blocked": True} if prefix in _names(settings, BLOCKED) else {}),
        **({"mirror-by-digest-only": True} if asked == DIGESTS else {}),
    }


def of_mirror(settings: Settings, prefix: str) -> Mapping[str, str]:
    """What a mirror has to say."""
    return {"pull-from-mirror": TAGS} if _map(settings, ASKED).get(prefix) == TAGS else {}


def lost(winner: Own, weaker: Own | None) -> list[str]:
    """What of the user's table doesn't hold as it stands below ours."""
    if weaker is None:
        return []
    return [
        *(["blocked = true"] if weaker.blocked and not winner.blocked else []),
        *([f'location = "{weaker.location}"'] if weaker.location != winner.location else []),
        *(["insecure = true"] if weaker.insecure and not winner.insecure else []),
        *([sentence("what its mirrors are asked for")] if weaker.asked not in (winner.asked, ALL) else []),
    ]


def _require(own: Own) -> None:
    """Raises CannotSayError where a table of ours could not say the same."""
    if own.insecure and not own.layer.target:  # in our own file it stays where it is
        what, mend = sentence("has insecure = true, which is never written"), "take insecure out of it"
    elif own.asked == SOME:
        what = sentence("asks each of its mirrors for something else")
        mend = "give all of them one pull-from-mirror"
    elif not is_name(own.location):
        what = sentence("has the location {location}, with which podman pulls nothing", location=own.location)
        mend = "mend its location"
    else:
        return
    raise CannotSayError(
        "cannot-keep",
        sentence(
            "The table for {prefix} in {path} {what}; one of ours in its place can't keep that.",
            prefix=own.prefix,
            path=own.layer.label,
            what=what,
        ),
        path=str(own.layer.path),
        line=own.line,
        hint=mend,
    )


def _map(values: Mapping[str, Value], key: str) -> Mapping[str, str]:
    found = values.get(key)
    return found if isinstance(found, Mapping) else {}


def _names(values: Mapping[str, Value], key: str) -> Sequence[str]:
    found = values.get(key)
    return found if isinstance(found, tuple) else ()
