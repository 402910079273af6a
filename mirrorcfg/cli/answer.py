"""What a command hands back to the program: its result, and how people see it."""

from __future__ import annotations

import itertools
import shlex
import signal
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar, cast

import typer
from typer.core import TyperCommand, TyperOption

from mirrorcfg.cli import again, screen
from mirrorcfg.cli.screen import Line
from mirrorcfg.interruption import Stopped
from mirrorcfg.model.result import Result
from mirrorcfg.redact import redact

_T = TypeVar("_T")
Draw = Callable[[_T], Iterable[str | Line]]
"""A result's data as lines."""
Closing = Callable[[Result[_T]], Iterable[str | Line]]
"""The last words: what happened, and the command that takes it back."""
_Function = TypeVar("_Function", bound=Callable[..., Any])


class Answer(NamedTuple):
    """A result, and how it is drawn where it isn't JSON. `Answer.of` holds the three against each other."""

    result: Result[Any]
    draw: Draw[Any]
    closing: Closing[Any]

    @classmethod
    def of(cls, result: Result[_T], draw: Draw[_T], closing: Closing[_T] = lambda result: ()) -> Answer:
        """What draws it, and says the last words, takes data of just that type."""
        return cls(result, draw, closing)


class Call:
    """The command line as it was given, and what is known of the command that it names.

    `command` is the command's whole name (`profile check`), `json` whether it is to answer in JSON. Until the
    line is understood both are guessed, so that a word that is wrong gets its error in the right form.
    """

    def __init__(self, line: Sequence[str]) -> None:
        self.line = list(line)
        self.command = next((word for word in line if not word.startswith("-")), "mirrorcfg")
        self.json = "--json" in (self.line[: self.line.index("--")] if "--" in self.line else self.line)

    @staticmethod
    def of(context: typer.Context) -> Call:
        """The call that a command is running for."""
        return cast(Call, context.find_root().obj)

    @property
    def text(self) -> str:
        """The line for the history; credentials are masked."""
        return redact(shlex.join(["mirrorcfg", *self.line]))

    def follow(self, tree: Any) -> None:
        """Take the name from the program's commands, whatever else is wrong with the line."""
        path: list[str] = []
        for word in itertools.takewhile(lambda word: word != "--", self.line):
            below = tree.get_command(None, word) if hasattr(tree, "get_command") else None
            if below is not None:
                path.append(word)
                tree = below
        self.command = " ".join(path) or self.command


class _Command(TyperCommand):
    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params += loudness()

    def get_help(self, ctx: Any) -> str:
        from mirrorcfg.cli.help import drawn
        from mirrorcfg.cli.page import page

        return drawn(page(self, ctx))

    def invoke(self, ctx: Any) -> Any:
        call = Call.of(ctx)
        call.command = ctx.command_path.removeprefix("mirrorcfg").strip()
        call.json = bool(ctx.params.get("json"))
        again.remember(ctx, call.line)
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stopped:  # of a command with signals of its own: typer would say nothing
            raise Stopped(int(next(iter(stopped.args), signal.SIGINT))) from None


def loudness() -> list[Any]:
    """The options of every command that say how much it tells."""
    return [
        _flag(["-q", "--quiet"], screen.quiet, "Say nothing but errors, and the data that was asked for."),
        _flag(
            ["-v", "--verbose"], screen.verbose, "Tell of each file, program and source that is looked at."
        ),
    ]


def _flag(names: list[str], told: Callable[[], None], help: str) -> TyperOption:
    def take(ctx: Any, param: Any, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            told()

    return TyperOption(param_decls=names, is_flag=True, expose_value=False, callback=take, help=help)


def command(app: typer.Typer, **settings: Any) -> Callable[[_Function], _Function]:
    """Add a function as a command that the program knows by its name when it fails."""
    return app.command(cls=_Command, **settings)
