"""What `uv pip install` makes of all its layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mirrorcfg.errors import FormatError
from mirrorcfg.model.layer import Effective, Layer, Reading
from mirrorcfg.model.settings import Value
from mirrorcfg.writers.uv import contents, indexes, project
from mirrorcfg.writers.uv.contents import MIRRORS, TRUST
from mirrorcfg.writers.uv.variables import KEYS, TRUE


def effective(readings: Sequence[Reading]) -> Effective:
    """What `uv pip install` uses. Raises FormatError where uv itself refuses a file or a variable."""
    for layer in (each.layer for each in readings):
        if layer.variable is not None and layer.ignored is not None:
            raise FormatError(
                "bad-variable", layer.ignored, path=layer.variable, hint=f"unset {layer.variable}"
            )
    readings = project.chosen(readings)
    for each in readings:
        contents.require(each)
    doubts = [finding for each in readings for finding in contents.doubts(each)]
    files = [
        each for each in reversed(readings) if each.layer.variable is None and each.layer.ignored is None
    ]
    variables = [each for each in readings if each.layer.value]
    settings: dict[str, Value] = {}
    origins: dict[str, tuple[Layer, ...]] = {}
    for key in ("find-links", "no-index", *MIRRORS, "ca-file"):
        said = list(_said(key, files, variables))
        if key == "find-links" and said:
            settings[key] = tuple(link for value, _ in said for link in indexes.sequence(value))
            origins[key] = tuple(dict.fromkeys(layer for _, layer in said))
        elif said:
            settings[key], origins[key] = said[0][0], (said[0][1],)
    if trusting := store(files, variables):
        settings["system-store"], origins["system-store"] = True, (trusting,)
    if (offline := _offline(files, variables)) is not None:
        settings["no-index"], origins["no-index"] = True, (offline,)
        links = indexes.sequence(settings.get("find-links"))
        if any(map(is_remote, links)):
            settings["find-links"] = tuple(link for link in links if not is_remote(link))
            origins["find-links"] = (offline,)
    if settings.get("no-index") is True:
        origins["index-url"] = origins["no-index"]
        return Effective(settings, origins, doubts=doubts)
    asked = indexes.asked([*files, *variables])
    if asked.default is not None:
        settings["index-url"], origins["index-url"] = asked.default.source.url, (asked.default.layer,)
    first = [each for each in asked.all if each.source.role != "index-url"]
    return Effective(settings, origins, first=first, doubts=doubts)


def _said(key: str, files: Sequence[Reading], variables: Sequence[Reading]) -> Iterable[tuple[Value, Layer]]:
    """Strong to weak; [pip] of any file before the rest of all."""
    for each in variables:
        if each.layer.variable and KEYS.get(each.layer.variable) == key and key != "no-index":
            yield _from_variable(key, each.layer.value or ""), each.layer
    for spelling in (f"pip.{key}", key) if key not in MIRRORS else (key,):
        yield from ((each.values[spelling], each.layer) for each in files if spelling in each.values)


def _offline(files: Sequence[Reading], variables: Sequence[Reading]) -> Layer | None:
    """The layer that keeps uv from the network, if one does."""
    for each in variables:
        if each.layer.variable == "UV_OFFLINE":
            return each.layer if (each.layer.value or "").lower() in TRUE else None
    said = next((each for each in files if "offline" in each.values), None)
    return said.layer if said and said.values["offline"] is True else None


def store(files: Sequence[Reading], variables: Sequence[Reading]) -> Layer | None:
    """The layer that has it trust the system's store, if it does."""
    for each in variables:
        if each.layer.variable in ("UV_SYSTEM_CERTS", "UV_NATIVE_TLS"):
            return each.layer if (each.layer.value or "").lower() in TRUE else None
    return next((each.layer for key in TRUST for each in files if each.values.get(key) is True), None)


def _from_variable(key: str, text: str) -> Value:
    if key == "find-links":
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def is_remote(link: str) -> bool:
    """Does it need the network?"""
    return "://" in link and not link.startswith("file:")
