"""The program: its commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from mirrorcfg import __version__
from mirrorcfg.cli import options as o
from mirrorcfg.cli import render, screen
from mirrorcfg.errors import Exit, MirrorcfgError, UsageError
from mirrorcfg.model.result import Result

# The file that holds each command. Only the file of the command that was called is imported, and typer
# builds no other: that is a fifth of the time of a plain command.
_ROOMS = {
    "use": "use",
    "diff": "use",
    "status": "status",
    "verify": "verify",
    "failover": "failover",
    "watch": "watch",
    "history": "history",
    "undo": "history",
    "restore": "history",
    "recover": "history",
    "env": "env",
    "run": "run",
    "image": "image",
    "pull": "image",
    "script": "script",
    "config": "config",
    "ls": "profile",
    "profile": "profile",
    "demo": "demo",
}


def program(word: str | None = None) -> typer.Typer:
    """The program with all of its commands, or with those beside the command `word` alone."""
    app = typer.Typer(
        name="mirrorcfg",
        help="Point pip, conda and docker at a package mirror with one command, and take it back.",
        rich_markup_mode=None,  # rich costs more time than the whole of a command
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_root)
    rooms = {_ROOMS[word]} if word in _ROOMS else dict.fromkeys(_ROOMS.values())
    for room in rooms:
        import_module(f"mirrorcfg.cli.{room}").register(app)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mirrorcfg {__version__}")
        raise typer.Exit


def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    o.help_without_command(context)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line `argv` (default: the process's) and leave with its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in (arguments[: arguments.index("--")] if "--" in arguments else arguments)
    screen.ready()
    code = _guarded(arguments, as_json)
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader went away; that is no error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _guarded(arguments: list[str], as_json: bool) -> int:
    word = arguments[0] if arguments else None
    command = next((word for word in arguments if not word.startswith("-")), "mirrorcfg")
    try:
        answer = typer.main.get_command(program(word)).main(
            arguments, prog_name="mirrorcfg", standalone_mode=False
        )
        if not isinstance(answer, Result):
            return int(answer or 0)  # --help and --version
        render.result(answer, as_json)
        return answer.exit
    except typer.TyperException as error:
        usage = UsageError("usage", error.format_message(), hint=f"{_path(error)} --help")
        return render.failure(usage, command, as_json)
    except (typer.Abort, KeyboardInterrupt):
        return render.interrupted(command, as_json)
    except BrokenPipeError:
        return Exit.OK
    except MirrorcfgError as error:
        return render.failure(error, command, as_json)
    except Exception as error:  # a fault of ours: still no traceback at a user
        if os.environ.get("MIRRORCFG_DEBUG"):
            raise
        return render.failure(_internal(error), command, as_json)


def _path(error: typer.TyperException) -> str:
    return str(getattr(getattr(error, "ctx", None), "command_path", "mirrorcfg"))


def _internal(error: Exception) -> MirrorcfgError:
    return MirrorcfgError(
        "internal",
        f"This is a fault in mirrorcfg ({type(error).__name__}: {error}).",
        hint="run it again with MIRRORCFG_DEBUG=1 and report what it prints",
    )
