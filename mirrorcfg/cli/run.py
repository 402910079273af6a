"""`run`: a command with a source that works."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Annotated

import typer

from mirrorcfg.cli import options as o


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command(context_settings={"allow_interspersed_args": False})(run)


def run(
    command: Annotated[list[str], typer.Argument(metavar="COMMAND...", help="What to run; -- before it.")],
    chain: Annotated[
        str | None,
        typer.Option(
            "--chain",
            metavar="A,B,C",
            help="The profiles to try, in order; without it the one in use.",
            autocompletion=o.complete_profiles,
        ),
    ] = None,
    tool: o.Tools = None,
    timeout: o.Timeout = 10.0,
    variables: o.Set = None,
    json: o.Json = False,
) -> int:
    """Run a command with a source that works, and again with the next if the source was why it failed."""
    from mirrorcfg.cli.render import note
    from mirrorcfg.ops.run import run as start

    names = [name.strip() for name in (chain or "").split(",") if name.strip()]
    pairs = o.pairs("--set", variables)
    ended = start(o.host(None), command, names, tuple(tool or ()), pairs, timeout, note)
    if ended.signal is not None:
        _die(ended.signal)
    return ended.code


def _die(number: int) -> None:
    """End as the command did, so that whoever waits for us sees the same signal; no core of our own."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
