"""mirrorcfg's own settings on a host: what its files come to, and what is wrong with one of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mirrorcfg.config import SETTINGS, Config, load
from mirrorcfg.errors import MirrorcfgError, UsageError
from mirrorcfg.model import places
from mirrorcfg.model.result import Finding
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.host import Host


class Configuration(NamedTuple):
    """What the files come to that can be read, and an error for each that can't."""

    config: Config
    errors: list[MirrorcfgError]

    @property
    def findings(self) -> list[Finding]:
        """What is wrong, for what goes on without what it says."""
        return [
            Finding.of(error)._replace(
                message=sentence("config.toml is not heeded, and the defaults count: {what}", what=error.what)
            )
            for error in self.errors
        ]


def read(host: Host) -> Configuration:
    """The user's file over the system's."""
    platform = host.machine.platform if host.root is None else sys.platform
    system = places.of_system(host.environ, platform, host.root) / "config.toml"
    users = places.of_user(host.environ, host.home, platform) / "config.toml"
    found: dict[str, bytes] = {}
    errors = []
    for path in (system, users):
        try:
            if (data := host.read(path)) is not None:
                load({str(path): data})
                found[str(path)] = data
        except MirrorcfgError as error:
            errors.append(error.at(str(path)))
    return Configuration(load(found), errors)


def keep(host: Host) -> int:
    """How many generations to keep: `$MIRRORCFG_KEEP`, or what the configuration says. Raises UsageError."""
    told = host.environ.get("MIRRORCFG_KEEP")
    config, errors = host.configuration
    if told is None and errors:
        return int(SETTINGS["keep"].most)  # it may have said any number; what is dropped is gone
    if told is None:
        place = Path(config.origins.get("keep", "/"))
        theirs = host.within(place) or host.rights(place) is not None
        # What is dropped from a history is for nobody else to say than for whose it is.
        return Config().keep if theirs else config.keep
    if told.isdecimal() and int(told) >= 2:
        return int(told)
    what = sentence("MIRRORCFG_KEEP is {told!r}, but at least two generations must be kept.", told=told)
    raise UsageError("bad-variable", what, hint="unset MIRRORCFG_KEEP")
