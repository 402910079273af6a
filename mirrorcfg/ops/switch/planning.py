"""From profiles and files to a plan: what would change for each tool, and what is left as it is and why."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mirrorcfg import writers
from mirrorcfg.errors import FormatError, MirrorcfgError, PermissionDeniedError
from mirrorcfg.formats.past import Past
from mirrorcfg.host import Host, official, tools
from mirrorcfg.host.layers import ToolLayers, layers_of
from mirrorcfg.model.generation import Generation
from mirrorcfg.model.layer import Layer
from mirrorcfg.model.machine import Scope
from mirrorcfg.model.plan import Change, Plan
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.result import Finding
from mirrorcfg.model.settings import NOTHING, Settings
from mirrorcfg.ops.shelf import provenance


class Request(NamedTuple):
    """What the user asked for: a profile, others for single tools, the tools named, a scope, variables."""

    profile: str
    overrides: Mapping[str, str] = {}
    tools: Sequence[str] = ()
    scope: Scope | None = None
    variables: Mapping[str, str] = {}

    @property
    def profiles(self) -> tuple[str, ...]:
        """All profiles that are meant."""
        return tuple(dict.fromkeys([self.profile, *self.overrides.values()]))

    @property
    def named(self) -> tuple[str, ...]:
        """The tools that were asked for by name: each must succeed."""
        return tuple(dict.fromkeys([*self.tools, *self.overrides]))


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

    @property
    def serves(self) -> bool:
        """Does the tool get the profile's sources?"""
        return bool(self.changes) and self.skipped is None


class _Skip(Exception):  # noqa: N818 — not an error: it carries the reason to the one place that decides
    def __init__(self, error: MirrorcfgError) -> None:
        self.error = error


def plan(host: Host, request: Request, *, unattended: bool = False) -> tuple[list[Step], Plan]:
    """The steps for every tool that is meant, and the plan they add up to. Nothing is written.

    `unattended`, a profile that is another by now than what was pinned is refused with ConflictError.

    A tool asked for by name that can't be served raises its error; one that was only found here is
    skipped, with a finding that says what would do it. Raises ProfileError, FormatError, UsageError.
    """
    for tool in request.named:
        writers.known(tool)
    main = host.profiles.load(request.profile, request.variables)
    loaded = {name: host.profiles.load(name, request.variables) for name in set(request.overrides.values())}
    if unattended:
        provenance.require(host, request.profiles)
    head = host.store.head()
    steps = []
    for tool in _candidates(request):
        profile = loaded[request.overrides[tool]] if tool in request.overrides else main
        if (step := _guarded(host, request, tool, profile, head)) is not None:
            steps.append(step)
    return steps, Plan(tuple(change for step in steps for change in step.changes))


def _candidates(request: Request) -> Sequence[str]:
    if request.tools:
        return request.named
    return tuple(dict.fromkeys([*request.named, *writers.names()]))


def _guarded(
    host: Host, request: Request, tool: str, profile: Profile, head: Generation | None
) -> Step | None:
    try:
        return _step(host, request, tool, profile, head)
    except _Skip as skip:
        if tool in request.named:
            raise skip.error from None
        return _skipped(tool, profile, skip.error)


def _skipped(tool: str, profile: Profile, error: MirrorcfgError) -> Step:
    return Step(tool, profile.name, skipped=Finding.of(error, tool))


def _step(host: Host, request: Request, tool: str, profile: Profile, head: Generation | None) -> Step | None:
    offer = tools.offer(profile, tool)
    if offer is None:
        if tool not in request.named:
            return None
        raise MirrorcfgError(
            "tool-not-in-profile",
            f"The profile {profile.name} says nothing about {tool}.",
            hint=f"take another profile for it: --with {tool}=NAME (mirrorcfg ls shows who has it)",
        )
    try:
        layers = layers_of(host, tool, request.scope)
    except PermissionDeniedError as error:
        raise _Skip(error) from None
    if tool not in request.named and not layers.present:
        return None
    if offer.unavailable is not None:
        return _unavailable(host, request, layers, profile, offer.unavailable, head)
    target, path = layers.target, layers.file
    if target is None or path is None:
        raise _Skip(
            MirrorcfgError(
                "no-such-scope", f"{tool} has no file in the scope {request.scope or 'user'} here."
            )
        )
    _require_rights(host, path, f"{profile.name} --tool {tool}")
    settings = tools.settings(profile, offer)
    step = _edited(host, layers, target, path, profile.name, settings, head, default=offer.default)
    others = tuple(_giving_way(host, layers, path, settings, head, default=offer.default))
    trusted = _certificates(host, request, tool, profile, head)
    for change in trusted:
        _require_rights(host, change.path, f"{profile.name} --tool {tool}")
    after = step.layers and step.layers.having({change.path: change.after for change in others})
    if after is not None:
        after.effective()  # what the tool itself would stop at is known before anything is written
    return step._replace(
        layers=after,
        changes=(*step.changes, *others, *trusted),
        domain=profile.failure_domain,
    )


