"""Brings profiles and writers together: what each tool's table may say, and which tools are meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from mirrorcfg import profiles, writers
from mirrorcfg.host import Host
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.settings import Key, Kind, Offer, Settings


@cache
def catalogue() -> Mapping[str, Mapping[str, Key]]:
    """The keys that a profile may give each tool."""
    return {tool: writers.writer(tool).KEYS for tool in writers.names()}


@cache
def of_images() -> Sequence[str]:
    """The tools for images: what can name other registries comes first, and last what others follow."""

    def says(tool: str) -> tuple[bool, bool]:
        known = writers.writer(tool)
        return known.TOOL.follows is None, all(key.kind is not Kind.URL_MAP for key in known.KEYS.values())

    return sorted((tool for tool in writers.names() if writers.writer(tool).TOOL.images), key=says)


def search_path(host: Host) -> Sequence[profiles.Directory]:
    """Where this host's profiles are, the first that has a name wins.

    Root believes none that others could have put there, save for whoever called sudo.
    """
    found = profiles.search_path(host.environ, host.home, host.machine.platform, host.root)
    return [_judged(host, directory) for directory in found]


def _judged(host: Host, directory: profiles.Directory) -> profiles.Directory:
    if host.root is not None and directory.path.is_relative_to(host.root):
        return directory._replace(root=host.root)
    if directory.layer == "builtin" or not host.is_root:  # as much to be believed as this program itself
        return directory
    path = directory.path.absolute()
    return directory._replace(path=path, trusted=host.user.uid if host.user is not None else 0)


def load(host: Host, name: str, variables: Mapping[str, str] | None = None) -> Profile:
    """The profile called `name`, or in the file `name`, ready to use. Raises ProfileError."""
    return profiles.load(name, variables or {}, catalogue(), search_path(host), host.home)


def offer(profile: Profile, tool: str) -> Offer | None:
    """What the profile has for the tool: its own table, else that of the tool it follows."""
    found = profile.offers.get(tool)
    follows = writers.writer(tool).TOOL.follows
    if found is not None or follows is None or follows not in profile.offers:
        return found
    other = profile.offers[follows]
    known = writers.writer(tool).KEYS
    return Offer({k: v for k, v in other.settings.items() if k in known}, other.default, other.unavailable)


def settings(profile: Profile, found: Offer) -> Settings:
    """The settings of an offer, with the profile's CA where it has one."""
    if found.default or profile.ca_file is None:
        return found.settings
    return {**found.settings, "ca-file": profile.ca_file}
