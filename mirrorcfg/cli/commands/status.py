"""`status`: what each tool uses, and which layer says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.cli import screen, table
from mirrorcfg.cli.answer import Answer
from mirrorcfg.cli.language import _
from mirrorcfg.cli.screen import Line
from mirrorcfg.cli.table import Column, Mark, Row
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.model.result import Result
    from mirrorcfg.model.settings import Value
    from mirrorcfg.ops.status import LayerState, Status, ToolStatus

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

    return Answer.of(run(o.host(root), tuple(tool or ()), explain=explain), draw, closing)


def draw(data: Status) -> Iterator[Line]:
    """A row for each tool and below it what it asks; where they were asked for, its layers."""
    columns = (Column(_("TOOL")), Column(_("PROFILE")), Column(_("SET BY")))
    yield from table.drawn(columns, [_row(tool, entry) for tool, entry in data.tools.items()])
    for tool, entry in data.tools.items():
        if entry.layers:
            yield Line("")
            yield Line(_(sentence("What {tool} reads, weak to strong:", tool=tool)), bold=True)
        for layer in entry.layers or ():
            yield from _layer(layer)


def closing(answer: Result[Status]) -> Iterator[str | Line]:
    """What the marks of --explain mean."""
    if any(entry.layers for entry in answer.data.tools.values()):
        signs = (screen.sign("good"), screen.sign("used"))
        said = sentence("{good} wins, {used} is what mirrorcfg writes.", good=signs[0], used=signs[1])
        yield Line(_(said), indent=2)


def _row(tool: str, entry: ToolStatus) -> Row:
    unknown = [_("(nobody here can tell)")] if entry.unknown else []
    below = unknown or entry.effective or ([_("(the tool's own default)")] if entry.layer else [])
    amiss = entry.shadowed_by or entry.drifted or entry.out_of_step is not None
    mark: Mark = "doubt" if amiss else "good" if entry.profile else ""
    return Row((tool, entry.profile or "-", entry.layer or _("(the tool's own default)")), mark, below)


def _layer(layer: LayerState) -> Iterator[Line]:
    """Where it is, and what it says: a value a line."""
    mark = "good" if layer.wins else "used" if layer.target else ""
    label = f"  {screen.sign(mark) if mark else ' '} "
    name = layer.variable or layer.path or layer.name
    if layer.ignored or not layer.exists:
        said = sentence("{name}: {said}", name=name, said=_(layer.ignored or _("not there")))
        yield Line(_(said), label=label, indent=6)
        return
    if layer.variable:
        yield Line(
            f"{name} = {next(iter(layer.values.values()), '')}", "green" if layer.wins else None, label=label
        )
        return
    yield Line(
        name if layer.values else _(sentence("{name}: {said}", name=name, said=_("nothing"))),
        "green" if layer.wins else None,
        label=label,
    )
    for key, value in layer.values.items():
        first, *more = _values(value)
        yield Line(f"{'':<8}{key} = {first}".rstrip())
        yield from (Line(f"{'':<11}{'':<{len(key)}}{each}") for each in more)


def _values(value: Value) -> list[str]:
    """A setting's value, a line for each of several."""
    if isinstance(value, Mapping):
        return [f"{name}: {each}" for name, each in value.items()] or ["{}"]
    lines = value if isinstance(value, (tuple, list)) else str(value).strip().splitlines()
    return [str(each) for each in lines] or [""]
