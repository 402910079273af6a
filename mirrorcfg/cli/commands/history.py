"""`history`: what was changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer

if TYPE_CHECKING:
    from mirrorcfg.ops.switch.history import History

TASK = "look"
RANK = 70


def history(root: o.Root = None, json: o.Json = False) -> Answer:
    """List every change that was made, the latest first.

    Each is a generation with a number, which `restore` takes.

    See what was changed, and go back to how it was after the third change:
      mirrorcfg history
      mirrorcfg restore 3
    """
    from mirrorcfg.ops.switch.history import history as run

    return Answer.of(run(o.host(root)), draw)


def draw(data: History) -> Iterator[str]:
    """A line for each generation."""
    for entry in data.generations:
        tools = ", ".join(f"{tool}={profile}" for tool, profile in entry.tools.items())
        yield f"{entry.number:>5}  {entry.time}  {entry.reason:<24}  {tools}"
