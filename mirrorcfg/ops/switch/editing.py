"""A tool's files as a switch leaves them: its own, and those that give way to it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.errors import FormatError
from mirrorcfg.formats.past import Past
from mirrorcfg.host import Host, official, tools
from mirrorcfg.host.layers import ToolLayers
from mirrorcfg.model.generation import Generation
from mirrorcfg.model.layer import Layer
from mirrorcfg.model.plan import Change
from mirrorcfg.model.result import Finding
from mirrorcfg.model.settings import NOTHING, Settings
from mirrorcfg.writers import Case, Part


class Step(NamedTuple):
    """One tool of a plan: the settings it shall have and the changes of its files, or why it is left.

    The tool's own file comes first. Changes beside `skipped` are those of certificates alone.
    """

    tool: str
    profile: str
    settings: Settings = NOTHING
    layers: ToolLayers | None = None  # as they will be
    changes: tuple[Change, ...] = ()
    skipped: Finding | None = None
    findings: tuple[Finding, ...] = ()
    domain: str | None = None  # what the profile goes down with
    stays: tuple[str, ...] = ()  # keys that are the user's own
    untold: str | None = None  # the profile's CA, where no setting of the tool's can name it
    named: str = ""  # the profile, where no name stands for it
    failover: tuple[str, ...] = ()  # what the profile says to go on with

    @property
    def called(self) -> str:
        """What a command line calls the profile."""
        return self.named or self.profile

    @property
    def serves(self) -> bool:
        """Does the tool get the profile's sources?"""
        return bool(self.changes) and self.skipped is None


def giving_way(
    host: Host,
    layers: ToolLayers,
    target: Path,
    settings: Settings,
    head: Generation | None,
    *,
    default: bool,
) -> Iterator[Change]:
    """Other files of the same owner's that would win over `target`; the tool's default gives them back."""
    for layer in layers.layers:
        before = layers.content(layer) if layer.gives_way and not layer.target else None
        if before is None or layer.path is None or not _ours(host, layer, Path(layer.path), target):
            continue
        path, text = Path(layer.path), layers.text(before)
        try:
            if not default:
                after = layers.writer.give_way(text, settings)
            elif past := _past(host, layers, path, head):
                after = layers.writer.revert(text, past.left, past.origin)
            else:
                continue
        except FormatError as error:
            raise error.at(str(path)) from None
        kept = head.files.get(str(path)) if head else None
        if after != text or kept is not None:
            change = Change(layers.tool, path, before, layers.raw(after, before), user=host.rights(path))
            stays = kept if after == text else None  # what gives nothing away is still what it was set to
            yield change._replace(profile=stays.profile, scope=stays.scope) if stays else change


def _ours(host: Host, layer: Layer, path: Path, target: Path) -> bool:
    """Is it as much the user's, or the system's, as the target is, and may it be written?

    What one installation has, whoever's it is, goes with the system's file: root was led there.
    """
    user = host.rights(path)
    at_home = host.root is None and path.is_relative_to(host.home)
    system = not target.is_relative_to(host.home) or host.root is not None
    same = user == host.rights(target) or (layer.led_by is not None and not at_home)
    if not same or not (at_home or system):
        return False
    with host.store.disk.acting_as(user):
        return path.stat().st_uid == os.geteuid() and is_writable(path)


