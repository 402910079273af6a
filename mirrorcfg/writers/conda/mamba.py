"""Which channels mamba and micromamba search, where they and no conda are here.

Source of the rules, of mamba 2.5: libmamba/src/api/configuration.cpp for what is read, `Source::merge` in
include/mamba/api/configuration_impl.hpp for how it is merged (lists are unions, of maps and texts the
strongest counts alone, no comment is a mark), src/specs/channel.cpp and src/core/channel_context.cpp for the
addresses, and src/api/channel_loader.cpp for `mirrored_channels`: first of all, whatever `channels` say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirrorcfg.model.layer import Barred, Beside, Layer, Reading, Source
from mirrorcfg.model.settings import Value
from mirrorcfg.sentence import sentence
from mirrorcfg.writers.conda import reading
from mirrorcfg.writers.conda.address import has_scheme
from mirrorcfg.writers.conda.channels import DEFAULTS, Answer


def answer(readings: Sequence[Reading]) -> Answer:
    """The channels that mamba searches, in its order; without `channels` the mirrored ones alone."""
    found: dict[str, Beside] = {}

    def add(role: str, url: str, layer: Layer) -> None:
        found.setdefault(url, Beside(Source("conda", role, url), layer))

    mirrored, layer = _map("mirrored_channels", readings)
    for mirrors in reading.entries(mirrored).values():
        for url in mirrors:
            add("mirrored-channels", url, layer)
    for name, layer in _list("channels", readings).items():
        if name not in mirrored:
            for role, url in _addresses(name, readings):
                add(role, url, layer)
    said = _strongest("offline", readings)
    if said is not None and said[0] is True:
        here = [each for each in found.values() if each.source.url.startswith("file:")]
        return Answer(here, Barred("offline", "true", said[1]))
    return Answer(list(found.values()))


def apart(readings: Sequence[Reading]) -> tuple[str, ...]:
    """What mamba beside a conda asks otherwise: channels of the profile's that have a mirror for it alone."""
    mirrored, layer = _map("mirrored_channels", readings)
    return tuple(
        sentence(
            "mamba asks {mirrors} for {channel}, as {path} says; conda doesn't.",
            mirrors=", ".join(mirrors),
            channel=name,
            path=layer.label,
        )
        for name, mirrors in reading.entries(mirrored).items()
        if name in _map("custom_channels", readings)[0]
    )


def _addresses(name: str, readings: Sequence[Reading]) -> list[tuple[str, str]]:
    groups = reading.entries(_map("custom_multichannels", readings)[0])
    if (single := _custom(name, readings)) is None:
        if name in groups:
            return [("custom-multichannels", _single(each, readings)) for each in groups[name]]
        if name == DEFAULTS:
            parts = [*_list("default_channels", readings)] or [DEFAULTS]
            return [("default-channels", _single(each, readings)) for each in parts]
        return [("channels", _single(name, readings))]
    return [("custom-channels", single)]


def _single(name: str, readings: Sequence[Reading]) -> str:
    if has_scheme(name):
        return name.rstrip("/")
    if (custom := _custom(name, readings)) is not None:
        return custom
    alias = _strongest("channel_alias", readings)
    return name if alias is None or name == DEFAULTS else f"{str(alias[0]).rstrip('/')}/{name}"


def _custom(name: str, readings: Sequence[Reading]) -> str | None:
    custom, _ = _map("custom_channels", readings)
    parts = name.split("/")
    for beginning in ("/".join(parts[:n]) for n in range(len(parts), 0, -1)):
        if (base := custom.get(beginning)) is not None:
            base = base.rstrip("/")
            there = base if f"/{base}".endswith(f"/{beginning}") else f"{base}/{beginning}"
            return f"{there}{name.removeprefix(beginning)}"
    return None


def _said(option: str, readings: Sequence[Reading]) -> list[tuple[Value, Layer]]:
    """What each layer says, the strongest first."""
    found = []
    for each in reversed(readings):
        if each.layer.variable is None and option in each.values:
            found.append((each.values[option], each.layer))
        elif each.layer.variable and (told := reading.said(each.layer)) and told[0] == option:
            found.append((told[1], each.layer))
    return found


def _strongest(option: str, readings: Sequence[Reading]) -> tuple[Value, Layer] | None:
    return next(iter(_said(option, readings)), None)


def _map(option: str, readings: Sequence[Reading]) -> tuple[Mapping[str, str], Layer]:
    value, layer = _strongest(option, readings) or ({}, Layer("mamba"))
    return (value if isinstance(value, Mapping) else {}), layer


def _list(option: str, readings: Sequence[Reading]) -> Mapping[str, Layer]:
    found: dict[str, Layer] = {}
    for value, layer in _said(option, readings):
        for item in value if isinstance(value, tuple) else ():
            found.setdefault(item, layer)
    return found
