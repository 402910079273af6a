"""Which channels conda searches, and in which order: from names to addresses.

Source of the rules: conda/models/channel.py and conda/base/context.py. What conda ships with (its alias, what
its `defaults` are) has no address here: such a channel stands for itself, as conda alone knows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote

from mirrorcfg.model.layer import Barred, Beside, Layer, Reading, Source
from mirrorcfg.sentence import sentence
from mirrorcfg.writers.conda import merging, refused
from mirrorcfg.writers.conda.address import (
    Channel,
    begins,
    has_scheme,
    is_path,
    joined,
    split,
    without_subdir,
)

DEFAULTS = "defaults"  # the channel whose addresses default_channels are
_LOCAL = "local"
_OWN = ("pkgs/main", "pkgs/r")
_FREE = "pkgs/free"
UNKNOWN = ("<unknown>", "None:///<unknown>", "None")
_PART = re.compile(r"://.*/pkgs/(?:main|r|msys2|free|pro)/?$")  # of `defaults`, wherever it is served


class Version(NamedTuple):
    """What is told by conda's version; of one that nobody knows, what holds for most."""

    implicit: bool = True  # it asks `defaults` where no file has `channels`: up to 25.8
    free: bool = False  # restore_free_channel means something: up to 25.8
    lately: bool = (
        True  # custom_multichannels may say what `defaults` are, an empty item is none: from 26.1 on
    )

    @classmethod
    def named(cls, text: str | None) -> Version:
        """That of conda `text`."""
        if text is None:
            return cls()
        number = tuple(map(int, text.split(".")))
        return cls(number < (25, 9), number < (25, 9), number >= (26, 1))


class Answer(NamedTuple):
    """What conda asks, and what keeps it from asking more."""

    asked: Sequence[Beside]
    barred: Barred | None = None


class Resolver:
    """All options that make an address of a channel's name."""

    def __init__(self, readings: Sequence[Reading], version: Version) -> None:
        self._readings = readings
        self._version = version
        alias = merging.text(merging.matches("channel_alias", readings))
        if alias and not has_scheme(str(alias.value)):
            raise refused.bare_alias(alias.layer)
        self._alias = split(str(alias.value)) if alias else Channel()

    def resolve(self, value: str) -> list[tuple[str, Channel]]:
        """Where a channel of this name or address is, each place with the profile key that it comes by."""
        if value in UNKNOWN:
            return [("channels", Channel(name=UNKNOWN[0]))]
        if has_scheme(value):
            return [("channels", self._of_address(value))]
        if is_path(value):
            return [
                ("channels", self._of_address(f"file://{value}") if value[0] == "/" else Channel(name=value))
            ]
        name = without_subdir(value)
        if name in self._groups:
            role = "default-channels" if name == DEFAULTS else "custom-multichannels"
            return [(role, channel) for channel in self._groups[name]]
        return [self._of_name(name)]

    @cached_property
    def _groups(self) -> Mapping[str, tuple[Channel, ...]]:
        """The channels that stand for several."""
        said = merging.lists(merging.matches("custom_multichannels", self._readings))
        found = {name: tuple(map(self._simple, items)) for name, items in said.items()}
        parts = merging.matches("default_channels", self._readings)
        own = (
            tuple(map(self._simple, merging.items(parts))) if parts else tuple(Channel(name=n) for n in _OWN)
        )
        free = merging.text(merging.matches("restore_free_channel", self._readings))
        if self._version.free and free and free.value is True:
            own = (*own[:1], Channel(name=_FREE), *own[1:])
        if not self._version.lately or DEFAULTS not in found:
            found[DEFAULTS] = own
        return {**found, _LOCAL: ()}  # folders of this machine's, where packages were built

    @cached_property
    def _named(self) -> Mapping[str, Channel]:
        """Single channels by name; each part of a group is one too."""
        found = {channel.name: channel for group in self._groups.values() for channel in group}
        said = merging.entries(merging.matches("custom_channels", self._readings))
        for name, match in said.items():
            made = split(str(match.value))
            kept = self._alias if not made.scheme else made
            found[name.strip("/")] = kept._replace(name=name.strip("/"))
        return found

    def _simple(self, value: str) -> Channel:
        """A part of a group: an address, or what comes behind the alias."""
        if not (made := split(value)).scheme:
            return self._alias._replace(name=value.strip("/"))
        if self._alias.scheme and made.location.startswith(self._alias.location):
            rest = made.location.removeprefix(self._alias.location)
            return made._replace(location=self._alias.location, name=rest.strip("/"))
        host, _, path = made.location.partition("/")
        return made._replace(location=host, name=path.strip("/"))

    def _of_name(self, name: str) -> tuple[str, Channel]:
        parts = name.split("/")
        for beginning in ("/".join(parts[:n]) for n in range(len(parts), 0, -1)):
            if beginning in self._named:
                return "custom-channels", self._named[beginning]._replace(name=name)
        return "channels", self._alias._replace(name=name)

    def _of_address(self, url: str) -> Channel:
        """What an address is, once those that moved and those that have a name are told."""
        made = split(without_subdir(url))
        place = made.location
        if "/" not in place.rstrip("/"):
            return made._replace(location=place.rstrip("/"))
        moved = merging.entries(merging.matches("migrated_custom_channels", self._readings))
        for name, match in sorted(moved.items(), key=lambda entry: -len(entry[0])):
            old = joined(split(str(match.value)).location, name)
            if begins(place, old):
                new = self._of_name(joined(name, place.replace(old, "", 1)))[1]
                return self._known(made._replace(scheme=new.scheme), new, new.name)
        for alias in merging.items(merging.matches("migrated_channel_aliases", self._readings)):
            if place.startswith(old := split(alias).location):
                name = place.replace(old, "", 1).strip("/")
                return self._known(made._replace(scheme=self._alias.scheme), self._alias, name)
        for channel in sorted(self._named.values(), key=lambda each: -len(each.name)):
            there = joined(channel.location, channel.name)
            if channel.scheme and begins(place, there):
                name = joined(channel.name, place.replace(there, "", 1))
                return self._known(made, channel, name)
        if self._alias.location and begins(place, self._alias.location):
            return self._known(made, self._alias, place.replace(self._alias.location, "", 1).strip("/"))
        host, _, path = place.partition("/")
        if not host:
            folder, _, name = place.rpartition("/")
            return made._replace(scheme="file", location=folder or "/", name=unquote(name))
        if path.split("/")[0] == "conda":
            host, path = f"{host}/conda", path.removeprefix("conda")
        return made._replace(location=host, name=unquote(path.strip("/")))

    @staticmethod
    def _known(made: Channel, known: Channel, name: str) -> Channel:
        auth, token = made.auth or known.auth, made.token or known.token
        return Channel(made.scheme, auth, known.location, token, unquote(name))


