"""The tables of a registries.conf as podman reads them, and what it refuses all of its files for.

Source of the rules: containers-registries.conf(5) and containers/image's sysregistriesv2; each of them tried
on podman 4.3 and 5.4. What one of the two refuses is refused. Keys may be written in capitals, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mirrorcfg import formats
from mirrorcfg.errors import FormatError, UsageError
from mirrorcfg.formats.text import BOM
from mirrorcfg.formats.toml_scan import Address, line_of
from mirrorcfg.model.reference import parse
from mirrorcfg.sentence import sentence

ALL, DIGESTS, TAGS, SOME = "all", "digest-only", "tag-only", "mixed"
"""What the mirrors of a table are asked for; of `mixed` ones each for something else."""

_FIRST = ("search", "insecure", "block")  # what the first form of the file has below `registries`
_MODES = ("", "enforcing", "permissive", "disabled")
_LISTS = ("unqualified-search-registries", "credential-helpers")
_HELPER = "additional-layer-store-auth-helper"
_WILD = re.compile(r"\*\.[^/:@]*")
_HOST = re.compile(
    r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?"
)


class Table(NamedTuple):
    """A `[[registry]]`; `location` is empty where a wildcard's images stay where they are."""

    prefix: str
    location: str
    mirrors: tuple[str, ...] = ()
    blocked: bool = False
    insecure: bool = False
    asked: str = ALL
    line: int | None = None


def tables(text: str) -> tuple[Table, ...]:
    """Those of a text; of two with one prefix the first counts. Raises FormatError: podman refuses it."""
    data = _folded(formats.toml.read(text))
    if text.startswith(BOM):
        raise _wrong(text, (), sentence("begins with a byte order mark, which podman 4 can't read"))
    _words(text, data)
    found: dict[str, Table] = {}
    for table in (*_listed(text, data), *_of_first_form(text, data)):
        found.setdefault(table.prefix, table)
    return tuple(found.values())


def first_form(text: str) -> bool:
    """Is it in the form that podman takes in a registries.conf only, and in no drop-in?"""
    return _first(_folded(formats.toml.read(text)))


def _listed(text: str, data: Mapping[str, object]) -> Iterator[Table]:
    said: dict[str, Table] = {}
    for number, entry in enumerate(_tables(text, ("registry",), data.get("registry", []))):
        table = _table(text, ("registry", number), entry)
        other = said.setdefault(table.location or table.prefix, table)
        for name in ("insecure", "blocked"):
            if getattr(other, name) != getattr(table, name):
                what = sentence(
                    "has {location} twice, with {name} and without", location=table.location, name=name
                )
                raise _wrong(text, ("registry", number), what)
        yield table


def _table(text: str, at: Address, raw: Mapping[str, object]) -> Table:
    entry = _folded(raw)
    prefix, location = (_place(text, at, entry, name) for name in ("prefix", "location"))
    if not location and not prefix.startswith("*."):
        raise _wrong(text, at, sentence("has a registry without a location"))
    if "pull-from-mirror" in entry and entry["pull-from-mirror"] != "":
        raise _wrong(text, at, sentence("has pull-from-mirror for a registry, and not for a mirror"))
    prefix = prefix or location
    if prefix.startswith("*.") and not _WILD.fullmatch(prefix):
        raise _wrong(text, at, sentence("has {prefix}, which isn't of the form *.example.com", prefix=prefix))
    flags = {name: _flag(text, at, entry, name) for name in ("blocked", "insecure", "mirror-by-digest-only")}
    mirrors = _tables(text, (*at, "mirror"), entry.get("mirror", []))
    places, asked = [], []
    for number, mirror in enumerate(map(_folded, mirrors)):
        below = (*at, "mirror", number)
        places.append(_mirror(text, below, mirror))
        asked.append(_asked(text, below, mirror, only=flags["mirror-by-digest-only"]))
    kinds = set(asked) or ({DIGESTS} if flags["mirror-by-digest-only"] else {ALL})
    whole = kinds.pop() if len(kinds) == 1 else SOME
    return Table(
        prefix, location, tuple(places), flags["blocked"], flags["insecure"], whole, line_of(text, at)
    )


def _mirror(text: str, at: Address, mirror: Mapping[str, object]) -> str:
    location = _text(text, at, mirror, "location")
    _flag(text, at, mirror, "insecure")
    if not location:
        raise _wrong(text, at, sentence("has a mirror without a location"))
    _no_scheme(text, at, location)
    return location


def _asked(text: str, at: Address, mirror: Mapping[str, object], *, only: bool) -> str:
    asked = _text(text, at, mirror, "pull-from-mirror")
    if asked not in ("", ALL, DIGESTS, TAGS):
        what = sentence("has {word} as pull-from-mirror, which is no word for it", word=asked)
        raise _wrong(text, at, what)
    if only and asked:
        raise _wrong(text, at, sentence("has mirror-by-digest-only and pull-from-mirror for one registry"))
    return DIGESTS if only else asked or ALL


def _of_first_form(text: str, data: Mapping[str, object]) -> Iterator[Table]:
    """What the first form blocks, or doesn't verify."""
    form = _folded(data.get("registries"))
    block, insecure = (_list(text, ("registries", name), form.get(name)) for name in ("block", "insecure"))
    for name in dict.fromkeys((*block, *insecure)):
        place = _unended(text, ("registries",), name)
        yield Table(place, place, blocked=name in block, insecure=name in insecure)


