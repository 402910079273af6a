"""`ls` and `profile …`: which profiles there are, what one says, a new one, and is one right."""

from __future__ import annotations

from typing import Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.model.result import Result

group = typer.Typer(help="Look at profiles, make one, check one.", rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(ls)
    app.add_typer(group, name="profile")


def ls(root: o.Root = None, json: o.Json = False) -> Result:
    """List the profiles and what each has a source for."""
    from mirrorcfg.ops.profile import ls as run

    return run(o.host(root))


@group.callback(invoke_without_command=True)
def _group(context: typer.Context) -> None:
    o.help_without_command(context)


@group.command()
def show(profile: o.Profile, root: o.Root = None, json: o.Json = False) -> Result:
    """Print a profile's file."""
    from mirrorcfg.ops.profile import show as run

    return run(o.host(root), profile)


@group.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and hyphens.")],
    base: Annotated[
        str | None,
        typer.Option("--from", metavar="PROFILE", help="Build upon it.", autocompletion=o.complete_profiles),
    ] = None,
    variables: o.Set = None,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Result:
    """Write a new profile of your own."""
    from mirrorcfg.ops.profile import new as run

    return run(o.host(None), name, base, o.pairs("--set", variables))


@group.command()
def check(profile: o.Profile, variables: o.Set = None, root: o.Root = None, json: o.Json = False) -> Result:
    """Say whether a profile is right, and where it is not."""
    from mirrorcfg.ops.profile import check as run

    return run(o.host(root), profile, o.pairs("--set", variables))
