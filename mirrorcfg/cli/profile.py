"""`ls` and `profile …`: which there are, what one says, is it right; new ones, and those from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.model.result import Result

group = typer.Typer(help="Look at profiles; make, check, add, update, remove one.", rich_markup_mode=None)


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
    scope: o.Shelf = None,
    verify: Annotated[
        bool | None,
        typer.Option(
            "--verify/--no-verify",
            help="Whether to ask its sources before it is written.  [default: on a terminal]",
        ),
    ] = None,
    timeout: o.Timeout = None,
    root: o.Root = None,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Result:
    """Write a new profile; on a terminal its variables are asked for."""
    from mirrorcfg.ops.profile import new as run

    host, ask = o.host(root), o.ask(yes)
    wanted = ask is not None if verify is None else verify
    patience = (timeout or host.config.timeout) if wanted else None
    sets = o.pairs("--set", variables)
    return run(host, name, base, sets, layer=o.layer(host, scope), ask=ask, patience=patience)


@group.command()
def add(
    source: Annotated[
        str, typer.Argument(metavar="URL|FILE", help="An https address, or the path of a file.")
    ],
    pin: o.Pin = None,
    ca_file: Annotated[
        Path | None,
        typer.Option("--ca-file", metavar="FILE", help="Certificates to trust for it besides the system's."),
    ] = None,
    scope: o.Shelf = None,
    timeout: o.Timeout = None,
    force: Annotated[
        bool, typer.Option("--force", help="Even in the place of one that comes with mirrorcfg.")
    ] = False,
    root: o.Root = None,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Result:
    """Store a team's profile. Without --sha256 what is at an address is only shown, with its hash."""
    from mirrorcfg.ops.origin import add as run

    host = o.host(root)
    layer = o.layer(host, scope)
    preview = o.preview(yes, json)
    return run(host, source, preview, pin=pin, layer=layer, ca_file=ca_file, timeout=timeout, force=force)


@group.command()
def update(
    profile: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="Without one: all that were added.", autocompletion=o.complete_profiles
        ),
    ] = None,
    pin: o.Pin = None,
    timeout: o.Timeout = None,
    root: o.Root = None,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Result:
    """Ask the place that a profile was added from again; --yes alone takes nothing new from there."""
    from mirrorcfg.ops.origin import update as run

    return run(o.host(root), profile, o.preview(yes, json), pin=pin, timeout=timeout)


@group.command()
def remove(
    profile: Annotated[str, typer.Argument(metavar="NAME", autocompletion=o.complete_profiles)],
    force: Annotated[bool, typer.Option("--force", help="Even if a tool was switched to it.")] = False,
    scope: o.Shelf = None,
    root: o.Root = None,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Result:
    """Remove a profile of yours, or of the system's."""
    from mirrorcfg.ops.origin import remove as run

    host = o.host(root)
    return run(host, profile, o.preview(yes, json), layer=o.layer(host, scope), force=force)


@group.command()
def check(profile: o.Profile, variables: o.Set = None, root: o.Root = None, json: o.Json = False) -> Result:
    """Say whether a profile is right, and where it is not."""
    from mirrorcfg.ops.profile import check as run

    return run(o.host(root), profile, o.pairs("--set", variables))
