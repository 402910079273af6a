"""Which channels conda searches, and in which order (tried against conda 26.7's own code)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from mirrorcfg.model.layer import Beside, Layer, Reading, Source
from mirrorcfg.model.settings import Settings, Value

_TOP, _BOTTOM = "#!top", "#!bottom"
_DEFAULTS = "defaults"  # the channel whose addresses default_channels are
_PART = re.compile(r"://.*/pkgs/(?:main|r|msys2|free|pro)/?$")  # of `defaults`, wherever it is served
_KEY = re.compile(r"[\"']?(\w+)[\"']?[ ]*:")
_MARKED = re.compile(rf"[ ]*-[ ]*[\"']?(.+?)[\"']?[ \t]+({_TOP}|{_BOTTOM})\b")


def marks(text: str) -> Mapping[str, Value]:
    """By mark, the items that bear it, each behind the option that it is an item of."""
    found: dict[str, Value] = {}
    option = ""
    for line in text.splitlines() if "#!" in text else ():
        if key := _KEY.match(line):
            option = key[1]
        elif item := _MARKED.match(line):
            found[item[2]] = (*_sequence(found.get(item[2])), f"{option} {item[1]}")
    return found


def merged(
    option: str, said: Sequence[tuple[Value, Layer]], readings: Sequence[Reading]
) -> Mapping[str, Layer]:
    """A list's items in conda's order, each with the strongest layer that has it; `said` is strong to weak.

    The stronger layer comes first, but for what is marked (conda's `SequenceLoadedParameter.merge`).
    """
    layers = [(_sequence(value), layer) for value, layer in said]
    known = {each.layer: each.values for each in readings}

    def marked(items: Sequence[str], layer: Layer, mark: str) -> list[str]:
        here = _sequence(known[layer].get(mark))
        return [item for item in items if f"{option} {item}" in here]

    top = [item for items, layer in reversed(layers) for item in marked(items, layer, _TOP)]
    bottom = [item for items, layer in layers for item in marked(items, layer, _BOTTOM)]
    plain = [item for items, _ in layers for item in items]
    order = reversed(dict.fromkeys([*reversed(bottom), *reversed(dict.fromkeys([*top, *plain]))]))
    having = {item: layer for items, layer in reversed(layers) for item in items}
    return {item: having[item] for item in order}


def asked(settings: Settings, lists: Mapping[str, Mapping[str, Layer]]) -> list[Beside] | None:
    """The channels that conda searches, in its order; None where it has only what it ships with.

    conda's `Channel.from_channel_name`: a name is looked for in custom_channels by its longest beginning, and
    else goes behind the alias. One that none of them says stands for itself: conda alone knows it.
    """
    first = next(iter(lists.get("default-channels", {}).values()), None)
    names = lists.get("channels") or ({_DEFAULTS: first} if first else {})
    found: dict[str, Beside] = {}
    for name, layer in names.items():
        for role, url in _addresses(name, settings):
            found.setdefault(url, Beside(Source("conda", role, url), layer))
    return list(found.values()) or None


def without_addresses(names: Sequence[str]) -> tuple[str, ...]:
    """These with `defaults` for the addresses of its parts."""
    return tuple(dict.fromkeys(_DEFAULTS if _PART.search(name) else name for name in names))


def _addresses(name: str, settings: Settings) -> Iterable[tuple[str, str]]:
    if name == _DEFAULTS:
        return [("default-channels", url) for url in _sequence(settings.get("default-channels")) or (name,)]
    if "://" in name:
        return [("channels", name)]
    custom, alias = settings.get("custom-channels"), settings.get("channel-alias")
    parts = name.split("/")
    for beginning in ("/".join(parts[:n]) for n in range(len(parts), 0, -1)):
        if isinstance(custom, Mapping) and beginning in custom:
            return [("custom-channels", f"{custom[beginning].rstrip('/')}/{name}")]
    return [("channels", f"{alias.rstrip('/')}/{name}" if isinstance(alias, str) else name)]


def _sequence(value: Value | None) -> Sequence[str]:
    return value if isinstance(value, tuple) else ()
