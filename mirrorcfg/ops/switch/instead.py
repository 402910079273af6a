"""What to do in the place of a `use` that failed: profiles that were asked, and one command for it all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from mirrorcfg import writers
from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.host import Host, tools
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.verdict import Probe, Verdict
from mirrorcfg.ops.sources import asking, lists
from mirrorcfg.ops.sources.verify import Depth, ask
from mirrorcfg.ops.switch.editing import Step
from mirrorcfg.ops.switch.planning import Request
from mirrorcfg.wording import pasted


def mended(
    host: Host, request: Request, steps: Sequence[Step], failed: Sequence[Verdict], depth: Depth
) -> str | None:
    """The command that does what was asked for, with profiles that work where sources `failed`.

    A tool that nothing works for is left out, but one that was named must be served. None: nothing does it.
    """
    steps = [step for step in steps if step.serves]
    bad = {verdict.probe.tool for verdict in failed}
    others = _working(host, [step for step in steps if step.tool in bad], depth)
    kept = [step.tool for step in steps if step.tool not in bad or step.tool in others]
    if not kept or (bad - set(others)) & set(request.named):
        return None
    only = [] if len(kept) == len(steps) else kept
    if set(others) == set(kept) and len(set(others.values())) == 1:
        return _whole(host, request, next(iter(others.values())), kept, only)
    overrides = {tool: name for tool, name in request.overrides.items() if tool in kept} | others
    switched = [word for tool, name in overrides.items() for word in ("--with", f"{tool}={name}")]
    return pasted("use", request.profile, *switched, *_named(only))


def _whole(host: Host, request: Request, other: str, kept: Sequence[str], only: Sequence[str]) -> str:
    """The same by one other profile; tools that only that one serves were not asked for."""
    meant = _served(host.profiles.load(request.profile, request.variables))
    more = _served(host.profiles.load(other)) - meant - set(kept)
    return pasted("use", other, *_named(kept if more and not request.tools else only))


def _named(kept: Collection[str]) -> list[str]:
    return [word for tool in kept for word in ("--tool", tool)]


def _served(profile: Profile) -> set[str]:
    offers = {tool: tools.offer(profile, tool) for tool in writers.names()}
    return {tool for tool, offer in offers.items() if offer is not None and offer.unavailable is None}


def _working(host: Host, steps: Sequence[Step], depth: Depth) -> dict[str, str]:
    """For each of these tools the first profile that passes, in the order in which one would go on."""
    orders = {step.tool: list(dict.fromkeys(_candidates(host, step))) for step in steps}
    asked: dict[tuple[str, str], list[Probe]] = {}
    for tool, order in orders.items():
        for name in order:
            with suppress(MirrorcfgError):  # what is wrong with another one is no news of this one
                asked[tool, name] = asking.of_profile(host, host.profiles.load(name), [tool], told=False)
    probes = [probe for each in asked.values() for probe in each]
    verdicts = iter(ask(probes, depth, host.progress, "Looking for a profile that works"))
    passed = {key for key, each in asked.items() if each and _passes([next(verdicts) for _ in each])}
    found = {
        tool: next((name for name in order if (tool, name) in passed), None) for tool, order in orders.items()
    }
    return {tool: name for tool, name in found.items() if name is not None}


def _candidates(host: Host, step: Step) -> Iterator[str]:
    """The profile's own chain, the configuration's, and any other that doesn't go down with the profile."""
    chain = () if host.configuration.findings else host.config.chain
    yield from (name for name in (*step.failover, *chain) if name != step.profile)
    for entry in host.profiles.every():
        profile = entry.profile
        if profile is not None and not profile.needs and profile.failure_domain != step.domain:
            yield profile.name


def _passes(verdicts: Sequence[Verdict]) -> bool:
    return all(verdict.code == "ok" for verdict in lists.counted(verdicts))
