"""`verify`: are the sources good; and the proof that `use` wants before it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from mirrorcfg import writers
from mirrorcfg.errors import CannotSayError, Exit, FormatError, MirrorcfgError, NotInEffectError
from mirrorcfg.files import faults
from mirrorcfg.host import Host, clients, credentials, official, tools
from mirrorcfg.host.layers import ToolLayers, layers_of
from mirrorcfg.model.client import Client
from mirrorcfg.model.layer import Source
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.model.settings import Settings
from mirrorcfg.model.verdict import Phases, Probe, Verdict
from mirrorcfg.ops.sources import indexes, lists

_CERTS = (".crt", ".cert", ".key")
_TRUST = ("ca-file", "system-store")

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
        probes += of_profile(host, host.profiles.load(name), only)
    if not profiles:
        probes = in_effect(host, only)
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
        f"mirrorcfg use {other} --tool {probe.tool} works; or" if other else bad.hint or "mirrorcfg verify"
    )
    raise refused(bad, f"{instead} --no-verify writes it all the same" if other else instead)


def refused(verdict: Verdict, hint: str | None) -> NotInEffectError:
    """The error that a source's verdict is to whoever wanted to write its address."""
    probe = verdict.probe
    what = (
        f"{probe.profile}'s {probe.role} for {probe.tool} is no good: {verdict.message} Nothing was changed."
    )
    return NotInEffectError(verdict.code, what, path=probe.url, hint=hint)


def ask(probes: Sequence[Probe], depth: Depth, progress: Progress | None = None) -> list[Verdict]:
    """Ask all at once."""
    from mirrorcfg.verifier import verify as run

    tell = None if progress is None else lambda verdict: progress(verdict, len(probes))
    return run(probes, level=depth.level, timeout=depth.timeout, on_verdict=tell)


def of_profile(host: Host, profile: Profile, only: Sequence[str] = (), *, told: bool = True) -> list[Probe]:
    """Every source of a profile, for the tools in `only`, or for all that it serves.

    A tool that can't be `told` of the profile's CA is taken to trust it: it is the source that is judged.
    """
    probes: list[Probe] = []
    for tool in only or writers.names():
        offer = tools.offer(profile, tool)
        if offer is None or offer.unavailable is not None:
            continue
        settings = official.asked(host, tool) if offer.default else tools.settings(profile, tool, offer)
        found = of_settings(host, tool, settings, profile.name)
        probes += trusting(found, tools.untold(profile, tool) if told and not offer.default else None)
    return probes


def trusting(probes: Sequence[Probe], ca_file: str | None) -> list[Probe]:
    """The same with a CA trusted that the tool can't be told of: what it makes of that is said elsewhere."""
    return list(probes) if ca_file is None else [replace(each, ca_file=ca_file) for each in probes]


def in_effect(host: Host, only: Sequence[str] = ()) -> list[Probe]:
    """Every source that a tool which is here would ask now."""
    probes: list[Probe] = []
    for tool in only or writers.names():
        layers = layers_of(host, tool)
        if only or layers.present:
            head = host.store.head()
            first = [each.source for each in layers.effective.first]
            settings, client = layers.effective.settings, clients.client(host, tool, layers)
            probes += _probes(host, first, settings, None, client)
            probes += of_layers(host, layers, head.tools.get(tool) if head else None)
    return probes


def of_layers(host: Host, layers: ToolLayers, profile: str | None) -> list[Probe]:
    """What the tool asks with these layers, or by its default; not what it alone knows the address of."""
    effective, client = layers.effective, clients.client(host, layers.tool, layers)
    if effective.asked is not None:
        sources = [each.source for each in effective.asked if "://" in each.source.url]
        if sources or not any("://" not in each.source.url for each in effective.asked):
            return list(_probes(host, sources, effective.settings, profile, client))
    elif layers.writer.sources(effective.settings):
        return of_settings(host, layers.tool, effective.settings, profile, layers)
    return of_settings(host, layers.tool, official.asked(host, layers.tool), profile, layers)


