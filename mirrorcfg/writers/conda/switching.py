"""What a switch takes along: what is needed to ask the mirror, and the user's own, which stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from mirrorcfg import formats
from mirrorcfg.formats import KeyPath, Leaf
from mirrorcfg.model.layer import Reading
from mirrorcfg.model.settings import Settings, Value
from mirrorcfg.sentence import sentence
from mirrorcfg.writers import Besides
from mirrorcfg.writers.conda import channels, merging, reading
from mirrorcfg.writers.conda.address import has_scheme, without_subdir
from mirrorcfg.writers.conda.options import spelt

Mirrors = Callable[[], Sequence[Settings]]
_PARTS = re.compile(r"/(?:pkgs/.*|cloud)$")  # how a mirror has them below its own address


def give_way(text: str, settings: Settings) -> str:
    """`defaults` for the addresses that an installer writes for it, and no mirror of mamba's over ours."""
    data = formats.yaml.read(text)
    name, mirrored = spelt("channels", data), data.get("mirrored_channels")
    changes: dict[KeyPath, Leaf | None] = {}
    if "default-channels" in settings and isinstance(said := data.get(name), list):
        changes[(name,)] = channels.without_addresses([str(item) for item in said])
    if isinstance(mirrored, dict):
        ours = _named(settings)
        changes |= {("mirrored_channels", str(each)): None for each in mirrored if str(each) in ours}
    return formats.yaml.edit(text, changes) if changes else text


def besides(
    text: str, own: Sequence[Reading], needs: Settings, settings: Settings, mirrors: Mirrors
) -> Besides:
    """The channels that conda needs, the user's alias, and names instead of an old mirror's addresses."""
    said = reading.read(text)  # as it is spelt: no variable is opened, and written down
    found: dict[str, Value] = dict(needs)
    notes: list[str] = []
    alias, there = merging.text(merging.matches("channel_alias", own)), said.get("channel_alias")
    private = alias is not None and not _is_mirror(str(alias.value), mirrors)
    stays = private and "channel-alias" not in settings
    if stays and isinstance(there, str) and not _is_mirror(there, mirrors):
        found["channel-alias"] = there
        notes.append(
            sentence(
                "channel_alias stays {alias}: a channel's name there would else be a public one's.",
                alias=there,
            )
        )
    if alias and private and not stays:
        old = there if isinstance(there, str) and alias.layer.target else str(alias.value)
        names = [] if old == settings["channel-alias"] else [*_by_alias(own, settings)]
        if names:
            found["custom-channels"] = {**_map(settings.get("custom-channels")), **dict.fromkeys(names, old)}
            named = ", ".join(names)
            notes.append(
                sentence("{names}: these names stay at {alias}, which was the alias.", names=named, alias=old)
            )
    listed = said.get("channels")
    if isinstance(listed, tuple) and any(map(has_scheme, listed)):
        new = {item: _instead(item, settings, mirrors) for item in listed}
        changed = {item: name for item, name in new.items() if item != name}
        if changed:
            found["channels"] = tuple(dict.fromkeys(new.values()))
            notes += [
                sentence("{url} is an old mirror's: {name} stands in its place.", url=item, name=name)
                for item, name in changed.items()
            ]
    return Besides(found, tuple(notes), ("channel-alias",) if stays else ())


def _by_alias(own: Sequence[Reading], settings: Settings) -> Iterator[str]:
    """The names in `channels` that the alias says, and the profile doesn't."""
    resolver, ours = channels.Resolver(own, channels.Version()), _named(settings)
    for item in merging.items(merging.matches("channels", own)):
        name = without_subdir(item)
        bare = not has_scheme(name) and name not in channels.UNKNOWN and name[:1] != "/"
        if (
            bare
            and name.split("/")[0] not in ours
            and [role for role, _ in resolver.resolve(name)] == ["channels"]
        ):
            yield name


def _instead(item: str, settings: Settings, mirrors: Mirrors) -> str:
    """A name for an address of a mirror that is known, where the profile has what it stands for."""
    place = item.partition("://")[2].rstrip("/")
    for root in _roots(mirrors()):
        kind, _, name = place.removeprefix(f"{root}/").partition("/")
        if not place.startswith(f"{root}/") or _is_ours(item, settings):
            continue
        if kind == "pkgs" and "default-channels" in settings:
            return channels.DEFAULTS
        if kind == "cloud" and name in _named(settings):
            return name
    return item


def _is_ours(item: str, settings: Settings) -> bool:
    listed = settings.get("default-channels")
    return isinstance(listed, tuple) and item.rstrip("/") in listed


def _is_mirror(url: str, mirrors: Mirrors) -> bool:
    place = f"{url.partition('://')[2].rstrip('/')}/"
    return any(place.startswith(f"{root}/") for root in _roots(mirrors()))


def _roots(known: Sequence[Settings]) -> Sequence[str]:
    """Where mirrors begin, above what they have: host and path."""
    urls = [url for each in known for url in _addresses(each)]
    return list(dict.fromkeys(_PARTS.sub("", url.partition("://")[2].rstrip("/")) for url in urls))


def _addresses(settings: Settings) -> Iterator[str]:
    for value in settings.values():
        if isinstance(value, tuple):
            yield from filter(has_scheme, value)
        elif isinstance(value, Mapping):
            yield from value.values()
        elif isinstance(value, str) and has_scheme(value):
            yield value


def _named(settings: Settings) -> Mapping[str, str]:
    return _map(settings.get("custom-channels"))


def _map(value: Value | None) -> Mapping[str, str]:
    return value if isinstance(value, Mapping) else {}
