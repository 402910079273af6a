"""Reads a tool's layers, merges them, and compares what the tool uses with what was meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.errors import FormatError, PermissionDeniedError
from mirrorcfg.formats import text as texts
from mirrorcfg.host import Host
from mirrorcfg.model.layer import Beside, Effective, Layer, Reading
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Kind, Settings, Value
from mirrorcfg.sentence import sentence
from mirrorcfg.writers import Writer, writer


class Shadow(NamedTuple):
    """A key that doesn't have the value that was meant, and the layers that see to it."""

    key: str
    value: Value | None
    layers: tuple[Layer, ...]


@dataclass(frozen=True, eq=False)
class ToolLayers:
    """One tool on this host: its layers, weak to strong, and what stands in each file (None: no file).

    What they say and come to is worked out once, when somebody wants to know.
    """

    tool: str
    layers: tuple[Layer, ...]
    contents: Mapping[Path, bytes | None]
    host: Host

    @property
    def writer(self) -> Writer:
        """The tool's writer."""
        return writer(self.tool)

    @property
    def target(self) -> Layer | None:
        """The file that a change goes to."""
        return next((layer for layer in self.layers if layer.target), None)

    @property
    def present(self) -> bool:
        """Is the tool here: its program on PATH, or a file of it."""
        if any(self.content(layer) is not None for layer in self.layers if not layer.shared):
            return True
        machine, tool = self.host.machine, self.writer.TOOL
        there = (machine.is_file(machine.path(place)) for place in tool.places)
        return any(map(machine.which, tool.programs)) or any(there)

    @property
    def file(self) -> Path | None:
        """Where the target is."""
        target = self.target
        return None if target is None or target.path is None else Path(target.path)

    def content(self, layer: Layer) -> bytes | None:
        """The bytes of a layer's file."""
        return None if layer.path is None else self.contents[Path(layer.path)]

    def text(self, raw: bytes | None) -> str:
        """A file of this tool as text; no file is an empty one. Raises FormatError."""
        return texts.decode(raw or b"", self._encoding)[0]

    def raw(self, text: str, like: bytes | None) -> bytes:
        """The bytes of a text that was read from `like`."""
        return texts.encode(text, texts.decode(like or b"", self._encoding)[1])

    def having(self, contents: Mapping[Path, bytes | None]) -> ToolLayers:
        """The same with other bytes in these files."""
        new = {**self.contents, **contents}
        return self if new == self.contents else replace(self, contents=new)

    def with_target(self, raw: bytes | None) -> ToolLayers:
        """The same with other bytes in the target."""
        return self if self.file is None else self.having({self.file: raw})

    def with_layer(self, layer: Layer, raw: bytes | None) -> ToolLayers:
        """The same with these bytes in the file of `layer`, which may be a new one."""
        known = any(each.path == layer.path for each in self.layers)
        there = self if known else replace(self, layers=(*self.layers, layer))
        return there if layer.path is None else there.having({Path(layer.path): raw})

    @cached_property
    def readings(self) -> Sequence[Reading]:
        """What stands in each layer. Raises FormatError, with the file, where one can't be read."""
        return [self._reading(layer) for layer in self.layers]

    @cached_property
    def effective(self) -> Effective:
        """What the tool uses. Raises FormatError, with the file, where one can't be read."""
        return self.writer.effective(self.readings)

    def require(self) -> None:
        """Raises FormatError, with the file, where the tool itself would fail."""
        _ = self.effective

    def asked(self) -> list[str]:
        """The addresses that the tool asks, in its order."""
        effective = self.effective
        if effective.asked is not None:
            return [each.source.url for each in effective.asked]
        first = [each.source for each in effective.first]
        sources = (*first, *self.writer.sources(effective.settings))
        return list(dict.fromkeys(source.url for source in sources))

    def shadows(self, wanted: Settings, stays: Sequence[str] = ()) -> list[Shadow]:
        """Where the effective settings aren't `wanted`; an always managed key that isn't in it is unset.

        In the file that is meant those that the user `stays` with may be set.
        """
        target = self.target
        if target is not None and target.ignored_by:
            used, by = self.effective.settings, Layer(target.ignored_by, variable=target.ignored_by)
            return [Shadow(key, used.get(key), (by,)) for key in wanted]
        told = bool(wanted) and self.effective.asked is not None  # what is asked says the rest
        differing = [each for each in self.differences(wanted, told=told) if not self._stays(each, stays)]
        found = [each._replace(layers=self._others(each.layers)) for each in differing]
        return found or self._astray(wanted)

    def _astray(self, wanted: Settings) -> list[Shadow]:
        """Where the tool asks others though every key is as it should be: another file names them.

        What stands beside them in a file of the user's is his own choice, unless it is all there is.
        """
        effective, others = self.effective, self.beside(wanted)
        if effective.barred and wanted:
            option, value, layer = effective.barred[:3]
            return [Shadow(option, value, (layer,))]
        if effective.asked is None:
            return []
        if effective.needs and any(key in wanted for key in effective.settings if key not in effective.needs):
            return [Shadow(key, None, self.layers[:1]) for key in effective.needs]
        if len(others) < len(effective.asked) or self._only_names(wanted):
            others = [each for each in others if not self._own(each.layer)]
        layers = dict.fromkeys(each.layer for each in others)
        return [
            Shadow(role, tuple(each.source.url for each in others), tuple(layers))
            for role in dict.fromkeys(each.source.role for each in others)
        ]

    def _stays(self, shadow: Shadow, stays: Sequence[str]) -> bool:
        return shadow.key in stays and bool(shadow.layers) and shadow.layers[0].target

    def beside(self, wanted: Settings) -> list[Beside]:
        """What the tool asks beside these settings: other addresses, or of a kind that they don't name."""
        effective, sources = self.effective, self.writer.sources
        meant = [each.url for each in sources(wanted)]
        if effective.asked is not None:
            return [each for each in effective.asked if not _below(each.source.url, meant)] if meant else []
        ours = {*wanted, *(key for key, known in self.writer.KEYS.items() if known.always)}
        others = [source for source in sources(effective.settings) if source.role not in ours]
        return [Beside(source, effective.origins[source.role][0]) for source in others]

    def _only_names(self, wanted: Settings) -> bool:
        """Do these say where a name leads, and not what is asked without one?"""
        kinds = [known.kind for key in wanted if (known := self.writer.KEYS.get(key)) is not None]
        return all(kind is Kind.URL_MAP for kind in kinds)

    def _own(self, layer: Layer) -> bool:
        """Is it the file that is meant, one of the user's in his home, or no file at all?"""
        if layer.target or layer.is_tool:
            return True
        if (
            layer.path is None
            or self.host.root is not None
            or not Path(layer.path).is_relative_to(self.host.home)
        ):
            return False
        return self.host.owned(Path(layer.path))

    def differences(self, wanted: Settings, *, told: bool = False) -> list[Shadow]:
        """The same where no file is meant to say it: all of the layers that a key comes from.

        What more there is isn't counted where that is `told` by what is asked, but for a shell's variables.
        """
        effective = self.effective
        always = [name for name, key in self.writer.KEYS.items() if key.always]
        if told:
            origins = {name: effective.origins.get(name, ()) for name in always}
            always = [name for name in always if any(layer.variable for layer in origins[name])]
        keys = dict.fromkeys([*always, *wanted])
        return [
            Shadow(key, effective.settings.get(key), effective.origins.get(key, ()))
            for key in keys
            if not self._aside(key) and not _holds(wanted.get(key), effective.settings.get(key), told=told)
        ]

    def _aside(self, key: str) -> bool:
        """What stands in none of the tool's layers, such as a CA in a folder of certificates."""
        if (known := self.writer.KEYS.get(key)) is not None and known.aside:
            return True
        return key == "ca-file" and self.writer.ca_file(self.host.machine, "localhost") is not None

    def own(self) -> Settings:
        """What the target alone says."""
        if self.target is None:
            return {}
        read = self.target._replace(ignored=None)  # what it says counts here, and not whether the tool looks
        return self.writer.effective([Reading(read, self._values(read))]).settings

    def _others(self, layers: Sequence[Layer]) -> tuple[Layer, ...]:
        """Those that aren't the target; the target only where it shadows itself (pip's [install])."""
        return tuple(layer for layer in layers if not layer.target) or tuple(layers)

    def _reading(self, layer: Layer) -> Reading:
        try:
            return Reading(layer, self._values(layer))
        except FormatError as error:
            if not layer.optional:
                raise
            return Reading(layer, error=error)

    def _values(self, layer: Layer) -> Mapping[str, Value]:
        if layer.path is None or layer.ignored:
            return {}
        if (raw := self.content(layer)) is None:
            return _nothing(layer)
        try:
            values = self.writer.read(self.text(raw))
        except FormatError as error:
            raise error.at(str(layer.path)) from None
        if not self.writer.TOOL.expands:
            return values
        return {name: _expanded(value, self.host.machine) for name, value in values.items()}

    @property
    def _encoding(self) -> str:
        return self.host.encoding if self.writer.TOOL.locale else "utf-8"


