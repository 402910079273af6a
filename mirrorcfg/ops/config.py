"""`config`: mirrorcfg's own settings, and which file each of them comes from."""

from __future__ import annotations

from mirrorcfg.config import SETTINGS
from mirrorcfg.errors import UsageError
from mirrorcfg.host import Host
from mirrorcfg.model.result import Result
from mirrorcfg.wording import listed, nearest, shown


def config(host: Host, key: str | None = None) -> Result:
    """All settings as they count, or one. Raises ConfigError, and UsageError for a key that isn't one."""
    if key is not None and key not in SETTINGS:
        near = nearest(key, SETTINGS)
        meant = f" Did you mean {near!r}?" if near else ""
        what = f"There is no key {shown(key)} in the configuration.{meant}"
        raise UsageError("unknown-key", what, key=key, hint=f"the keys are {listed(SETTINGS)}")
    found = host.config
    settings = {
        name: {
            "value": getattr(found, name.replace("-", "_")),
            "origin": found.origins.get(name),
            "help": setting.help,
        }
        for name, setting in SETTINGS.items()
        if key in (None, name)
    }
    return Result("config", data={"settings": settings})
