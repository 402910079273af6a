"""From profiles and files to a plan: what would change for each tool, and what is left as it is and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mirrorcfg import writers
from mirrorcfg.errors import (
    CannotSayError,
    MirrorcfgError,
    NotInEffectError,
    PermissionDeniedError,
    UsageError,
    no_home,
)
from mirrorcfg.host import Host, activate, tools
from mirrorcfg.host.caller import NOWHERE
from mirrorcfg.host.claim import claim_of
from mirrorcfg.host.layers import ToolLayers, layers_of
from mirrorcfg.model.generation import Generation
from mirrorcfg.model.machine import Scope
from mirrorcfg.model.plan import Change, Plan
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.result import Finding, named
from mirrorcfg.ops.shelf import provenance
from mirrorcfg.ops.switch import editing
from mirrorcfg.ops.switch.editing import Step
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import pasted


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
    main, loaded = meant(host, request)
    if unattended:
        provenance.require(host, request.profiles)
    head = host.store.head()
    steps = []
    for tool in _candidates(request):
        profile = loaded[request.overrides[tool]] if tool in request.overrides else main
        if (step := _guarded(host, request, tool, profile, head)) is not None:
            steps.append(step)
    _require_something(request, main, steps)
    return steps, Plan(tuple(change for step in steps for change in step.changes))


def meant(host: Host, request: Request) -> tuple[Profile, Mapping[str, Profile]]:
    """The profile, and those of single tools by name; each gets the variables that it has."""
    names, given = set(request.overrides.values()), request.variables
    taken = {name: host.profiles.taken(name, given) for name in (request.profile, *names)}
    theirs = {variable for name in names for variable in taken[name]}
    # What none of them has is the main one's to complain of.
    mine = {
        each: value for each, value in given.items() if each in taken[request.profile] or each not in theirs
    }
    loaded = {name: host.profiles.load(name, taken[name]) for name in names}
    return host.profiles.load(request.profile, mine), loaded


def _require_something(request: Request, profile: Profile, steps: Sequence[Step]) -> None:
    """Raises NotInEffectError where no tool is here, and UsageError where none has a file in that scope."""
    if not steps:
        what = sentence("None of the tools that {name} speaks of is here.", name=profile.name)
        offered = ",".join(tool for tool, offer in profile.offers.items() if offer.settings)
        hint = pasted("use", profile.called, "--tool", offered) if offered else "mirrorcfg ls"
        raise NotInEffectError("no-tools", what, hint=hint)
    codes = {step.skipped.code if step.skipped else None for step in steps}
    if request.scope == "venv" and "no-such-scope" in codes and codes <= {"no-such-scope", "unavailable"}:
        what = "No virtual environment is active here, so nothing could be changed in one."
        raise UsageError("no-such-scope", what, hint="source .venv/bin/activate")


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
    except CannotSayError as error:
        if tool in request.named:
            raise
        return _skipped(tool, profile, error)


def _skipped(tool: str, profile: Profile, error: MirrorcfgError) -> Step:
    return Step(tool, profile.name, skipped=Finding.of(error, tool))


def _step(host: Host, request: Request, tool: str, profile: Profile, head: Generation | None) -> Step | None:
    offer = tools.offer(profile, tool)
    if offer is None:
        if tool not in request.named:
            return None
        raise MirrorcfgError(
            "tool-not-in-profile",
            sentence("The profile {name} says nothing about {tool}.", name=profile.name, tool=tool),
            hint=sentence(
                "take another profile for it: --with {tool}=NAME (mirrorcfg ls shows who has it)", tool=tool
            ),
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
        raise _Skip(_without_file(layers, profile, request.scope))
    _require_rights(host, path, "use", profile.called, "--tool", tool)
    settings = tools.settings(profile, tool, offer)
    layers.require()  # whatever is written
    step = editing.edited(
        host, layers, target, path, profile.name, settings, head,
        default=offer.default, named=tool in request.named,
    )  # fmt: skip
    for change in step.changes:
        activate.sayable(host.store, change)
    others = tuple(editing.giving_way(host, layers, path, settings, head, default=offer.default))
    trusted = _certificates(host, request, tool, profile, head)
    for change in (*step.changes[1:], *trusted):
        _require_rights(host, change.path, "use", profile.called, "--tool", tool)
    after = step.layers and step.layers.having({change.path: change.after for change in others})
    if after is not None:
        after.require()  # what the tool itself would stop at is known before anything is written
    return step._replace(
        layers=after,
        changes=(*step.changes, *others, *trusted),
        domain=profile.failure_domain,
        named=profile.called,
        failover=profile.failover,
        untold=None if offer.default else tools.untold(profile, tool),
    )


def _without_file(layers: ToolLayers, profile: Profile, scope: Scope | None) -> MirrorcfgError:
    """Why there is none to write."""
    beyond = next((layer.beyond for layer in layers.layers if layer.beyond), None)
    if beyond is None:
        tool, scope = layers.tool, scope or "user"
        what = sentence("{tool} has no file in the scope {scope} here.", tool=tool, scope=scope)
        if scope == "venv":
            return UsageError(
                "no-such-scope", what, hint="activate an environment first, or leave --scope out"
            )
        return MirrorcfgError("no-such-scope", what)
    return NotInEffectError(beyond.code, beyond.message, hint=named(beyond.hint, profile.called))


def _unavailable(
    host: Host, request: Request, layers: ToolLayers, profile: Profile, why: str, head: Generation | None
) -> Step:
    """The tool is left as it is, save that it shall trust the registries that `image` names."""
    tool = layers.tool
    error = MirrorcfgError(
        "unavailable",
        sentence("{name} has no source for {tool}: {why}", name=profile.name, tool=tool, why=why),
        path=str(layers.file) if layers.file else None,
        hint=sentence(
            "take another profile for it: --with {tool}=NAME (mirrorcfg ls shows who has it)", tool=tool
        ),
    )
    if tool in request.named:
        raise error
    # it stays with that profile, whose CA it needs
    leave = head is not None and claim_of(host, tool, head) is not None
    trusted = _certificates(host, request, tool, profile, head, leave=leave)
    for change in trusted:
        _require_rights(host, change.path, "use", profile.called)
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


def _require_rights(host: Host, path: Path, *wanted: str) -> None:
    if path.is_relative_to(NOWHERE):
        raise _Skip(no_home())
    user = host.rights(path)
    with host.store.disk.acting_as(user):
        if editing.is_writable(path):
            return
    root = host.machine.root_user and host.root is None
    who = (
        sentence("the user {uid}, whose place it is", uid=user.uid)
        if user
        else "root"
        if root
        else "this user"
    )
    # Whether sudo would do it can't be known; it is what a person would try.
    hint = (
        sentence("findmnt -T {path} says if it is mounted read-only", path=path)
        if host.is_root
        else pasted(*wanted, sudo=True)
    )
    hint = sentence("look whose it is: namei -lo {path}", path=path) if user else hint
    what = sentence("{path} can't be written by {who}.", path=path, who=who)
    raise _Skip(PermissionDeniedError("needs-rights", what, path=str(path), hint=hint))
