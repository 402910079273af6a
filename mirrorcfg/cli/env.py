"""`env`: a profile's variables, for `eval` and for CI."""

from __future__ import annotations

from typing import Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.model.result import Result


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(env)


def env(
    profile: o.Profile,
    tool: o.Tools = None,
    shell: Annotated[
        str | None,
        typer.Option(
            "--shell",
            metavar="bash|fish|pwsh|cmd|github|dotenv",
            help="Whose language; without it $SHELL's.",
        ),
    ] = None,
    unset: Annotated[
        bool, typer.Option("--unset", help="Print what takes these variables away again.")
    ] = False,
    variables: o.Set = None,
    json: o.Json = False,
) -> Result:
    """Print a profile as variables: eval "$(mirrorcfg env PROFILE)"."""
    from mirrorcfg.ops.env import env as run

    pairs = o.pairs("--set", variables)
    return run(o.host(None), profile, tuple(tool or ()), pairs, shell, unset=unset)
