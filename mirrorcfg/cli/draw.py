"""What several commands draw alike, as lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from mirrorcfg.cli import screen
from mirrorcfg.cli.again import command
from mirrorcfg.cli.language import _
from mirrorcfg.cli.screen import Line
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.model.result import Result
    from mirrorcfg.ops.switch.report import Switch

WIDTH = 8
"""How wide a tool's name is drawn."""
_WOULD = {"created": "would be created", "changed": "would be changed", "removed": "would be removed"}


class HasGeneration(Protocol):
    """A result of what may make a generation."""

    @property
    def generation(self) -> int | None:
        """Its number."""

    @property
    def dry_run(self) -> bool:
        """Was it only looked at?"""


class HasText(Protocol):
    """A result that is a file's text."""

    @property
    def text(self) -> str:
        """It."""


def tools(data: Switch) -> Iterator[str]:
    """What was done to each tool's files, and what it uses now; of a dry run what would be."""
    for tool, entry in data.tools.items():
        files = [file for file in entry.files if file.action != "skipped"]
        if not files:
            yield f"{tool:<{WIDTH}}left as it is"
            continue
        for file in files:
            yield f"{tool:<{WIDTH}}{done(file.action, data.dry_run)}{file.path}"
        yield from addresses(entry.effective, would=data.dry_run)


def done(action: str, would: bool) -> str:
    """What became of a file, or would; as wide as it is in every line of its kind."""
    return f"{_(_WOULD.get(action, action)):<18}" if would else f"{action:<10}"


def addresses(effective: Sequence[str], *, would: bool = False) -> Iterator[str]:
    """What one tool uses, or would."""
    uses = f"{_('would use'):<18}" if would else f"{'uses':<10}"
    for address in effective or ["(the tool's own default)"]:
        yield f"{'':<{WIDTH}}{uses}{address}"


def patch(diff: str) -> Iterator[Line]:
    """A unified diff."""
    tints = {"+": "green", "-": "red", "@": "cyan"}
    return (Line(line, tints.get(line[:1]), of_file=True) for line in diff.split("\n"))


def text(data: HasText) -> Iterable[Line]:
    """A file's text."""
    return screen.lines(data.text.rstrip("\r\n"))


def generation(answer: Result[HasGeneration]) -> Iterator[str]:
    """The last words of what makes a generation: its number, and the command that takes it back."""
    number = answer.data.generation
    if number is not None:
        yield _(
            sentence(
                "This is generation {number}; take it back with: {undo}", number=number, undo=command("undo")
            )
        )
    else:
        yield from unchanged(answer)
        yield from unwritten(answer.data.dry_run)


def unwritten(dry_run: bool) -> Iterator[str]:
    """Said after a dry run."""
    if dry_run:
        yield _("Nothing was written: this was a dry run.")


def unchanged(answer: Result[object]) -> Iterator[str]:
    """Said where nothing was to be done."""
    if answer.status == "unchanged":
        yield _("Nothing to change.")
