"""Brings profiles and writers together: what a profile has for a tool, and which tools are for images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

from mirrorcfg import writers
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.settings import Kind, Offer, Settings
from mirrorcfg.sentence import sentence


@cache
def of_images() -> Sequence[str]:
    """The tools for images: what can name other registries comes first, and last what others follow."""

    def says(tool: str) -> tuple[bool, bool]:
        known = writers.writer(tool)
        return known.TOOL.follows is None, all(key.kind is not Kind.URL_MAP for key in known.KEYS.values())

    return sorted((tool for tool in writers.names() if writers.writer(tool).TOOL.images), key=says)


def offer(profile: Profile, tool: str) -> Offer | None:
    """What the profile has for the tool: its own table, else that of the tool it follows.

    A mirror with a path is another one to a tool that puts the path elsewhere, and none for it.
    """
    found = profile.offers.get(tool)
    follows = writers.writer(tool).TOOL.follows
    if found is not None or follows is None or follows not in profile.offers:
        return found
    other = profile.offers[follows]
    known = writers.writer(tool)
    settings = {key: value for key, value in other.settings.items() if key in known.KEYS}
    if known.TOOL.path_first != writers.writer(follows).TOOL.path_first and (url := _with_path(settings)):
        why = sentence(
            "what [{other}] has, {url}, is another place to {tool}; [{tool}] can name its own",
            other=follows,
            url=url,
            tool=tool,
        )
        return Offer(unavailable=why)
    return Offer(settings, other.default, other.unavailable)


def _with_path(settings: Settings) -> str | None:
    """The first address of registries that has one."""
    urls = [url for value in settings.values() if isinstance(value, tuple) for url in value]
    return next((url for url in urls if urlsplit(url).path), None)


def untold(profile: Profile, tool: str) -> str | None:
    """The profile's CA, where no setting of the tool's can name one."""
    return None if "ca-file" in writers.writer(tool).TOOL.trusts else profile.ca_file


def settings(profile: Profile, tool: str, found: Offer) -> Settings:
    """The settings of an offer, and what the tool has to be told to trust the profile's sources."""
    trusts = writers.writer(tool).TOOL.trusts
    if found.default:
        return found.settings
    if profile.ca_file is not None and "ca-file" in trusts:
        return {**found.settings, "ca-file": profile.ca_file}
    if (profile.system_store or profile.ca_file is not None) and "system-store" in trusts:
        return {**found.settings, "system-store": True}
    return found.settings