def _giving_way(
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
        if before is None or layer.path is None or not _same_owner(host, Path(layer.path), target):
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
        if after != text or (head and str(path) in head.files):
            yield Change(layers.tool, path, before, layers.raw(after, before), user=host.rights(path))


def _same_owner(host: Host, path: Path, target: Path) -> bool:
    """Is it as much the user's, or the system's, as the target is, and may it be written?"""
    user = host.rights(path)
    at_home = host.root is None and path.is_relative_to(host.home)
    system = not target.is_relative_to(host.home) or host.root is not None
    if user != host.rights(target) or not (at_home or system):
        return False
    with host.store.disk.acting_as(user):
        return path.stat().st_uid == os.geteuid() and _writable(path)


def _unavailable(
    host: Host, request: Request, layers: ToolLayers, profile: Profile, why: str, head: Generation | None
) -> Step:
    """The tool is left as it is, save that it shall trust the registries that `image` names."""
    tool = layers.tool
    error = MirrorcfgError(
        "unavailable",
        f"{profile.name} has no source for {tool}: {why}",
        path=str(layers.file) if layers.file else None,
        hint=f"take another profile for it: --with {tool}=NAME (mirrorcfg ls shows who has it)",
    )
    if tool in request.named:
        raise error
    leave = head is not None and tool in head.tools  # it stays with that profile, whose CA it needs
    trusted = _certificates(host, request, tool, profile, head, leave=leave)
    for change in trusted:
        _require_rights(host, change.path, profile.name)
    return _skipped(tool, profile, error)._replace(layers=layers, changes=trusted)


def _certificates(
    host: Host,
    request: Request,
    tool: str,
    profile: Profile,
    head: Generation | None,
    *,
    leave: bool = False,
) -> tuple[Change, ...]:
    if profile.ca_file is None and not any(
        host.is_certificate(Path(name)) for name in (head.files if head else ())
    ):
        return ()
    from mirrorcfg.host import certificates

    return certificates.changes(host, tool, profile, request.scope, head, leave=leave)


def _edited(
    host: Host,
    layers: ToolLayers,
    target: Layer,
    path: Path,
    profile: str,
    settings: Settings,
    head: Generation | None,
    *,
    default: bool,
) -> Step:
    before = layers.content(target)
    past = _past(host, layers, path, head)
    try:
        text = layers.text(before)
        after = _bytes(layers, layers.writer.edit(text, settings, past), before)
        if default:
            explicit = official.explicit(layers.with_target(after))
            if explicit:
                settings = explicit
                after = _bytes(layers, layers.writer.edit(text, settings, past), before)
    except FormatError as error:
        raise error.at(str(path)) from None
    change = Change(layers.tool, path, before, after, user=host.rights(path))
    return Step(layers.tool, profile, settings, layers.with_target(after), (change,))


def _bytes(layers: ToolLayers, text: str, before: bytes | None) -> bytes | None:
    """What the file shall hold; a file that isn't there isn't made for nothing."""
    return None if before is None and not text else layers.raw(text, before)


def _past(host: Host, layers: ToolLayers, path: Path, head: Generation | None) -> Past | None:
    kept = head.files.get(str(path)) if head else None
    if kept is None:
        return None
    origin, left = host.store.images(kept.origin, kept.after)
    return Past(layers.text(origin), layers.text(left))


def _require_rights(host: Host, path: Path, wanted: str) -> None:
    user = host.rights(path)
    with host.store.disk.acting_as(user):
        if _writable(path):
            return
    root = host.machine.root_user and host.root is None
    who = f"the user {user.uid}, whose place it is" if user else "root" if root else "this user"
    # Whether sudo would do it can't be known; it is what a person would try.
    hint = f"findmnt -T {path} says if it is mounted read-only" if root else f"sudo mirrorcfg use {wanted}"
    hint = f"look whose it is: namei -lo {path}" if user else hint
    what = f"{path} can't be written by {who}."
    raise _Skip(PermissionDeniedError("needs-rights", what, path=str(path), hint=hint))


def _writable(path: Path) -> bool:
    """May this user replace the file, or write it in place? Where none is, the nearest folder says."""
    effective = os.access in os.supports_effective_ids
    if os.access(path, os.W_OK, effective_ids=effective):
        return True
    folder = path.resolve().parent
    while not os.access(folder, os.F_OK, effective_ids=effective) and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=effective)
