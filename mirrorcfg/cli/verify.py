"""`verify`: a table of the sources, and what is wrong with them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.cli import screen
from mirrorcfg.model.result import Result

if TYPE_CHECKING:
    from mirrorcfg.model.verdict import Verdict
    from mirrorcfg.ops.verify import Progress


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(verify)


def verify(
    profiles: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PROFILE]...",
            help="Without one: the sources in effect.",
            autocompletion=o.complete_profiles,
        ),
    ] = None,
    tool: o.Tools = None,
    level: Annotated[int, typer.Option("--level", min=1, max=3, help="1 reach, 2 speak, 3 deliver.")] = 3,
    timeout: o.Timeout = None,
    root: o.Root = None,
    json: o.Json = False,
) -> Result:
    """Ask the sources for what the tools will ask them for."""
    from mirrorcfg.ops.verify import Depth
    from mirrorcfg.ops.verify import verify as run

    host = o.host(root)
    depth = Depth(level, timeout or host.config.timeout)
    return run(host, tuple(profiles or ()), tuple(tool or ()), depth, progress())


def progress() -> Progress | None:
    """A line that counts, on a terminal."""
    if not sys.stderr.isatty():
        return None
    seen = 0

    def tell(verdict: Verdict, total: int) -> None:
        nonlocal seen
        seen += 1
        screen.progress(f"{seen} of {total} sources asked", last=seen >= total)

    return tell
