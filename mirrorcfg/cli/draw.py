"""What several commands draw alike, as lines for people."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mirrorcfg.cli import screen
from mirrorcfg.cli.screen import Line

if TYPE_CHECKING:
    from mirrorcfg.cli.answer import Closing
    from mirrorcfg.model.result import Result
    from mirrorcfg.ops.switch.report import Switch

WIDTH = 8
"""How wide a tool's name is drawn."""


class HasGeneration(Protocol):
    """A result of what may make a generation."""

    @property
    def generation(self) -> int | None:
        """Its number."""


class HasText(Protocol):
    """A result that is a file's text."""

    @property
    def text(self) -> str:
        """It."""


def tools(data: Switch) -> Iterator[str]:
    """What was done to each tool's files, and what it uses now."""
    for tool, entry in data.tools.items():
        files = [file for file in entry.files if file.action != "skipped"]
        if not files:
            yield f"{tool:<{WIDTH}}left as it is"
            continue
        for file in files:
            yield f"{tool:<{WIDTH}}{file.action:<10}{file.path}"
        yield from addresses(entry.effective)


def addresses(effective: Sequence[str]) -> Iterator[str]:
    """What one tool uses."""
    for address in effective or ["(the tool's own default)"]:
        yield f"{'':<{WIDTH}}uses      {address}"


def patch(diff: str) -> Iterator[Line]:
    """A unified diff."""
    tints = {"+": "green", "-": "red", "@": "cyan"}
    return (Line(line, tints.get(line[:1]), of_file=True) for line in diff.split("\n"))


def text(data: HasText) -> Iterable[Line]:
    """A file's text."""
    return screen.lines(data.text.rstrip("\r\n"))


def generation(root: Path | None) -> Closing[HasGeneration]:
    """The last words of what makes a generation: its number, and the command that takes it back."""

    def close(answer: Result[HasGeneration]) -> Iterator[str]:
        number = answer.data.generation
        if number is not None:
            yield f"This is generation {number}; take it back with: {likewise(['undo'], root=root)}"
        else:
            yield from unchanged(answer)

    return close


def unchanged(answer: Result[object]) -> Iterator[str]:
    """Said where nothing was to be done."""
    if answer.status == "unchanged":
        yield "Nothing to change."


def likewise(command: Sequence[str], *, scope: str | None = None, root: Path | None = None) -> str:
    """A command for the same place and with the same rights, to be pasted."""
    words = ["sudo"] if os.environ.get("SUDO_UID") else []
    words += ["mirrorcfg", *command]
    words += ["--scope", str(scope)] if scope else []
    words += ["--root", str(root)] if root else []
    return shlex.join(words)
