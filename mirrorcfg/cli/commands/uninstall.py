"""`uninstall`: everything back, and what is left to delete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer, Call
from mirrorcfg.cli.language import _
from mirrorcfg.cli.screen import Line
from mirrorcfg.cli.width import padded

if TYPE_CHECKING:
    from mirrorcfg.model.result import Result
    from mirrorcfg.ops.uninstall import Uninstalled

TASK = "self"
RANK = 210


def uninstall(
    context: typer.Context,
    root: o.Root = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Answer:
    """Put every file back to how it was, and say what is left to delete.

    It is `mirrorcfg restore 0`, after `watch` was stopped if it runs by itself. The history and the
    configuration stay, as the way back: the commands that delete them, and the program, are printed.

    See what would be done, then have it done:
      mirrorcfg uninstall --dry-run
      mirrorcfg uninstall
    """
    from mirrorcfg.ops.uninstall import uninstall as run

    answer = run(
        o.host(root),
        command=Call.of(context).text,
        dry_run=dry_run,
        consent=o.consent(yes),
        service_consent=o.confirmed(yes, o.leaving),
    )
    return Answer.of(answer, draw, _closing)


def draw(data: Uninstalled) -> Iterator[Line]:
    """What went back."""
    from mirrorcfg.ops.switch.report import Switch

    for each in data.services:
        yield d.row(
            padded(each.manager, d.wide([each.manager])) + d.done(each.action, would=False), each.path
        )
    yield from d.tools(Switch(data.changed, data.generation, data.tools))


def _closing(answer: Result[Uninstalled]) -> Iterator[str]:
    """What is left, as commands."""
    yield from d.unchanged(answer)
    yield _("What is left goes with:")
    yield from (f"  {left.command}" for left in answer.data.left)
