"""`history`, `undo`, `restore` and `recover`: what was changed, and the ways back."""

from __future__ import annotations

from typing import Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.model.result import Result


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (history, undo, restore, recover):
        app.command()(command)


def history(root: o.Root = None, json: o.Json = False) -> Result:
    """List every change that was made, the latest first."""
    from mirrorcfg.ops.history import history as run

    return run(o.host(root))


def undo(root: o.Root = None, dry_run: o.DryRun = False, yes: o.Yes = False, json: o.Json = False) -> Result:
    """Take the latest change back; again: bring it back."""
    from mirrorcfg.ops.restore import undo as run

    return run(o.host(root), command=o.command_line(), dry_run=dry_run, consent=o.consent(yes))


def restore(
    number: Annotated[
        int, typer.Argument(metavar="N", min=0, help="A number from `history`; 0 is the beginning.")
    ],
    root: o.Root = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Result:
    """Put every file back to how it was after change N."""
    from mirrorcfg.ops.restore import restore as run

    return run(o.host(root), number, command=o.command_line(), dry_run=dry_run, consent=o.consent(yes))


def recover(
    root: o.Root = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Keep files that were edited since as they are.")
    ] = False,
    json: o.Json = False,
) -> Result:
    """Take an interrupted change back now."""
    from mirrorcfg.ops.restore import recover as run

    return run(o.host(root), keep=yes)
