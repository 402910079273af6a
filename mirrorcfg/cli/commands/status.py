"""`status`: what each tool uses, and which layer says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer, command

RANK = 30


def register(app: typer.Typer) -> None:
    """Add this command."""
    command(app)(status)


def status(
    tool: o.Tools = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show every layer, weak to strong.")] = False,
    root: o.Root = None,
    json: o.Json = False,
) -> Answer:
    """Show what each tool uses, and which layer wins."""
    from mirrorcfg.ops.status import status as run

    return Answer(run(o.host(root), tuple(tool or ()), explain=explain), draw)


def draw(data: Mapping[str, Any]) -> Iterator[str]:
    """What each tool uses; where they were asked for, its layers."""
    for tool, entry in data["tools"].items():
        profile = entry["profile"] or "-"
        yield f"{tool:<{d.WIDTH}}{profile:<10}{entry['layer'] or '(no layer sets it)'}"
        yield from d.addresses(entry)
        for layer in entry.get("layers", ()):
            yield from _layer(layer)


def _layer(layer: Mapping[str, Any]) -> Iterator[str]:
    if not layer["exists"]:
        state = "not there"
    else:
        state = (
            layer["ignored"]
            or ", ".join(f"{k} = {d.value(v)}" for k, v in layer["values"].items())
            or "nothing"
        )
    mark = "*" if layer["target"] else " "
    yield f"{'':<{d.WIDTH}}{mark} {layer['variable'] or layer['path']}: {state}"
