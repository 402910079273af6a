"""`env`: a profile as variables, for a shell, a CI job or one command; no file is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from mirrorcfg import writers
from mirrorcfg.errors import MirrorcfgError, NotInEffectError, UsageError
from mirrorcfg.formats import shell
from mirrorcfg.host import Host, official, tools
from mirrorcfg.host.layers import layers_of
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.model.settings import Settings
from mirrorcfg.ops.shelf import provenance
from mirrorcfg.ops.shelf.taken import taken
from mirrorcfg.redact import redact
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import pasted


class Variables(NamedTuple):
    """A profile's variables (None: must not be set), and the lines that set them in a shell's language."""

    profile: str
    shell: str
    variables: Mapping[str, str | None]
    lines: Sequence[str]


def env(
    host: Host,
    name: str,
    only: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    language: str | None = None,
    *,
    unset: bool = False,
) -> Result[Variables]:
    """What sets a profile's variables, or with `unset` takes them away, in the language of a shell.

    Every tool that the profile serves is meant, whether it is here or not: a variable does no harm. Raises
    UsageError for an unknown language or a tool without variables, FormatError for a value that the
    language can't hold, NotInEffectError where there is none.
    """
    language = _known(language) if language else _guessed(host)
    profile = host.profiles.load(name, variables)
    found: dict[str, str | None] = {}
    findings: list[Finding] = []
    deaf = []
    for tool in [writers.known(tool) for tool in only] or writers.names():
        settings = wanted(host, profile, tool)
        if settings is None:
            if only:
                raise _nothing(profile, tool)
            continue
        told = writers.writer(tool).environment(settings)
        if told:
            found |= told
            findings += left_out(host, profile.name, tool, settings)
        elif only:
            raise UsageError(
                "no-variables",
                sentence("{tool} can't be told of a mirror by variables.", tool=tool),
                hint=pasted("use", name, "--tool", tool),
            )
        elif layers_of(host, tool).present:
            deaf.append(tool)
    if not found:
        what = sentence("{name} has nothing that a variable could say.", name=profile.name)
        raise NotInEffectError("nothing-to-set", what, hint=f"mirrorcfg use {name}")
    if deaf:
        names = ", ".join(deaf)
        what = sentence("{tools}: no variable names a mirror, so nothing changes there.", tools=names)
        named = [word for tool in deaf for word in ("--tool", tool)]
        findings.append(Finding("no-variables", what, pasted("use", name, *named)))
    if unset:
        found = dict.fromkeys(found)
    elif shell.LANGUAGES[language][1] is None:
        lost = [name for name, value in found.items() if value is None]
        found = {name: value for name, value in found.items() if value is not None}
        findings += _still_set(host, language, lost)
    lines = shell.assignments(language, found)
    if any(redact(line) != line for line in lines):
        what = sentence(
            "What {name} says looks like a credential, and those are never printed.", name=profile.name
        )
        raise MirrorcfgError("secret", what, hint=pasted("run", "--chain", name, "--", "COMMAND"))
    findings += [*provenance.amiss(host, [name]), *taken(profile)]
    return Result("env", Variables(profile.name, language, found, lines), findings=findings)


def wanted(host: Host, profile: Profile, tool: str) -> Settings | None:
    """What the tool shall use, its own default asked of it; None where the profile has nothing for it."""
    offer = tools.offer(profile, tool)
    if offer is None or offer.unavailable is not None:
        return None
    return official.asked(host, tool) if offer.default else tools.settings(profile, tool, offer)


def left_out(host: Host, profile: str, tool: str, settings: Settings) -> list[Finding]:
    """What the tool, if it is here, would use otherwise than the profile says in spite of the variables."""
    variables = writers.writer(tool).environment(settings)
    machine = host.machine._replace(environ=steered(host.environ, variables))
    layers = layers_of(replace(host, machine=machine), tool)
    if not layers.present:
        return []
    shadows = layers.differences(settings)
    if not shadows:
        return []
    keys = ", ".join(shadow.key for shadow in shadows)
    others = dict.fromkeys(
        layer.label for shadow in shadows for layer in shadow.layers if layer.variable not in variables
    )
    facts = {"tool": tool, "keys": keys, "profile": profile, "places": ", ".join(others)}
    what = sentence("{tool}'s {keys} can't be all of what {profile} says by variables.", **facts)
    if others:
        what = sentence(
            "{tool}'s {keys} can't be all of what {profile} says by variables; see {places}.", **facts
        )
    return [Finding("not-by-variables", what, pasted("use", profile, "--tool", tool), tool)]


def steered(environ: Mapping[str, str], variables: shell.Variables) -> dict[str, str]:
    """An environment with these variables set, and those that are None taken away."""
    merged = {**environ, **variables}
    return {name: value for name, value in merged.items() if value is not None}


def _still_set(host: Host, language: str, names: Sequence[str]) -> list[Finding]:
    """A note where the language would have to take away what is set here."""
    there = ", ".join(name for name in names if name in host.environ)
    what = sentence(
        "{language} can't take variables away, and {names} must not be set.", language=language, names=there
    )
    return [Finding("not-unset", what)] if there else []


def _known(language: str) -> str:
    if language in shell.LANGUAGES:
        return language
    what = sentence("There is no shell called {name}.", name=language)
    hint = sentence("{names}; zsh and sh read what is for bash", names=", ".join(shell.LANGUAGES))
    raise UsageError("unknown-shell", what, hint=hint)


def _guessed(host: Host) -> str:
    """The caller's shell by $SHELL; on Windows, where there is none, PowerShell."""
    name = host.environ.get("SHELL", "").rpartition("/")[2]
    if name in shell.LANGUAGES:
        return name
    return "pwsh" if host.machine.platform == "win32" and not name else "bash"


def _nothing(profile: Profile, tool: str) -> MirrorcfgError:
    return MirrorcfgError(
        "tool-not-in-profile",
        sentence("The profile {name} has no source for {tool}.", name=profile.name, tool=tool),
        hint="mirrorcfg ls",
    )
