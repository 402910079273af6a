"""What a project's lock makes of a command, whatever mirror its tool is told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.host import Host
from mirrorcfg.host.layers import layers_of
from mirrorcfg.model.lock import Named
from mirrorcfg.model.result import Finding
from mirrorcfg.ops.running.env import steered
from mirrorcfg.writers import writer


def named(
    host: Host, tool: str, argv: Sequence[str], variables: Mapping[str, str | None], profile: str
) -> Named | None:
    """What is to be said of the lock that this command would look at, with the variables of a profile."""
    lock = writer(tool).TOOL.lock
    if lock is None:
        return None
    machine = host.machine._replace(environ=steered(host.environ, variables))
    place = lock.place(machine, argv)
    with suppress(MirrorcfgError, UnicodeDecodeError):  # what can't be read, the tool itself will say
        raw = host.read(Path(place)) if place else None
        if raw is not None:
            asked = layers_of(replace(host, machine=machine), tool).asked()
            return lock.names(raw.decode(), argv, machine.environ, asked, profile)
    return None


def finding(found: Named, tool: str) -> Finding:
    """The same as a note."""
    return Finding("lock-names-mirror", found.what, found.hint, tool)
