"""`script`: what onboards a machine that has no mirrorcfg."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli import values as v
from mirrorcfg.cli.answer import Answer


class StyleName(StrEnum):
    """The values of --style."""

    bootstrap = "bootstrap"
    standalone = "standalone"


TASK = "images"
RANK = 150


def script(
    profile: o.Profile,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="sh, powershell, dockerfile, cloud-init, github-actions, gitlab-ci or ansible.",
            autocompletion=v.complete_formats,
        ),
    ],
    style: Annotated[
        StyleName | None,
        typer.Option("--style", help="Fetch mirrorcfg and run it, or do without it and without Python."),
    ] = None,
    overrides: o.With = None,
    tool: o.Tools = None,
    scope: o.Scope = None,
    variables: o.Set = None,
    hashes: Annotated[
        list[str] | None,
        typer.Option("--hash", metavar="sha256:HEX", help="Take only a wheel of mirrorcfg with this hash."),
    ] = None,
    json: o.Json = False,
) -> Answer:
    """Print what puts a machine without mirrorcfg on a profile.

    It prints a shell script, a part of a Dockerfile, of cloud-init or of a CI job, and changes nothing
    here.

    Onboard a machine that has neither mirrorcfg nor Python:
      mirrorcfg script acme --format sh --style standalone > onboard.sh

    Begin an image's Dockerfile with it:
      mirrorcfg script acme --format dockerfile

    More is in docs/onboarding.md and docs/ci.md.
    """
    from mirrorcfg.ops.script import script as run

    host = o.host(None)
    request = o.request(host, profile, overrides, tool, scope, variables)
    return Answer.of(run(host, request, form, style.value if style else None, hashes or ()), d.text)
