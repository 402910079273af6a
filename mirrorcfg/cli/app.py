"""The program: its commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any, NoReturn

import typer

from mirrorcfg import __version__
from mirrorcfg.cli import commands, render, screen
from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer, Call, command
from mirrorcfg.errors import Exit, MirrorcfgError, UsageError


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
    for module in _modules(word):
        _register(app, module)
    return app


def _register(app: typer.Typer, module: Any) -> None:
    """Add the function that is named like its file; a file with more than that to add does it by itself."""
    if hasattr(module, "register"):
        module.register(app)
    else:
        command(app)(getattr(module, module.__name__.rpartition(".")[2]))


def _modules(word: str | None) -> list[Any]:
    """The file of the command `word`, or all of them as `--help` lists them."""
    if word and word.isalpha() and find_spec(f"{commands.__name__}.{word}"):
        return [import_module(f"{commands.__name__}.{word}")]
    if word == "--version":
        return []  # typer would build them all for it
    import pkgutil

    names = (module.name for module in pkgutil.iter_modules(commands.__path__))
    modules = [import_module(f"{commands.__name__}.{name}") for name in names]
    return sorted(modules, key=lambda module: module.RANK)


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
    screen.ready()
    code = _guarded(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader went away; that is no error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _guarded(arguments: list[str]) -> int:
    call = Call(arguments)
    try:
        answer = typer.main.get_command(program(arguments[0] if arguments else None)).main(
            arguments, prog_name="mirrorcfg", standalone_mode=False, obj=call
        )
        if not isinstance(answer, Answer):
            return int(answer or 0)  # --help and --version
        render.answer(answer, call.json)
        return answer.result.exit
    except typer.TyperException as error:
        path = str(getattr(getattr(error, "ctx", None), "command_path", "mirrorcfg"))
        call.named(path)
        usage = UsageError("usage", error.format_message(), hint=f"{path} --help")
        return render.failure(usage, call.command, call.json)
    except (typer.Abort, KeyboardInterrupt):
        return render.interrupted(call.command, call.json)
    except BrokenPipeError:
        return Exit.OK
    except MirrorcfgError as error:
        return render.failure(error, call.command, call.json)
    except Exception as error:  # a fault of ours: still no traceback at a user
        if os.environ.get("MIRRORCFG_DEBUG"):
            raise
        return render.failure(_internal(error), call.command, call.json)


def _internal(error: Exception) -> MirrorcfgError:
    return MirrorcfgError(
        "internal",
        f"This is a fault in mirrorcfg ({type(error).__name__}: {error}).",
        hint="run it again with MIRRORCFG_DEBUG=1 and report what it prints",
    )
