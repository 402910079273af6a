"""`config`: what mirrorcfg does where its command line doesn't say."""

from __future__ import annotations

from typing import Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.model.result import Result


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(config)


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
) -> Result:
    """Show mirrorcfg's own settings, and which file each comes from."""
    from mirrorcfg.ops.config import config as run

    return run(o.host(root), key)
