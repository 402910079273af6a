"""`complete`: what the shells' scripts ask for; nobody types it, and `--help` doesn't list it."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from mirrorcfg.cli import screen
from mirrorcfg.cli.answer import command
from mirrorcfg.cli.language import _

TASK = None
RANK = 0


def register(app: typer.Typer) -> None:
    """Add this command."""
    command(app)(complete)


def complete(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORD]...")] = None,
    line: Annotated[str | None, typer.Option("--line", metavar="LINE")] = None,
) -> int:
    """Print what the last word may become: first what kind it is, then each candidate with what it is."""
    from mirrorcfg.cli.completion.candidates import candidates, split

    # Somebody is typing: whatever is wrong here, they will hear of it when they run the command.
    with suppress(Exception):
        found = candidates(context.find_root().command, split(line) if line is not None else words or [])
        told = [f"{word}\t{_(told)}" if told else word for word, told in found.words]
        screen.say(screen.Line(each, of_file=True) for each in [found.kind, *told])
    return 0
