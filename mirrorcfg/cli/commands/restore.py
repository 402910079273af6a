"""`restore`: every file as it was after one change."""

from __future__ import annotations

from typing import Annotated

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli import values as v
from mirrorcfg.cli.answer import Answer, Call

TASK = "switch"
RANK = 90


def restore(
    context: typer.Context,
    number: Annotated[
        int,
        typer.Argument(
            metavar="N",
            min=0,
            help="A number from `history`; 0 is the beginning.",
            autocompletion=v.complete_generations,
        ),
    ],
    root: o.Root = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Answer:
    """Put every file back to how it was after change N.

    Files that were edited since keep those edits: only what mirrorcfg manages goes back. A restore is a
    change too, which `mirrorcfg undo` takes back.

    Go back to how it was before mirrorcfg first ran:
      mirrorcfg restore 0

    Go back to how it was after one change; `mirrorcfg history` has the numbers:
      mirrorcfg restore 3
    """
    from mirrorcfg.ops.switch.restore import restore as run

    line = Call.of(context).text
    answer = run(o.host(root), number, command=line, dry_run=dry_run, consent=o.consent(yes))
    return Answer.of(answer, d.tools, d.generation)
