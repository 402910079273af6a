"""`history`: every generation there is, the latest first."""

from __future__ import annotations

from mirrorcfg.host import Host
from mirrorcfg.model.result import Finding, Result


def history(host: Host) -> Result:
    """All generations that are still kept."""
    host.store.settle()
    generations = [
        {
            "number": generation.number,
            "time": generation.time,
            "command": generation.command,
            "reason": generation.reason,
            "tools": dict(generation.tools),
        }
        for generation in host.store.history()
    ]
    damaged = [Finding(e.code, e.what, e.hint, None, e.place or None) for e in host.store.damaged()]
    return Result("history", data={"generations": generations}, findings=damaged)
