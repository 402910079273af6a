"""`ls`: the profiles there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer

if TYPE_CHECKING:
    from mirrorcfg.ops.shelf.profile import Listed, Listing

TASK = "profiles"
RANK = 170


def ls(root: o.Root = None, json: o.Json = False) -> Answer:
    """List the profiles, and what each has a source for.

    See what there is, and what one of them says:
      mirrorcfg ls
      mirrorcfg profile show tsinghua
    """
    from mirrorcfg.ops.shelf.profile import ls as run

    return Answer.of(run(o.host(root)), draw)


def draw(data: Listing) -> Iterator[str]:
    """A line for each profile."""
    for entry in data.profiles:
        tools = " ".join(entry.tools)
        yield f"{entry.name:<12}{entry.layer:<9}{tools:<20}{entry.title}{_origin(entry)}"


def _origin(entry: Listed) -> str:
    """Where an added profile is from."""
    if entry.origin is None:
        return ""
    return f"  ({entry.origin.url}{', edited since' if entry.origin.edited else ''})"
