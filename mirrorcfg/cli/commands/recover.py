"""`recover`: an interrupted change, taken back now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer
from mirrorcfg.cli.language import _

if TYPE_CHECKING:
    from mirrorcfg.ops.switch.restore import Recovered

TASK = "switch"
RANK = 100


def recover(
    root: o.Root = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Keep files that were edited since as they are.")
    ] = False,
    json: o.Json = False,
) -> Answer:
    """Take a change back that was interrupted.

    Every command does so before it begins; this one does nothing else. With --yes a file that was edited
    since stays as it is.

    Clean up after a power cut:
      mirrorcfg recover
    """
    from mirrorcfg.ops.switch.restore import recover as run

    return Answer.of(run(o.host(root), keep=yes), draw)


def draw(data: Recovered) -> Iterator[str]:
    """What was taken back."""
    yield from (f"{_('taken back')}  {path}" for path in data.recovered)
    if not data.recovered:
        yield _("There was no interrupted change.")
