"""`status`: what each tool uses, and which layer says so."""

from __future__ import annotations

from typing import Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.model.result import Result


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(status)


def status(
    tool: o.Tools = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show every layer, weak to strong.")] = False,
    root: o.Root = None,
    json: o.Json = False,
) -> Result:
    """Show what each tool uses, and which layer wins."""
    from mirrorcfg.ops.status import status as run

    return run(o.host(root), tuple(tool or ()), explain=explain)
