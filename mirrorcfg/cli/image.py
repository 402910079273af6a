"""`image`: an image's name as a profile serves it, for scripts; `pull`: the image itself."""

from __future__ import annotations

from typing import Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.model.result import Result

Reference = Annotated[str, typer.Argument(metavar="REF", help="An image: NAME[:TAG][@DIGEST].")]
Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="PROFILE",
        help="As this profile serves it, not the one in use.",
        autocompletion=o.complete_profiles,
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(image)
    app.command()(pull)


def image(
    reference: Reference,
    profile: Profile = None,
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


def pull(
    reference: Reference,
    profile: Profile = None,
    engine: Annotated[
        str | None, typer.Option("--engine", metavar="docker|podman", help="Which of them, if both are here.")
    ] = None,
    variables: o.Set = None,
    json: o.Json = False,
) -> Result:
    """Pull an image from the first mirror that serves it, under its own name."""
    from mirrorcfg.ops.pull import pull as run

    return run(o.host(None), reference, profile, o.pairs("--set", variables), engine)
