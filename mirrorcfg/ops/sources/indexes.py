"""What a source is judged by: is it a company's own, and what does the profile say that it has?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from mirrorcfg.errors import ProfileError
from mirrorcfg.host import Host, tools
from mirrorcfg.model.client import Client
from mirrorcfg.model.layer import Source
from mirrorcfg.model.settings import Settings
from mirrorcfg.model.verdict import Probe
from mirrorcfg.writers import writer

Judging = Callable[[Source], tuple[bool, str | None]]


def judged(
    host: Host, client: Client, settings: Settings, profile: str | None, sources: Sequence[Source]
) -> Judging:
    """For each source whether it may be a company's own, and what to judge it by, if something is named.

    A public mirror has six and pip: that of a built-in profile, or one on the host of such a profile. Any
    other may have nothing but what its company made. Where the settings are those of files, `profile` still
    says which project it is, of the sources that are the profile's.
    """
    if client.protocol not in ("index", "registry") or not sources:
        return lambda source: (False, None)
    if isinstance(named := settings.get("probe"), str):
        return lambda source: (_own(host, profile, source), named)
    said, mine = _said(host, client.tool, profile)
    return lambda source: (_own(host, profile, source), said if source.url in mine else None)


def asked_for(probes: Sequence[Probe], image: str) -> list[Probe]:
    """Those of mirrors that would be asked for that image, and what to ask them for. Raises UsageError."""
    from mirrorcfg.model.reference import parse, within

    named = parse(image)
    mirrors = [each for each in probes if each.client.protocol == "registry" and "://" in each.url]
    return [replace(each, project=str(named)) for each in mirrors if within(named, each.registry)]


def _own(host: Host, profile: str | None, source: Source) -> bool:
    return not _built_in(host, profile) and not host.profiles.public(urlsplit(source.url).netloc)


def _built_in(host: Host, profile: str | None) -> bool:
    try:
        return profile is not None and host.profiles.find(profile).layer == "builtin"
    except ProfileError:
        return False


def _said(host: Host, tool: str, profile: str | None) -> tuple[str | None, set[str]]:
    """The project that a profile names for the tool, and the addresses that it is for."""
    if profile is None or _built_in(host, profile):
        return None, set()
    try:
        offer = tools.offer(host.profiles.template(profile), tool)
    except ProfileError:
        return None, set()
    if offer is None or not isinstance(named := offer.settings.get("probe"), str):
        return None, set()
    return named, {source.url for source in writer(tool).sources(offer.settings)}
