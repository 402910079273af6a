"""`image`: an image's name as a profile serves it, for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.cli import values as v
from mirrorcfg.cli.answer import Answer

if TYPE_CHECKING:
    from mirrorcfg.ops.images.image import Image

TASK = "images"
RANK = 130

Reference = Annotated[str, typer.Argument(metavar="REF", help="An image: NAME[:TAG][@DIGEST].")]
Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="PROFILE",
        help="As this profile serves it, not the one in use.",
        autocompletion=v.complete_profiles,
    ),
]

Engine = Annotated[str | None, typer.Option("--engine", metavar="TOOL", help="The tool that is to pull it.")]


def image(
    reference: Reference,
    profile: Profile = None,
    candidates: Annotated[
        bool, typer.Option("--candidates", help="Every name to try, in order, the original last.")
    ] = False,
    engine: Engine = None,
    root: o.Root = None,
    variables: o.Set = None,
    json: o.Json = False,
) -> Answer:
    """Print an image's name as a mirror serves it.

    Pull one through the mirror of a profile, in a script:
      docker pull "$(mirrorcfg image python:3.12 --profile acme)"

    Print every name to try, in order:
      mirrorcfg image python:3.12 --candidates
    """
    from mirrorcfg.ops.images.image import image as run

    answer = run(o.host(root), reference, profile, o.pairs("--set", variables), engine)
    return Answer.of(answer, draw_candidates if candidates else draw)


def draw(data: Image) -> Iterator[str]:
    """The name to take."""
    yield data.image


def draw_candidates(data: Image) -> Iterator[str]:
    """Every name to try."""
    yield from data.candidates
