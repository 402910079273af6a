"""`undo`: the latest change, taken back."""

from __future__ import annotations

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer, Call

TASK = "switch"
RANK = 80


def undo(
    context: typer.Context,
    root: o.Root = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Answer:
    """Take the latest change back; a second time brings it back.

    Files that were edited since keep those edits: only what mirrorcfg manages goes back.

    See what would go back, then have it go back:
      mirrorcfg undo --dry-run
      mirrorcfg undo
    """
    from mirrorcfg.ops.switch.restore import undo as run

    line = Call.of(context).text
    answer = run(o.host(root), command=line, dry_run=dry_run, consent=o.consent(yes))
    return Answer.of(answer, d.tools, d.generation)
