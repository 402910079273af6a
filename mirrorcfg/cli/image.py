"""`image`: an image's name as a profile serves it, for scripts."""

from __future__ import annotations

from typing import Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.model.result import Result


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(image)


def image(
    reference: Annotated[str, typer.Argument(metavar="REF", help="An image: NAME[:TAG][@DIGEST].")],
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            metavar="PROFILE",
            help="As this profile serves it, not the one in use.",
            autocompletion=o.complete_profiles,
        ),
    ] = None,
    candidates: Annotated[
        bool, typer.Option("--candidates", help="Every name to try, in order, the original last.")
    ] = False,
    root: o.Root = None,
    variables: o.Set = None,
    json: o.Json = False,
) -> Result:
    """Print an image's name as a profile's mirror serves it."""
    from mirrorcfg.ops.image import image as run

    return run(o.host(root), reference, profile, o.pairs("--set", variables))