def edited(
    host: Host,
    layers: ToolLayers,
    target: Layer,
    path: Path,
    profile: str,
    settings: Settings,
    head: Generation | None,
    *,
    default: bool,
    named: bool = False,
) -> Step:
    """The tool's own file with `settings` in it, and what has to go in with them. Raises FormatError.

    `named` is whether the tool was asked for by its name.
    """
    before = layers.content(target)
    past = _past(host, layers, path, head)
    writer = layers.writer
    try:
        text = layers.text(before)
        after = _bytes(layers, writer.edit(text, settings, past), before)
        own = (
            layers.with_target(layers.raw(writer.revert(text, past.left, past.origin), before))
            if past
            else layers
        ).having(_given_back(host, layers, head))
        there = layers.with_target(after)
        case = Case(
            text=own.text(own.content(target)),
            own=own.readings,
            after=there.readings,
            settings=settings,
            mirrors=lambda: _mirrors(host, layers.tool),
        )
        more = writer.besides(case)
        if more.settings:
            after = _bytes(layers, writer.edit(text, {**settings, **more.settings}, past), before)
        if default:
            explicit = official.explicit(layers.with_target(after))
            if explicit := {key: value for key, value in explicit.items() if key not in more.stays}:
                settings = explicit
                after = _bytes(layers, writer.edit(text, {**settings, **more.settings}, past), before)
    except FormatError as error:
        raise error.at(str(path)) from None
    user = host.rights(path)
    change = Change(layers.tool, path, before, after, user=user, profile=profile, scope=target.scope)
    notes = tuple(Finding("taken-along", note, None, layers.tool, str(path)) for note in more.notes)
    there = there.with_target(after)
    parts = _parts(host, layers, more.parts, head, named=named)
    for layer, part in parts.items():
        there = there.with_layer(layer, part.after)
    changes = (change, *parts.values())
    return Step(layers.tool, profile, settings, there, changes, findings=notes, stays=more.stays)


def _parts(
    host: Host, layers: ToolLayers, parts: Sequence[Part], head: Generation | None, *, named: bool
) -> dict[Layer, Change]:
    """Other files of the tool's as they will be, those of an earlier switch among them."""
    found: dict[Layer, Change] = {}
    for layer, settings, only in parts:
        path = Path(str(layer.path))
        past = _past(host, layers, path, head)
        if only and not named and past is None:
            continue
        before = host.store.read(path, host.rights(path))
        try:
            after = _bytes(layers, layers.writer.edit(layers.text(before), settings, past), before)
        except FormatError as error:
            raise error.at(str(path)) from None
        found[layer] = Change(layers.tool, path, before, after, user=host.rights(path))
    taken = {change.path for change in found.values()}
    for path, after in _given_back(host, layers, head).items():
        if path not in taken:
            layer = next(each for each in layers.layers if each.path == path)
            found[layer] = Change(layers.tool, path, layers.contents[path], after, user=host.rights(path))
    return found


def _given_back(host: Host, layers: ToolLayers, head: Generation | None) -> dict[Path, bytes | None]:
    """What earlier switches wrote into files beside the tool's own, with our settings taken out again."""
    found: dict[Path, bytes | None] = {}
    for layer in layers.layers:
        if layer.path is None or not layer.part or layer.ignored:
            continue
        path = Path(layer.path)
        if (past := _past(host, layers, path, head)) is not None:
            now = layers.contents[path]
            text = layers.writer.revert(layers.text(now), past.left, past.origin)
            found[path] = _bytes(layers, text, now)
    return found


def _mirrors(host: Host, tool: str) -> list[Settings]:
    """What the built-in profiles say of the tool."""
    found = (each.profile for each in host.profiles.every() if each.found.layer == "builtin" and each.profile)
    offers = (tools.offer(profile, tool) for profile in found)
    return [offer.settings for offer in offers if offer is not None]


def _bytes(layers: ToolLayers, text: str, before: bytes | None) -> bytes | None:
    """What the file shall hold; a file that isn't there isn't made for nothing."""
    return None if before is None and not text else layers.raw(text, before)


def _past(host: Host, layers: ToolLayers, path: Path, head: Generation | None) -> Past | None:
    kept = head.files.get(str(path)) if head else None
    if kept is None:
        return None
    origin, left = host.store.images(kept.origin, kept.after)
    return Past(layers.text(origin), layers.text(left))


def is_writable(path: Path) -> bool:
    """May this user replace the file, or write it in place? Where none is, the nearest folder says."""
    effective = os.access in os.supports_effective_ids
    if os.access(path, os.W_OK, effective_ids=effective):
        return True
    folder = path.resolve().parent
    while not os.access(folder, os.F_OK, effective_ids=effective) and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=effective)
