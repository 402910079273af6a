"""`status`: what each tool uses, and which layer says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer

if TYPE_CHECKING:
    from mirrorcfg.ops.status import LayerState, Status

TASK = "look"
RANK = 30


def status(
    tool: o.Tools = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show every layer, weak to strong.")] = False,
    root: o.Root = None,
    json: o.Json = False,
) -> Answer:
    """Show what each tool uses, and which file or variable says so.

    The exit code is 3 where a tool doesn't use what mirrorcfg wrote for it.

    See what is in effect, then why:
      mirrorcfg status
      mirrorcfg status --explain --tool pip
    """
    from mirrorcfg.ops.status import status as run

    return Answer.of(run(o.host(root), tuple(tool or ()), explain=explain), draw)


def draw(data: Status) -> Iterator[str]:
    """What each tool uses; where they were asked for, its layers."""
    for tool, entry in data.tools.items():
        yield f"{tool:<{d.WIDTH}}{entry.profile or '-':<10}{entry.layer or '(no layer sets it)'}"
        yield from d.addresses(["(nobody here can tell)"] if entry.unknown else entry.effective)
        for layer in entry.layers or ():
            yield from _layer(layer)


def _layer(layer: LayerState) -> Iterator[str]:
    said = ", ".join(f"{k} = {d.value(v)}" for k, v in layer.values.items())
    state = layer.ignored or (said or "nothing" if layer.exists else "not there")
    mark = "*" if layer.target else " "
    yield f"{'':<{d.WIDTH}}{mark} {layer.variable or layer.path or layer.name}: {state}"
