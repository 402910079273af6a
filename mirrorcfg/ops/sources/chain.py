"""What may take the place of what: for each tool what it uses now, and those that could follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mirrorcfg import writers
from mirrorcfg.errors import ProfileError
from mirrorcfg.failover import Candidate, Chain, Track, resumed
from mirrorcfg.host import Host, tools
from mirrorcfg.host.claim import Claim, set_here
from mirrorcfg.host.layers import layers_of
from mirrorcfg.model.machine import Scope
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.verdict import Probe
from mirrorcfg.ops.sources import asking

_CONTROL_POINTS = 8


class Subject(NamedTuple):
    """One tool whose source is looked at: what is remembered of it, and what could be used in its place."""

    tool: str
    track: Track
    chain: Chain
    scope: Scope | None = None  # whose file a switch changes
    key: str = ""  # what its track is kept by


def subjects(
    host: Host, tracks: Mapping[str, Track], names: Sequence[str] = (), only: Sequence[str] = ()
) -> list[Subject]:
    """The tools that are meant: those named, else those that mirrorcfg has switched here, else all there are.

    What is looked at, and would be written, is the file that counts here.

    The chain is `names`, or else what the profile in use suggests. Raises ProfileError for a profile of
    the chain that isn't there, UsageError for a tool.
    """
    head = host.store.head()
    ours = set_here(host, head)
    homes = (track.home for track in tracks.values() if track.home is not None)
    used = frozenset(
        {*(head.tools.values() if head else ()), *(each.profile for each in ours.values()), *homes}
    )
    for name in names:
        _profile(host, name, used)
    meant = only or tuple(ours) or writers.names()
    here = [tool for tool in meant if only or layers_of(host, writers.known(tool)).present]
    return [_subject(host, writers.known(tool), tracks, names, used, ours.get(tool)) for tool in here]


def suggested(host: Host, using: str) -> tuple[str, ...]:
    """The chain of a profile that is in use: itself, and those that it suggests to go on with."""
    return (using, *_profile(host, using, frozenset({using})).failover)


def probes(host: Host, subject: Subject, name: str) -> list[Probe]:
    """What to ask of one profile of a chain; the empty name is a source of no profile's, which is in use.

    Of what is in use the files are believed, and not what the profile says by now.
    """
    if name == (subject.track.using or ""):
        return asking.of_layers(host, layers_of(host, subject.tool, subject.scope), name or None)
    try:
        return asking.of_profile(host, host.profiles.load(name), [subject.tool], told=False)
    except ProfileError:  # what was in use once, and can't be by its name alone any more
        return []


def control_points(host: Host, found: Iterable[Subject]) -> list[Probe]:
    """Sources that don't go down with any of the chains: when one of them answers, the network is up."""

    domains = {candidate.domain for subject in found for candidate in subject.chain}
    points: dict[str, Probe] = {}
    for entry in host.profiles.every():
        profile = entry.profile
        if profile is None or profile.needs or profile.failure_domain in domains:
            continue
        named = [tool for tool, offer in profile.offers.items() if offer.settings]
        for probe in asking.of_profile(host, profile, named):
            if not local(probe.url):
                points.setdefault(str(profile.failure_domain), probe)
    return list(points.values())[:_CONTROL_POINTS]


def local(url: str) -> bool:
    """Is it on this machine's own disk?"""
    return "://" not in url or url.startswith("file:")


def _subject(
    host: Host,
    tool: str,
    tracks: Mapping[str, Track],
    names: Sequence[str],
    used: frozenset[str],
    found: Claim | None,
) -> Subject:
    # Of an environment it is remembered by itself: it has a source of its own, beside the user's.
    key = f"{tool} {found.path}" if found is not None and found.scope == "venv" else tool
    # Where the user has set something else since, it is no profile's.
    using = None if found is None or found.drifted else found.profile
    track = resumed(tracks.get(key), using)
    own = [name for name in (track.home, track.using) if name is not None]
    if not names and own:
        names = suggested(host, own[0])
    chain: dict[str, Profile] = {}
    for name in [*names, *own]:  # which may be aliases
        profile = _profile(host, name, used)
        chain.setdefault(profile.name, profile)
    candidates = tuple(_candidate(tool, profile) for profile in chain.values())
    natural = found is None or layers_of(host, tool).file == found.path
    return Subject(tool, track, candidates, None if natural or found is None else found.scope, key)


def _profile(host: Host, name: str, used: frozenset[str]) -> Profile:
    """A profile, ready to be used; one that is or was in use may lack what `--set` gave it then."""
    try:
        return host.profiles.load(name)
    except ProfileError:
        if name not in used:
            raise
    try:
        return host.profiles.template(name)
    except ProfileError:
        return Profile(name, {}, "", "", failure_domain=name)


def _candidate(tool: str, profile: Profile) -> Candidate:
    offer = tools.offer(profile, tool)
    sources = writers.writer(tool).sources(offer.settings) if offer is not None else ()
    disk = bool(sources) and all(local(source.url) for source in sources)
    return Candidate(profile.name, str(profile.failure_domain), disk)
