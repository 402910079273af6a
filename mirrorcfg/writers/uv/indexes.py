"""Which indexes uv asks, and in which order.

Source of the rules: uv's documentation, "Package indexes", and its `IndexLocations`; tried on 0.5.4
to 0.13.9.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from mirrorcfg.model.layer import Beside, Layer, Reading, Source
from mirrorcfg.model.settings import Value

_FLAGS = ("default", "explicit")
_ALIAS = re.compile(r"[A-Za-z0-9._-]+")
VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_INDEX_URL")


class Index(NamedTuple):
    """One index; a text spells it as `[default ][explicit ][NAME=]URL`."""

    url: str
    name: str | None = None
    default: bool = False
    explicit: bool = False

    def __str__(self) -> str:
        flags = "".join(f"{flag} " for flag in _FLAGS if getattr(self, flag))
        return f"{flags}{'' if self.name is None else f'{self.name}='}{self.url}"

    @classmethod
    def of(cls, text: str) -> Index:
        """What a text spells; as UV_INDEX has it, too."""
        flags: set[str] = set()
        while (word := text.partition(" "))[0] in _FLAGS and word[1]:
            flags.add(word[0])
            text = word[2]
        name, equals, url = text.partition("=")
        named = bool(equals) and ":" not in name
        return cls(url if named else text, name if named else None, "default" in flags, "explicit" in flags)


class Asked(NamedTuple):
    """The default index with its layer (None: uv's own), and all that are asked, in their order."""

    default: Beside | None
    all: Sequence[Beside]


def of_table(data: Mapping[str, object]) -> tuple[str, ...]:
    """Those of a file, spelt; what is none is left out."""
    entries = data.get("index")
    return tuple(
        str(Index(each["url"], _name(each), each.get("default") is True, each.get("explicit") is True))
        for each in (entries if isinstance(entries, list) else ())
        if isinstance(each, dict) and isinstance(each.get("url"), str)
    )


def _name(entry: Mapping[str, object]) -> str | None:
    name = entry.get("name")
    return name if isinstance(name, str) else None


def asked(readings: Sequence[Reading]) -> Asked:
    """What uv asks with these layers, those of its files the strongest first."""
    kept = list(_named_once(_defined(readings)))
    default = next((each for each in kept if each[0].default), None)
    order = [each for each in kept if not each[0].default]
    if default is not None:
        order.append(default)
    found: dict[str, Beside] = {}
    for index, layer in order:
        if not index.explicit:
            role = "index-url" if index.default else "index"
            found.setdefault(_plain(index.url), Beside(Source("uv", role, index.url), layer))
    main = None if default is None else Beside(Source("uv", "index-url", default[0].url), default[1])
    return Asked(None if default and default[0].explicit else main, list(found.values()))


def every(readings: Sequence[Reading]) -> Iterable[Index]:
    """All that are named anywhere, whichever of them uv asks."""
    return (index for index, _ in _defined(readings))


def _defined(readings: Sequence[Reading]) -> Iterable[tuple[Index, Layer]]:
    """All that are named anywhere, in uv's order."""
    files = [each for each in readings if each.layer.variable is None]
    listed = [(Index.of(text), each.layer) for each in files for text in sequence(each.values.get("index"))]
    for variable in VARIABLES:
        layer = next((each.layer for each in readings if each.layer.variable == variable), None)
        if layer is not None and layer.value:
            for index in _of_variable(variable, layer.value):
                yield _looked_up(index, listed), layer
    yield from listed
    for key in ("pip.extra-index-url", "extra-index-url"):
        yield from ((Index(url), each.layer) for each in files for url in sequence(each.values.get(key)))
    for key in ("pip.index-url", "index-url"):
        for each in files:
            if isinstance(url := each.values.get(key), str):
                yield Index(url, default=True), each.layer
                return


def _of_variable(variable: str, value: str) -> Iterable[Index]:
    if variable == "UV_INDEX_URL":
        return [Index(value, default=True)]
    if variable == "UV_DEFAULT_INDEX":
        return [Index.of(value)._replace(default=True)]
    if variable == "UV_INDEX":
        return map(Index.of, value.split())
    return [Index(url) for url in value.split(" ") if url]


def _looked_up(index: Index, listed: Iterable[tuple[Index, Layer]]) -> Index:
    """The index of a file that a variable names by its name alone (uv 0.12 and later)."""
    if index.name is None and _ALIAS.fullmatch(index.url):
        for each, _ in listed:
            if each.name == index.url:
                return each._replace(default=index.default, explicit=False)
    return index


def _named_once(defined: Iterable[tuple[Index, Layer]]) -> Iterable[tuple[Index, Layer]]:
    seen: set[str] = set()
    for index, layer in defined:
        if index.name is None or index.name not in seen:
            yield index, layer
        if index.name is not None:
            seen.add(index.name)


def _plain(url: str) -> str:
    """As uv compares them: scheme and host know no case."""
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}{at}{place.lower()}"))


def sequence(value: Value | None) -> Sequence[str]:
    """A setting that is a list, else an empty one."""
    return value if isinstance(value, tuple) else ()
