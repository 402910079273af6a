"""`help`: what there is to know of a command."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer
from mirrorcfg.cli.values import complete_commands

if TYPE_CHECKING:
    from mirrorcfg.cli.screen import Line

TASK = "self"
RANK = 200


class Help(NamedTuple):
    """A command and its page, in English."""

    name: str
    text: str


def help(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COMMAND]...",
            help="A command, and the one of its own that is meant.",
            autocompletion=complete_commands,
        ),
    ] = None,
    json: o.Json = False,
) -> Answer:
    """Show what a command does, its options, and examples.

    It is the same as `--help` and the manual say.

    See what `use` and `profile add` do:
      mirrorcfg help use
      mirrorcfg help profile add
    """
    from mirrorcfg.cli.help import drawn
    from mirrorcfg.cli.page import page
    from mirrorcfg.model.result import Result

    root = context.find_root()
    found, place = _found(root.command, root, words or ())
    said = page(found, place)

    def draw(data: Help) -> Iterable[Line]:
        return d.text(data._replace(text=drawn(said)))

    return Answer.of(Result("help", Help(said.name, drawn(said, str, 79))), draw)


def _found(command: Any, context: Any, words: Sequence[str]) -> tuple[Any, Any]:
    """The command that the words name, and its context. Raises UsageError."""
    for word in words:
        if not hasattr(command, "resolve_command"):
            context.fail(f"Got unexpected extra argument(s) ({word})")
        name, command, _ = command.resolve_command(context, [word])
        context = command.context_class(command, info_name=name, parent=context)
    return command, context
