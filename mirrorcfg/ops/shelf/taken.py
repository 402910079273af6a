"""What was typed and taken for something else: an address for an index, or for its host."""

from __future__ import annotations

from collections.abc import Iterator

from mirrorcfg import writers
from mirrorcfg.host import tools
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.result import Finding
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import pasted


def taken(profile: Profile) -> Iterator[Finding]:
    """The notes of what a profile was made of."""
    if profile.layer == "address":
        served = ", ".join(tool for tool in writers.names() if tools.offer(profile, tool) is not None)
        what = sentence(
            "{address} is taken for an index of Python packages: it is for {served}.",
            address=profile.origin,
            served=served,
        )
        keep = pasted("profile", "new", profile.name, "--from", profile.origin)
        yield Finding("address-taken", what, keep)
    for name, host in profile.hosts.items():
        what = sentence("{host} was taken for {name}: it is a host in this profile.", host=host, name=name)
        yield Finding("host-taken", what)