def layers_of(host: Host, tool: str, scope: Scope | None = None) -> ToolLayers:
    """Read every file of a tool's layers, each with the rights of its owner.

    Raises PermissionDeniedError, or FormatError for something that isn't a regular file.
    """
    if host.root is not None and scope is None:
        scope = "system"
    layers = tuple(_placed(host, layer) for layer in writer(tool).layers(host.machine, scope))
    files = {Path(layer.path): layer for layer in layers if layer.path is not None}
    return ToolLayers(tool, layers, {path: _read(host, layer, path) for path, layer in files.items()}, host)


def _placed(host: Host, layer: Layer) -> Layer:
    """The layer with its file's place on this machine."""
    return layer if layer.path is None else layer._replace(path=host.real(layer.path))


def _read(host: Host, layer: Layer, path: Path) -> bytes | None:
    if layer.ignored and not layer.target:
        return None
    try:
        return host.store.read(path, host.rights(path))
    except PermissionDeniedError:
        if layer.target:
            raise
        return None  # what this user may not read, their tool can't read either


def _nothing(layer: Layer) -> Mapping[str, Value]:
    """What stands in a file that isn't there. Raises FormatError where the tool doesn't do without it."""
    if not layer.required:
        return {}
    name, path = (layer.led_by or "").partition("=")[0], str(layer.path)
    what = sentence(
        "{name} names {path}, which isn't there, and nothing works without it.", name=name, path=path
    )
    raise FormatError("no-such-file", what, path=path, hint=f"unset {name}")


def _expanded(value: Value, machine: Machine) -> Value:
    if isinstance(value, tuple):
        return tuple(map(machine.expanded, value))
    if isinstance(value, Mapping):
        return {name: machine.expanded(text) for name, text in value.items()}
    return machine.expanded(value) if isinstance(value, str) else value


def _below(url: str, meant: Sequence[str]) -> bool:
    """Is it one of these, or below one, as a channel is below an alias?"""
    return any(f"{url.rstrip('/')}/".startswith(f"{each.rstrip('/')}/") for each in meant)


def _holds(wanted: Value | None, found: Value | None, *, told: bool) -> bool:
    if isinstance(wanted, tuple) and isinstance(found, tuple) and told:
        return set(wanted) <= set(found)
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return all(found.get(name) == value for name, value in wanted.items())
    return wanted == found
