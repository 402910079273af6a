"""A profile: where each tool's packages come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from mirrorcfg.model.settings import Offer

NAME = "[a-z0-9][a-z0-9-]{0,63}"
"""What a profile, or a failure domain, may be called."""


def is_name(text: str) -> bool:
    """May a profile, or a failure domain, be called that?"""
    return re.fullmatch(NAME, text) is not None


class Profile(NamedTuple):
    """A profile with `extends` followed and every `${variable}` filled in.

    `origin` is the file it was read from, or the address that stands for it; `layer` says whose it is:
    `path`, `address`, `extra`, `user`, `system` or `builtin`. `titles` are by language, `en` always
    there. `failure_domain` is the profile's own name where its file names none. `failover` names the
    profiles to go on with when this one stops working, in order. With `system_store` each tool is to
    trust what the system's store does. `aliases` are what it may be called as well. `needs` is empty,
    save in a template, where `${variable}` stands as it is written: there it names the variables that
    must be given a value. `hosts` are the variables that were given an address, of which the host was
    taken.
    """

    name: str
    titles: Mapping[str, str]
    origin: str
    layer: str
    offers: Mapping[str, Offer] = {}
    homepage: str | None = None
    failure_domain: str | None = None
    failover: tuple[str, ...] = ()
    checked: date | None = None
    ca_file: str | None = None
    system_store: bool = False
    variables: Mapping[str, str] = {}
    extends: str | None = None
    aliases: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    hosts: Mapping[str, str] = {}

    @property
    def called(self) -> str:
        """What a command line calls it: its name, or its file or address where no name stands for it."""
        return self.origin if self.layer in ("path", "address") else self.name
