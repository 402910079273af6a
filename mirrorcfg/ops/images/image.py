"""`image`: an image's name as a profile's sources serve it, for those who can't be given a mirror."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from mirrorcfg.errors import MirrorcfgError, UsageError
from mirrorcfg.host import Host, tools
from mirrorcfg.host.claim import set_here
from mirrorcfg.host.layers import layers_of
from mirrorcfg.model.client import HUB
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.reference import Reference, parse, placed, within
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.model.settings import Settings
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import either
from mirrorcfg.writers import writer


class Image(NamedTuple):
    """A reference as it was given, the first name to try, and all of them, the original last."""

    reference: str
    image: str
    candidates: Sequence[str]


class Offered(NamedTuple):
    """What is said of images for one tool."""

    tool: str
    settings: Settings


def image(
    host: Host,
    text: str,
    profile: str | None = None,
    variables: Mapping[str, str] | None = None,
    engine: str | None = None,
) -> Result[Image]:
    """The names to try for `text`, the original last.

    They are those of `profile`; without one of what is in effect here, or else of the profiles in use. What
    is said for `engine` comes first, so that each has its own. Raises UsageError for what is no reference or
    no tool for images, ProfileError for a profile that can't be used.
    """
    reference = parse(text)
    if engine is not None and engine not in tools.of_images():
        raise UsageError(
            "unknown-engine",
            sentence("{engine} pulls no images.", engine=engine),
            hint=either(tools.of_images()),
        )
    said = offered(host, profile, variables, engine)
    names = next((found for each in said if (found := _names(reference, each))), [])
    candidates = [*names, text]
    findings = [] if names else [_none(reference, profile)]
    return Result("image", Image(text, candidates[0], candidates), findings=findings)


def offered(
    host: Host, profile: str | None, variables: Mapping[str, str] | None, engine: str | None = None
) -> Iterator[Offered]:
    """What is said of images: by `profile`, or else by the tools' files and the profiles in use."""
    order = sorted(tools.of_images(), key=lambda tool: tool != engine)
    if profile is None:
        return _in_use(host, variables, order)
    return _of_profile(host.profiles.load(profile, variables), order)


def _names(reference: Reference, said: Offered) -> list[str]:
    """The image at each mirror of its registry; of several that fit, the longest prefix counts.

    A mirror whose path comes before the API's has no name for it: a name's path comes behind.
    """
    hub, others = said.settings.get("registry-mirrors"), said.settings.get("registries")
    mirrors = {HUB: hub} if isinstance(hub, tuple) else {}
    mirrors |= {name: (url,) for name, url in others.items()} if isinstance(others, Mapping) else {}
    prefix = max((name for name in mirrors if within(reference, name)), key=len, default=None)
    if prefix is None:
        return []
    parts = [urlsplit(url) for url in mirrors[prefix]]
    if writer(said.tool).TOOL.path_first:
        parts = [part for part in parts if not part.path.strip("/")]
    moved = [placed(reference, prefix, part.netloc, part.path) for part in parts]
    return [str(each) for each in moved if each is not None]


def _of_profile(profile: Profile, order: Sequence[str]) -> Iterator[Offered]:
    for tool in order:
        offer = tools.offer(profile, tool)
        if offer is not None and offer.settings and not offer.unavailable:
            yield Offered(tool, offer.settings)


def _in_use(host: Host, variables: Mapping[str, str] | None, order: Sequence[str]) -> Iterator[Offered]:
    """Of the files as they are, then of the profiles that the tools were switched to."""
    for tool in order:
        try:
            yield Offered(tool, layers_of(host, tool).effective.settings)
        except MirrorcfgError:
            continue
    active = {tool: each.profile for tool, each in set_here(host, host.store.head()).items()}
    for name in dict.fromkeys(active[tool] for tool in (*order, *active) if tool in active):
        try:
            yield from _of_profile(host.profiles.load(name, variables), order)
        except MirrorcfgError:
            continue  # it was used with --set, or is gone; the files have told


def _none(reference: Reference, profile: str | None) -> Finding:
    domain = reference.domain
    what = sentence("What is in use here names no mirror of {domain}; the name is as it was.", domain=domain)
    if profile:
        what = sentence(
            "The profile {name} names no mirror of {domain}; the name is as it was.",
            name=profile,
            domain=domain,
        )
    return Finding("no-source", what, "mirrorcfg ls")
