"""Which file of mirrorcfg's counts for a tool where somebody asks, and whether it is as it was left.

A profile belongs to the file that was set, and not to the tool: another environment, another user's home or
another daemon reads another file, and is none of that profile's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from mirrorcfg import writers
from mirrorcfg.host import Host
from mirrorcfg.host.layers import Shadow, ToolLayers, layers_of
from mirrorcfg.model.generation import Generation, Kept
from mirrorcfg.model.layer import Layer
from mirrorcfg.model.machine import Scope
from mirrorcfg.store import digest

SCOPES: tuple[Scope, ...] = ("user", "system", "venv")


@dataclass(frozen=True, eq=False)
class Claim:
    """A tool's own file that is set to a profile, and the tool's layers with that file as their target."""

    profile: str
    path: Path
    scope: Scope | None
    layers: ToolLayers
    files: Mapping[str, Kept]

    @cached_property
    def shadows(self) -> list[Shadow]:
        """What wins over it."""
        return self.layers.shadows(self.layers.own())

    @cached_property
    def drifted(self) -> bool:
        """Has somebody else changed a key that mirrorcfg set, in it or in what goes with it?

        Other edits of theirs are no drift.
        """
        differing = any(_differs(self.layers, Path(name), self.files[name]) for name in self._together)
        return differing or self._overlaid

    @property
    def in_effect(self) -> bool:
        """Is the profile what the tool uses here?"""
        return not self.shadows and not self.drifted

    @property
    def _overlaid(self) -> bool:
        """Has another section of the file (pip's [install]) the tool ask another address than was set?"""
        kept, layers = self.files[str(self.path)], self.layers
        if digest(layers.contents.get(self.path)) == kept.after:
            return False
        left, origin = layers.host.store.images(kept.after, kept.origin)
        before, meant, now = layers.with_target(origin).own(), layers.with_target(left).own(), layers.own()
        changed = (key for key in meant.keys() & now.keys() if isinstance(meant[key], str))
        return any(meant[key] not in (before.get(key), now[key]) for key in changed)

    @property
    def _together(self) -> Iterator[str]:
        """The file itself, those that gave way to it or were written with it, and certificates."""
        beside = {
            str(layer.path)
            for layer in self.layers.layers
            if (layer.gives_way or layer.part) and not layer.ignored and not layer.target
        }
        for name, kept in self.files.items():
            if kept.tool == self.layers.tool and (
                name == str(self.path) or name in beside or self._trusts(Path(name))
            ):
                yield name

    def _trusts(self, path: Path) -> bool:
        """Is it where the tool has a CA, in the scope of this file?"""
        host = self.layers.host
        scope = "system" if host.root is not None else self.scope
        place = self.layers.writer.ca_file(host.machine, path.parent.name, scope)
        return place is not None and host.real(place) == path


def claims(layers: ToolLayers, head: Generation | None) -> list[Claim]:
    """The files of ours that the tool reads here, the strongest first.

    One that a variable, or another file, keeps it from reading comes behind all of them.
    """
    files = head.files if head else {}
    found = []
    strongest = tuple(reversed(layers.layers))
    for layer in sorted(strongest, key=lambda each: each.ignored is not None):
        kept = files.get(str(layer.path)) if layer.path is not None else None
        if kept is None or kept.tool != layers.tool or kept.profile is None or layer.part:
            continue
        if kept.scope is None and layer.gives_way:  # of an earlier version, which gave these a profile too
            continue
        if layer.ignored is None or layer.ignored_by is not None or layer.there:
            scope = kept.scope or layer.scope
            found.append(
                Claim(kept.profile, Path(str(layer.path)), scope, _aimed(layers, layer, scope), files)
            )
    return found


def claim(layers: ToolLayers, head: Generation | None) -> Claim | None:
    """The one that counts here, None where the tool uses nothing of ours.

    It is the strongest that nothing wins over: one that says nothing, as the tool's own default is set,
    leaves it to the next. One that somebody emptied doesn't.
    """
    found = claims(layers, head)
    return next((each for each in found if each.drifted or not each.shadows), next(iter(found), None))


def claim_of(host: Host, tool: str, head: Generation | None) -> Claim | None:
    """The same for a tool, or else for another program of it, which reads the files of one scope alone."""
    for scope in (None, *SCOPES):
        layers = layers_of(host, tool, scope)
        if (found := claim(layers, head)) is not None and (scope is None or found.path == layers.file):
            return found
    return None


def set_here(host: Host, head: Generation | None) -> dict[str, Claim]:
    """What counts here of all tools for which there is something, in the order in which tools are listed."""
    known = {kept.tool for kept in head.files.values() if kept.profile is not None} if head else set()
    found = {tool: claim_of(host, tool, head) for tool in writers.names() if tool in known}
    return {tool: each for tool, each in found.items() if each is not None}


def _aimed(layers: ToolLayers, layer: Layer, scope: Scope | None) -> ToolLayers:
    """The layers with this one as the target."""
    if layer.target:
        return layers
    scoped = layers_of(layers.host, layers.tool, scope)
    if scoped.file == Path(str(layer.path)):
        read = [Path(each.path) for each in layers.layers if each.path is not None and not each.ignored]
        known = {path: layers.contents[path] for path in read if path in scoped.contents}
        return scoped.having(known)
    aimed = (each._replace(target=each is layer, gives_way=False) for each in layers.layers)
    return replace(layers, layers=tuple(aimed))


def _differs(layers: ToolLayers, path: Path, kept: Kept) -> bool:
    host = layers.host
    known = path in layers.contents  # and no certificate
    now = layers.contents[path] if known else host.store.read(path, host.rights(path))
    if digest(now) == kept.after:
        return False
    left, origin = host.store.images(kept.after, kept.origin)
    if host.is_certificate(path):
        from mirrorcfg.host import certificates

        return certificates.drifted(now, left)
    text = layers.text(now)
    return layers.writer.revert(text, layers.text(origin), layers.text(left)) != text
