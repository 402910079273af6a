"""`image`: an image's name as a profile's sources serve it, for those who can't be given a mirror."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.host import Host, tools
from mirrorcfg.host.layers import layers_of
from mirrorcfg.model.client import HUB
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.reference import Reference, parse, placed, within
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.model.settings import Settings


class Image(NamedTuple):
    """A reference as it was given, the first name to try, and all of them, the original last."""

    reference: str
    image: str
    candidates: Sequence[str]


def image(
    host: Host, text: str, profile: str | None = None, variables: Mapping[str, str] | None = None
) -> Result[Image]:
    """The names to try for `text`, the original last.

    They are those of `profile`; without one of the profiles in use, or else of what is in effect here.
    Raises UsageError for what is no reference, ProfileError for a profile that can't be used.
    """
    reference = parse(text)
    settings = offered(host, profile, variables)
    names = next((found for each in settings if (found := _names(reference, each))), [])
    candidates = [*names, text]
    findings = [] if names else [_none(reference, profile)]
    return Result("image", Image(text, candidates[0], candidates), findings=findings)


def offered(host: Host, profile: str | None, variables: Mapping[str, str] | None) -> Iterator[Settings]:
    """What is said of images: by `profile`, or else by the profiles in use and by the tools' files."""
    if profile is None:
        return _in_use(host, variables)
    return _of_profile(host.profiles.load(profile, variables))


def _names(reference: Reference, settings: Settings) -> list[str]:
    """The image at each mirror of its registry; of several that fit, the longest prefix counts."""
    hub, others = settings.get("registry-mirrors"), settings.get("registries")
    mirrors = {HUB: hub} if isinstance(hub, tuple) else {}
    mirrors |= {name: (url,) for name, url in others.items()} if isinstance(others, Mapping) else {}
    prefix = max((name for name in mirrors if within(reference, name)), key=len, default=None)
    if prefix is None:
        return []
    parts = [urlsplit(url) for url in mirrors[prefix]]
    moved = [placed(reference, prefix, part.netloc, part.path) for part in parts]
    return [str(each) for each in moved if each is not None]


def _of_profile(profile: Profile) -> Iterator[Settings]:
    for tool in tools.of_images():
        offer = tools.offer(profile, tool)
        if offer is not None and offer.settings and not offer.unavailable:
            yield offer.settings


def _in_use(host: Host, variables: Mapping[str, str] | None) -> Iterator[Settings]:
    """Of the profiles that the tools were switched to, then of the files as they are."""
    head = host.store.head()
    active = dict(head.tools) if head else {}
    for name in dict.fromkeys(active[tool] for tool in (*tools.of_images(), *active) if tool in active):
        try:
            yield from _of_profile(host.profiles.load(name, variables))
        except MirrorcfgError:
            continue  # it was used with --set, or is gone; the files still tell
    for tool in tools.of_images():
        try:
            yield layers_of(host, tool).effective().settings
        except MirrorcfgError:
            continue


def _none(reference: Reference, profile: str | None) -> Finding:
    whose = f"The profile {profile}" if profile else "What is in use here"
    return Finding(
        "no-source",
        f"{whose} names no mirror of {reference.domain}; the name is as it was.",
        "mirrorcfg ls shows the profiles; --profile NAME takes another one",
    )
