"""`verify`: are the sources good; and the proof that `use` wants before it writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from typing import NamedTuple

from mirrorcfg import writers
from mirrorcfg.errors import Exit, MirrorcfgError, NotInEffectError
from mirrorcfg.host import Host
from mirrorcfg.host.layers import layers_of
from mirrorcfg.model.progress import SILENT, Progress
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.model.verdict import Phases, Probe, Verdict
from mirrorcfg.ops.sources import asking, indexes, lists
from mirrorcfg.sentence import sentence


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

    @property
    def host(self) -> str:
        """Who is asked, with the port; the folder where it is one."""
        return self.url.partition("://")[2].partition("/")[0] or self.url

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
    """Those that were asked; `absent` are the tools that weren't asked for, as they aren't here."""

    sources: Sequence[Judged]
    absent: Sequence[str] = ()

    @property
    def dark(self) -> bool:
        """Could no name be found and nobody be reached, so that it must be our own network?"""
        far = [each for each in self.sources if each.url.startswith("https:")]
        hosts = {each.host for each in far}
        return len(hosts) > 1 and all(each.code in _DARK and not each.level for each in far)

    @property
    def worst(self) -> list[Judged]:
        """Those that aren't well, the heaviest first: one for each thing that is to be said."""
        kinds = Counter(each.message for each in self.sources)
        amiss = [each for each in self.sources if each.code != "ok"]
        found: dict[str, Judged] = {}
        for each in sorted(amiss, key=lambda each: (weight(each.code), -kinds[each.message])):
            found.setdefault(each.message, each)
        return list(found.values())


_DARK = ("dns-failure", "dns-timeout", "unreachable")


def weight(code: str) -> int:
    """Which trouble is told first: what is this machine's own explains the rest; what may pass comes last."""
    from mirrorcfg.verifier import CODES, Kind

    return (Kind.OURS, Kind.HARD, Kind.SOFT, Kind.UNTRIED, Kind.NOTE, Kind.OK).index(CODES[code].kind)


class Depth(NamedTuple):
    """How deep to ask, and for how many seconds at most all of it may take."""

    level: int = 3
    timeout: float = 10.0


def verify(
    host: Host,
    profiles: Sequence[str],
    only: Sequence[str],
    depth: Depth,
    image: str | None = None,
    *,
    every: bool = False,
) -> Result[Sources]:
    """Ask the sources of these profiles, or without one those that are in effect now.

    Of a profile those of the tools that are here, or of `every` tool; if none of them is here, of all.
    With an `image` only mirrors of its registry are asked, and for that one.
    """
    for tool in only:
        writers.known(tool)
    probes: list[Probe] = []
    for name in profiles:
        probes += asking.of_profile(host, host.profiles.load(name), only)
    absent = [] if only or every else _absent(host, {probe.tool for probe in probes})
    probes = [probe for probe in probes if probe.tool not in absent]
    if not profiles:
        probes = asking.in_effect(host, only)
    if image is not None:
        probes = indexes.asked_for(probes, image)
    if depth.level > 1 and any(probe.files is not None for probe in probes):
        from mirrorcfg.host import assets

        probes = assets.told(host, probes)
    verdicts = ask(probes, depth, host.progress)
    good = all(verdict.ok for verdict in lists.counted(verdicts))
    over = lists.passed_over(verdicts)
    findings = over if probes else [Finding("no-sources", "There is no source to verify.", "mirrorcfg ls")]
    findings = [*findings, *host.configuration.findings]
    data = Sources([Judged.of(verdict) for verdict in verdicts], absent)
    if data.dark:
        findings = [*findings, _no_network(data)]
    if good and probes:
        return Result("verify", data, "partial" if over else "ok", findings=findings)
    return Result("verify", data, "failed", Exit.NOT_IN_EFFECT, findings)


def _absent(host: Host, served: Set[str]) -> list[str]:
    """Those of these tools that aren't here; none where that would be all of them."""
    absent = []
    for tool in sorted(served):
        with suppress(MirrorcfgError):  # what can't be read is here
            absent += [] if layers_of(host, tool).present else [tool]
    return absent if len(absent) < len(served) else []


def _no_network(data: Sources) -> Finding:
    hosts = {each.host for each in data.sources}
    what = sentence(
        "There is no network, it seems: none of {hosts} hosts could be found or reached.", hosts=len(hosts)
    )
    return Finding("no-network", what, "look at your connection and DNS; HTTPS_PROXY, if there is a proxy")


def require(
    host: Host, probes: Sequence[Probe], depth: Depth, instead: Callable[[Sequence[Verdict]], str | None]
) -> list[Verdict]:
    """Ask; raises NotInEffectError for the source that fails worst.

    Its hint is what to do `instead`, told all that failed; else the source's own.
    """
    verdicts = ask(probes, depth, host.progress)
    failed = _heaviest([verdict for verdict in lists.counted(verdicts) if not verdict.ok])
    if failed:
        raise refused(failed[0], instead(failed) or failed[0].hint or "mirrorcfg verify", failed[1:])
    return verdicts


def _heaviest(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """One for each thing that is wrong, the heaviest first."""
    ordered = sorted(verdicts, key=lambda verdict: weight(verdict.code))
    found: dict[str, Verdict] = {}
    for verdict in ordered:
        found.setdefault(verdict.message, verdict)
    return list(found.values())


def refused(verdict: Verdict, hint: str | None, others: Sequence[Verdict] = ()) -> NotInEffectError:
    """The error that a source's verdict is to whoever wanted to write its address, and those of `others`."""
    probe = verdict.probe
    what = sentence(
        "{profile}'s {role} for {tool} is no good: {message} Nothing was changed.",
        profile=probe.profile,
        role=probe.role,
        tool=probe.tool,
        message=verdict.message,
    )
    error = NotInEffectError(verdict.code, what, path=probe.url, hint=hint)
    error.others = [
        NotInEffectError(each.code, each.message, path=each.probe.url, hint=each.hint) for each in others
    ]
    return error


def ask(
    probes: Sequence[Probe], depth: Depth, progress: Progress = SILENT, what: str = "Asking the sources"
) -> list[Verdict]:
    """Ask all at once; `progress` is told `what` that is."""
    progress.doing(what, len(probes))
    from mirrorcfg.verifier import verify as run

    return run(probes, level=depth.level, timeout=depth.timeout, on_verdict=lambda verdict: progress.came())
