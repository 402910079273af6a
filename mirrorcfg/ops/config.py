"""`config`: mirrorcfg's own settings, and which file each of them comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mirrorcfg.config import SETTINGS, keys, unknown
from mirrorcfg.errors import UsageError
from mirrorcfg.host import Host
from mirrorcfg.model.result import Result


class Setting(NamedTuple):
    """A setting as it counts, the file that sets it (None: no file does), and what it is for."""

    value: object
    origin: str | None
    help: str


class Configuration(NamedTuple):
    """The settings, by key."""

    settings: Mapping[str, Setting]


def config(host: Host, key: str | None = None) -> Result[Configuration]:
    """All settings as they count, or one. Raises ConfigError, and UsageError for a key that isn't one."""
    if key is not None:
        known(key)
    found = host.config
    settings = {
        name: Setting(getattr(found, name.replace("-", "_")), found.origins.get(name), setting.help)
        for name, setting in SETTINGS.items()
        if key in (None, name)
    }
    return Result("config", Configuration(settings))


def known(key: str) -> str:
    """`key`, which is one. Raises UsageError."""
    if key not in SETTINGS:
        raise UsageError("unknown-key", unknown(key), key=key, hint=keys())
    return key