def _list(text: str, at: Address, table: object) -> Sequence[str]:
    """The registries in a table of the first form."""
    if table is None:
        return ()
    if not isinstance(table, Mapping):
        raise _wrong(text, at, sentence("has no table as {key}", key=at[-1]))
    names = _folded(table).get("registries", [])
    if isinstance(names, list) and all(isinstance(each, str) for each in names):
        return names
    raise _wrong(text, at, sentence("has no list of texts as {key}", key="registries"))


def _words(text: str, data: Mapping[str, object]) -> None:
    """What stands outside of all tables."""
    for name in _LISTS:
        if not isinstance(value := data.get(name, []), list) or not all(
            isinstance(each, str) for each in value
        ):
            raise _wrong(text, (name,), sentence("has no list of texts as {key}", key=name))
    search = _list(text, ("registries", "search"), _folded(data.get("registries")).get("search"))
    for at, names in ((_LISTS[0], _names(data.get(_LISTS[0]))), ("registries", search)):
        for number, name in enumerate(names):
            if not _HOST.fullmatch(_unended(text, (at, number), name)):
                what = sentence("has {name} to search, which is no host", name=name)
                raise _wrong(text, (at, number), what)
    mode = _text(text, (), data, "short-name-mode")
    if mode not in _MODES:
        what = sentence("has {word} as short-name-mode, which is no word for it", word=mode)
        raise _wrong(text, ("short-name-mode",), what)
    if not isinstance(data.get("registries", {}), Mapping):
        raise _wrong(text, ("registries",), sentence("has no table as {key}", key="registries"))
    aliases = data.get("aliases")
    for short, name in aliases.items() if isinstance(aliases, Mapping) else ():
        if not isinstance(name, str) or not _is_alias(str(short), name):
            what = sentence("has an alias for {short} that is none", short=short)
            raise _wrong(text, ("aliases", str(short)), what)
    _text(text, (), data, _HELPER)
    known = ("registry", *_LISTS, "short-name-mode", "aliases", _HELPER)
    if _first(data) and any(data.get(name) not in (None, "") for name in known):
        raise _wrong(
            text, ("registries",), sentence("has the first form of registries.conf and the second in one")
        )


def _is_alias(short: str, name: str) -> bool:
    """A name without registry and tag, and one with a registry and no tag; empty: the alias is taken away."""
    try:
        found = parse(name) if name else None
        bare = parse(short)
    except UsageError:
        return False
    if found is not None and (found.tag or found.digest or found.domain not in name or "/" not in name):
        return False
    return not bare.tag and not bare.digest and bare.path in (short, f"library/{short}")


def _first(data: Mapping[str, object]) -> bool:
    form = _folded(data.get("registries"))
    return any("registries" in _folded(form.get(name)) for name in _FIRST)


def _place(text: str, at: Address, entry: Mapping[str, object], name: str) -> str:
    return _unended(text, (*at, name), _text(text, at, entry, name))


def _unended(text: str, at: Address, place: str) -> str:
    """A registry's name without the slash at its end."""
    _no_scheme(text, at, place)
    return place.rstrip("/")


def _no_scheme(text: str, at: Address, place: str) -> None:
    if place.startswith(("https://", "http://")):
        what = sentence("has the address {url} in the place of a registry's name", url=place)
        name = place.partition("://")[2].rstrip("/")
        raise _wrong(text, at, what, sentence("write {name}", name=name))


def _flag(text: str, at: Address, entry: Mapping[str, object], name: str) -> bool:
    value = entry.get(name, False)
    if isinstance(value, bool):
        return value
    raise _wrong(text, (*at, name), sentence("has neither true nor false as {key}", key=name))


def _text(text: str, at: Address, entry: Mapping[str, object], name: str) -> str:
    value = entry.get(name, "")
    if isinstance(value, str):
        return value
    raise _wrong(text, (*at, name), sentence("has no text as {key}", key=name))


def _tables(text: str, at: Address, value: object) -> list[Mapping[str, object]]:
    if isinstance(value, list) and all(isinstance(each, Mapping) for each in value):
        return value
    header = f"[[{'.'.join(each for each in at if isinstance(each, str))}]]"
    hint = sentence("write {header}", header=header)
    raise _wrong(text, at, sentence("has no tables as {key}", key=at[-1]), hint)


def _names(value: object) -> Sequence[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _folded(value: object) -> Mapping[str, object]:
    """A table by its keys in small letters, of which the one that is so written counts first."""
    entries = value.items() if isinstance(value, Mapping) else ()
    return dict(
        sorted(((name.lower(), each) for name, each in entries if name.lower() != name)),
    ) | {name: each for name, each in entries if name.lower() == name}


def _wrong(text: str, at: Address, what: str, hint: str = "mend this by hand") -> FormatError:
    key = ".".join(step for step in at if isinstance(step, str)) or None
    return FormatError(
        "podman-refuses", sentence("This file {what}, and podman refuses all it has.", what=what),
        line=line_of(text, at) or 1, key=key, hint=hint,
    )  # fmt: skip