def of_switch(host: Host, layers: ToolLayers, settings: Settings, profile: str) -> list[Probe]:
    """What a switch has to answer for: the profile's sources, and what the tool will ask below them."""
    client, named = clients.client(host, layers.tool, layers), layers.writer.sources(settings)
    asked = layers.effective.asked
    if asked is None or not settings:
        return list(_probes(host, named, settings, profile, client))
    beside = layers.beside(settings)
    ours = [each.source for each in asked if each not in beside and "://" in each.source.url]
    # An alias is where channels are, and no channel: those below it that are asked are.
    more = [each for each in named if not any(_beneath(mine.url, each.url) for mine in ours)]
    return list(_probes(host, [*ours, *more], settings, profile, client))


def _beneath(url: str, above: str) -> bool:
    return f"{url.rstrip('/')}/".startswith(f"{above.rstrip('/')}/")


def of_settings(
    host: Host, tool: str, settings: Settings, profile: str | None, layers: ToolLayers | None = None
) -> list[Probe]:
    """The probes for one tool's settings, as its client would ask with these layers.

    Without any it is asked with those of now, and where `settings` say whom to trust with these as well.
    """
    sources = writers.writer(tool).sources(settings)
    if layers is None and any(key in settings for key in _TRUST):
        layers = _switched(layers_of(host, tool), settings)
    return list(_probes(host, sources, settings, profile, clients.client(host, tool, layers)))


def _switched(layers: ToolLayers, settings: Settings) -> ToolLayers:
    """These with `settings` in the file that a switch would write; as they are where that can't be done."""
    if layers.file is None:
        return layers
    with suppress(FormatError, CannotSayError):
        before = layers.contents[layers.file]
        return layers.with_target(layers.raw(layers.writer.edit(layers.text(before), settings), before))
    return layers


def _probes(
    host: Host, sources: Iterable[Source], settings: Settings, profile: str | None, client: Client
) -> Iterable[Probe]:
    sources, folders = tuple(sources), writers.writer(client.tool).TOOL.folders
    judged = indexes.judged(host, client, settings, profile, sources)
    only = len([each for each in sources if each.role not in folders]) == 1
    for source in sources:
        url, authorization = credentials.split(host, client, source.url)
        ca_file, certs = _trusted(host, client, urlsplit(url).netloc, settings)
        files = () if source.role in folders else None
        if files is None or not url.startswith("file:"):
            given = (client, source.role, _on_disk(host, url), profile, ca_file, authorization, files)
            yield Probe(*given, *judged(source), only, source.registry, source.resolves, certs)


def _trusted(
    host: Host, client: Client, place: str, settings: Settings
) -> tuple[str | None, tuple[str, ...]]:
    """The CA that a profile has for a host, and what is in the client's folder for it."""
    if client.manner != "go":
        return None, ()
    named, machine = settings.get("ca-file"), host.machine
    folders = (machine.path(each) / (client.filed or place) for each in client.by_host)
    folder = next((each for each in folders if machine.is_dir(each)), None)
    found = [folder / name for name in machine.names(folder) if name.endswith(_CERTS)] if folder else []
    there = (_there(host, str(each)) for each in found)
    return (_there(host, named) if isinstance(named, str) else None), tuple(str(each) for each in there)


def _on_disk(host: Host, url: str) -> str:
    """A folder that an image's settings name is looked for in the image, too."""
    if host.root is None or ("://" in url and not url.startswith("file:")):
        return url
    path = unquote(urlsplit(url).path) if url.startswith("file:") else url
    return str(_inside(host, path))


def _there(host: Host, ca_file: str) -> str:
    """A CA that stands in an image's settings is looked for in the image."""
    return ca_file if host.root is None else str(_inside(host, ca_file))


def _inside(host: Host, path: str) -> PurePath:
    """Where a path of the image's leads, without leaving it. Raises MirrorcfgError."""
    with faults.about(path):
        return host.inside(PurePath(path))


def _working(host: Host, failed: Probe, domain: str | None, depth: Depth) -> str | None:
    """A profile whose source for the same tool passes, not one that goes down with the one that failed."""
    probes: list[Probe] = []
    for listed in host.profiles.every():
        profile = listed.profile
        if profile is not None and not profile.needs and profile.failure_domain != domain:
            with suppress(MirrorcfgError):  # what is wrong with another one is no news of this one
                probes += of_profile(host, profile, [failed.tool], told=False)
    verdicts = lists.counted(ask(probes, depth))
    bad = {verdict.probe.profile for verdict in verdicts if verdict.code != "ok"}
    return next((str(v.probe.profile) for v in verdicts if v.probe.profile not in bad), None)
