"""`demo`: the whole story on this machine alone, in a throwaway home."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mirrorcfg.cli import options as o
from mirrorcfg.cli import screen
from mirrorcfg.cli.answer import Answer
from mirrorcfg.cli.language import _, language
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.demo.story import Step, Story


TASK = "self"
RANK = 190


def demo(json: o.Json = False) -> Answer:
    """Show a switch, an outage and the way back, on servers of its own.

    It takes place in a throwaway home, and needs no network.

    See it all in a minute:
      mirrorcfg demo
    """
    from mirrorcfg.demo.story import demo as run

    colour = not json and screen.coloured(sys.stdout)

    def tell(step: Step) -> None:
        command = [f"$ {step.command}"] if step.command else []
        lines = _(step.output).split("\n") if step.output else []
        output = [screen.Line(line, painted=True) for line in lines]
        screen.say([screen.Line(f"# {_(step.told)}", bold=True), *command, *output, ""])

    return Answer.of(
        run((lambda step: None) if json else tell, colour=colour, language="en" if json else language()), draw
    )


def draw(data: Story) -> Iterator[str]:
    """How it ended; its steps were told as they went."""
    told = [step for step in data.steps if step.ok]
    yield _(
        sentence(
            "{told} of {steps} steps went as told; nothing is left of them.",
            told=len(told),
            steps=len(data.steps),
        )
    )
