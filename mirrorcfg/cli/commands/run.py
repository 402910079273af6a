"""`run`: a command with a source that works."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import command

TASK = "work"
RANK = 120


def register(app: typer.Typer) -> None:
    """Add this command."""
    command(app, context_settings={"allow_interspersed_args": False})(run)


def run(
    words: Annotated[list[str], typer.Argument(metavar="COMMAND...", help="What to run; -- before it.")],
    chain: o.Chain = None,
    tool: o.Tools = None,
    timeout: o.Timeout = None,
    variables: o.Set = None,
    json: o.Json = False,
) -> int:
    """Run a command with a source that works.

    If it fails, the source is asked again; if the source was why, the command is run again with the next
    one. No file is written, and the exit code is the command's.

    Install a package from the first profile that works:
      mirrorcfg run -- pip install numpy

    Try these profiles, in this order:
      mirrorcfg run --chain nju,tsinghua -- uv sync

    More is in docs/run.md.
    """
    host, pairs = o.host(None, waits=not json), o.pairs("--set", variables)
    from mirrorcfg.cli.render import note
    from mirrorcfg.ops.running.run import run as start

    names, patience = o.names(chain) or host.config.chain, host.patience(timeout)
    ended = start(host, words, names, tuple(tool or ()), pairs, patience, note)
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
