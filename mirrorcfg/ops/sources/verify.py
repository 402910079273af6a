"""`verify`: are the sources good; and the proof that `use` wants before it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from mirrorcfg import writers
from mirrorcfg.errors import Exit, MirrorcfgError, NotInEffectError
from mirrorcfg.host import Host
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.model.verdict import Phases, Probe, Verdict
from mirrorcfg.ops.sources import asking, indexes, lists
from mirrorcfg.sentence import sentence

Progress = Callable[[Verdict, int], None]
"""Told each verdict as it comes, and how many there will be."""


class Judged(NamedTuple):
    """A source and its verdict; times are milliseconds."""

    profile: str | None
    tool: str
    role: str
    url: str
    ok: bool
    code: str
    level: int
    final_url: str | None
    message: str
    hint: str | None
    ms: float
    phases: Phases
    certificate_days: int | None
    fetched: Sequence[str]
    files_from: str | None
    warnings: Sequence[str]

    @classmethod
    def of(cls, verdict: Verdict) -> Judged:
        """What may be told of a verdict, without what was sent to get it."""
        probe = verdict.probe
        about = (verdict.ok, verdict.code, verdict.level, verdict.final_url, verdict.message, verdict.hint)
        more = (verdict.phases, verdict.certificate_days, verdict.fetched)
        return cls(
            probe.profile,
            probe.tool,
            probe.role,
            probe.url,
            *about,
            round(verdict.ms, 1),
            *more,
            verdict.files_from,
            verdict.warnings,
        )


class Sources(NamedTuple):
    """Those that were asked."""

    sources: Sequence[Judged]


class Depth(NamedTuple):
    """How deep to ask, and for how many seconds at most all of it may take."""

    level: int = 3
    timeout: float = 10.0


def verify(
    host: Host,
    profiles: Sequence[str],
    only: Sequence[str],
    depth: Depth,
    progress: Progress | None = None,
    image: str | None = None,
) -> Result[Sources]:
    """Ask the sources of these profiles, or without one those that are in effect now.

    With an `image` only mirrors of its registry are asked, and for that one.
    """
    for tool in only:
        writers.known(tool)
    probes: list[Probe] = []
    for name in profiles:
        probes += asking.of_profile(host, host.profiles.load(name), only)
    if not profiles:
        probes = asking.in_effect(host, only)
    if image is not None:
        probes = indexes.asked_for(probes, image)
    if depth.level > 1 and any(probe.files is not None for probe in probes):
        from mirrorcfg.host import assets

        probes = assets.told(host, probes)
    verdicts = ask(probes, depth, progress)
    good = all(verdict.ok for verdict in lists.counted(verdicts))
    over = lists.passed_over(verdicts)
    findings = over if probes else [Finding("no-sources", "There is no source to verify.", "mirrorcfg ls")]
    data = Sources([Judged.of(verdict) for verdict in verdicts])
    if good:
        return Result("verify", data, "partial" if over else "ok", findings=findings)
    return Result("verify", data, "failed", Exit.NOT_IN_EFFECT, findings)


def require(
    host: Host, probes: Sequence[Probe], depth: Depth, domains: Mapping[str, str | None]
) -> list[Verdict]:
    """Ask; raises NotInEffectError for the first source that fails, its hint a profile that works.

    `domains` are the failure domains of the probes' profiles, which need not be any that a name stands for.
    """
    verdicts = ask(probes, depth)
    bad = next((verdict for verdict in lists.counted(verdicts) if not verdict.ok), None)
    if bad is None:
        return verdicts
    probe = bad.probe
    other = _working(host, probe, domains.get(str(probe.profile)), depth)
    instead = (
        sentence("mirrorcfg use {other} --tool {tool} works; or", other=other, tool=probe.tool)
        if other
        else bad.hint or "mirrorcfg verify"
    )
    raise refused(
        bad, sentence("{instead} --no-verify writes it all the same", instead=instead) if other else instead
    )


def refused(verdict: Verdict, hint: str | None) -> NotInEffectError:
    """The error that a source's verdict is to whoever wanted to write its address."""
    probe = verdict.probe
    what = sentence(
        "{profile}'s {role} for {tool} is no good: {message} Nothing was changed.",
        profile=probe.profile,
        role=probe.role,
        tool=probe.tool,
        message=verdict.message,
    )
    return NotInEffectError(verdict.code, what, path=probe.url, hint=hint)


def ask(probes: Sequence[Probe], depth: Depth, progress: Progress | None = None) -> list[Verdict]:
    """Ask all at once."""
    from mirrorcfg.verifier import verify as run

    tell = None if progress is None else lambda verdict: progress(verdict, len(probes))
    return run(probes, level=depth.level, timeout=depth.timeout, on_verdict=tell)


def _working(host: Host, failed: Probe, domain: str | None, depth: Depth) -> str | None:
    """A profile whose source for the same tool passes, not one that goes down with the one that failed."""
    probes: list[Probe] = []
    for listed in host.profiles.every():
        profile = listed.profile
        if profile is not None and not profile.needs and profile.failure_domain != domain:
            with suppress(MirrorcfgError):  # what is wrong with another one is no news of this one
                probes += asking.of_profile(host, profile, [failed.tool], told=False)
    verdicts = lists.counted(ask(probes, depth))
    bad = {verdict.probe.profile for verdict in verdicts if verdict.code != "ok"}
    return next((str(v.probe.profile) for v in verdicts if v.probe.profile not in bad), None)
