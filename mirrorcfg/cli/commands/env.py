"""`env`: a profile's variables, for `eval` and for CI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.cli import values as v
from mirrorcfg.cli.answer import Answer

if TYPE_CHECKING:
    from mirrorcfg.ops.running.env import Variables

TASK = "images"
RANK = 110


def env(
    profile: o.Profile,
    tool: o.Tools = None,
    shell: Annotated[
        str | None,
        typer.Option(
            "--shell",
            metavar="bash|fish|pwsh|cmd|github|dotenv",
            help="Whose language; without it $SHELL's.",
            autocompletion=v.complete_shells,
        ),
    ] = None,
    unset: Annotated[
        bool, typer.Option("--unset", help="Print what takes these variables away again.")
    ] = False,
    variables: o.Set = None,
    json: o.Json = False,
) -> Answer:
    """Print a profile as variables, for a shell or a CI job.

    No file is written: what is set this way ends with the shell.

    Set them in this shell, and take them away again:
      eval "$(mirrorcfg env tsinghua)"
      eval "$(mirrorcfg env tsinghua --unset)"

    Set them in a job of GitHub Actions:
      mirrorcfg env tsinghua --shell github >> "$GITHUB_ENV"

    More is in docs/ci.md.
    """
    from mirrorcfg.ops.running.env import env as run

    pairs = o.pairs("--set", variables)
    return Answer.of(run(o.host(None), profile, tuple(tool or ()), pairs, shell, unset=unset), draw)


def draw(data: Variables) -> Iterator[str]:
    """The shell's lines."""
    yield from data.lines