def answer(readings: Sequence[Reading], version: Version) -> Answer:
    """The channels that conda searches, in its order, none where it refuses one of them or is offline."""
    resolver = Resolver(readings, version)
    found: dict[str, Beside] = {}
    bare: dict[str, str] = {}
    for name, layer in names(readings, version).items():
        bare |= {channel.url: channel.bare for _, channel in resolver.resolve(name)}
        if name in UNKNOWN and version.lately:
            continue
        for role, channel in resolver.resolve(DEFAULTS if name in UNKNOWN else name):
            found.setdefault(channel.url, Beside(Source("conda", role, channel.url), layer))
    if (barred := _barred(resolver, readings, bare)) is not None:
        return Answer((), barred)
    offline = merging.text(merging.matches("offline", readings))
    if offline is not None and offline.value is True:
        here = [each for each in found.values() if each.source.url.startswith("file:/")]
        return Answer(here, Barred("offline", "true", offline.layer))
    return Answer(_together(found.values()))


def names(readings: Sequence[Reading], version: Version) -> Mapping[str, Layer]:
    """The names in `channels`, the first one first, each with its layer."""
    found = dict(merging.items(merging.matches("channels", readings)))
    if not found and version.implicit:
        first = next(iter(merging.items(merging.matches("default_channels", readings)).values()), None)
        found = {DEFAULTS: first or Layer(sentence("conda itself"))}
    return found


def without_addresses(said: Sequence[str]) -> tuple[str, ...]:
    """These with `defaults` for the addresses of its parts."""
    return tuple(dict.fromkeys(DEFAULTS if _PART.search(name) else name for name in said))


def _barred(resolver: Resolver, readings: Sequence[Reading], asked: Mapping[str, str]) -> Barred | None:
    """What an allow list lacks, or a deny list has."""
    for option, denies in (("denylist_channels", True), ("allowlist_channels", False)):
        listed = merging.items(merging.matches(option, readings))
        places = {
            channel.bare: layer for name, layer in listed.items() for _, channel in resolver.resolve(name)
        }
        for url, bare in asked.items() if places else ():
            if (bare in places) == denies:
                return Barred(option, url, places.get(bare) or next(iter(listed.values())))
    return None


def _together(found: Iterable[Beside]) -> list[Beside]:
    """What conda's own `defaults` stand for is told by that name, where nothing comes between."""
    shown: list[Beside] = []
    for each in found:
        if [*map(_own, (*shown[-1:], each))] == [*_OWN]:
            each = each._replace(source=each.source._replace(url=DEFAULTS), layer=shown.pop().layer)
        shown.append(each)
    return shown


def _own(asked: Beside) -> str | None:
    """Which part of `defaults` it is, wherever conda has that."""
    return asked.source.url if asked.source.role == "default-channels" else None
