"""`demo`: the whole story on this machine alone, in a throwaway home."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.cli import screen
from mirrorcfg.model.result import Result

if TYPE_CHECKING:
    from mirrorcfg.demo.story import Step


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(demo)


def demo(json: o.Json = False) -> Result:
    """Show a switch, an outage and the way back, on servers of its own and in a throwaway home."""
    from mirrorcfg.demo.story import demo as run

    colour = not json and screen.coloured(sys.stdout)

    def tell(step: Step) -> None:
        command = [f"$ {step.command}"] if step.command else []
        lines = step.output.split("\n") if step.output else []
        output = [screen.Line(line, painted=True) for line in lines]
        screen.say([screen.Line(f"# {step.told}", bold=True), *command, *output, ""])

    return run((lambda step: None) if json else tell, colour=colour)
