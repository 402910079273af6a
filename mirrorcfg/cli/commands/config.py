"""`config`: what mirrorcfg does where its command line doesn't say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer

if TYPE_CHECKING:
    from mirrorcfg.ops.config import Configuration

TASK = "self"
RANK = 160


def complete_keys(incomplete: str) -> list[tuple[str, str]]:
    """The keys that begin so, with what each is for, for the shell."""
    from mirrorcfg.config import SETTINGS

    return [(key, setting.help) for key, setting in SETTINGS.items() if key.startswith(incomplete)]


def config(
    key: Annotated[
        str | None,
        typer.Argument(metavar="[KEY]", help="Only this one's value.", autocompletion=complete_keys),
    ] = None,
    root: o.Root = None,
    json: o.Json = False,
) -> Answer:
    """Show mirrorcfg's own settings, and which file each comes from.

    See all of them:
      mirrorcfg config
    """
    from mirrorcfg.ops.config import config as run

    return Answer.of(run(o.host(root), key), draw)


def draw(data: Configuration) -> Iterator[str]:
    """A line for each setting; the value alone of one that was named: `$(mirrorcfg config chain)`."""
    for name, entry in data.settings.items():
        value = "-" if entry.value in (None, (), []) else d.value(entry.value)
        yield f"{name:<15}{value:<20}{entry.origin or ''}".rstrip() if len(data.settings) > 1 else value
