"""The program: its commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from mirrorcfg import __version__, interruption
from mirrorcfg.cli import options as o
from mirrorcfg.cli import render, screen, usage
from mirrorcfg.cli.answer import Answer, Call
from mirrorcfg.cli.language import _
from mirrorcfg.cli.program import Program
from mirrorcfg.errors import Exit, MirrorcfgError, UsageError, cancelled
from mirrorcfg.sentence import sentence

_OF_STREAMS = (errno.ENOSPC, errno.EBADF, errno.EIO, errno.EDQUOT)


def program() -> typer.Typer:
    """The program; its commands are built as they are called."""
    app = typer.Typer(
        name="mirrorcfg",
        cls=Program,
        add_completion=False,  # `mirrorcfg completion` prints it, and changes nobody's files
        rich_markup_mode=None,  # rich costs more time than the whole of a command
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_root)
    return app


def _version(context: typer.Context, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        typer.echo(f"mirrorcfg {__version__}")
        raise typer.Exit


def _root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("-V", "--version", callback=_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Point pip, conda and docker at a package mirror with one command, and take it back.

    `mirrorcfg help COMMAND` says more of a command, and so does its manual: `man mirrorcfg-use`.

    Switch what is here to a mirror that works, see what is used now, and take it back:
      mirrorcfg use tsinghua
      mirrorcfg status
      mirrorcfg undo

    Go on when a mirror is down, now or from now on:
      mirrorcfg failover
      mirrorcfg watch --install

    The documentation is README.md and the folder docs/ of the source.
    """
    o.help_without_command(context)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line `argv` (default: the process's) and leave with its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    screen.ready()
    try:
        code = _guarded(arguments)
    finally:
        screen.waiting.rest()
    missed = screen.lost()
    sys.exit(code if missed is None else render.unwritten(missed))


def _guarded(arguments: list[str]) -> int:
    call = Call(arguments)

    def finish(number: int) -> NoReturn:
        interruption.answering()
        os._exit(render.interrupted(number, call.command, call.json))

    tree = typer.main.get_command(program())
    call.follow(tree)
    _load(call.json)
    try:
        interruption.ready(finish)
        answer = tree.main(arguments, prog_name="mirrorcfg", standalone_mode=False, obj=call)
        interruption.answering()
        if not isinstance(answer, Answer):
            return int(answer or 0)  # --help, --version and `run`
        return render.answer(answer, call.json)
    except interruption.Stopped as stopped:
        finish(stopped.number)
    except typer.TyperException as error:
        interruption.answering()
        path = str(getattr(getattr(error, "ctx", None), "command_path", "mirrorcfg")).strip()
        wrong = UsageError("usage", usage.worded(error), hint=f"{path} --help")
        return render.failure(wrong, call.command, call.json)
    except screen.Unwritten as lost:  # of what is said on the way
        interruption.answering()
        return render.unwritten(lost)
    except typer.Abort:  # the end of what is typed, in the place of an answer
        interruption.answering()
        return render.failure(cancelled(), call.command, call.json)
    except SystemExit:  # typer's, where the reader of --help went away
        return Exit.READER_GONE
    except MirrorcfgError as error:
        interruption.answering()
        return render.failure(error, call.command, call.json)
    except Exception as error:  # a fault of ours: still no traceback at a user
        interruption.answering()
        if isinstance(error, OSError) and error.filename is None and error.errno in _OF_STREAMS:
            return render.unwritten(screen.lost() or screen.Unwritten(error))  # of --help
        if os.environ.get("MIRRORCFG_DEBUG"):
            raise
        return render.failure(_internal(error), call.command, call.json)


def _load(as_json: bool) -> None:
    """All that the last words of an interruption need: where they are said nothing can be imported."""
    if as_json:
        import json  # noqa: F401
    _("hint: {hint}")


def _internal(error: Exception) -> MirrorcfgError:
    return MirrorcfgError(
        "internal",
        sentence("This is a fault in mirrorcfg ({what}).", what=f"{type(error).__name__}: {error}"),
        hint="run it again with MIRRORCFG_DEBUG=1 and report what it prints",
    )
