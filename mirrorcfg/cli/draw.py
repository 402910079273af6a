"""What several commands draw alike, as lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from mirrorcfg.cli import screen
from mirrorcfg.cli.again import command
from mirrorcfg.cli.language import _
from mirrorcfg.cli.screen import Line
from mirrorcfg.cli.width import cells, padded
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.model.result import Result
    from mirrorcfg.ops.switch.report import Switch

_LEAST = 8
_DONE = {
    "created": sentence("created"),
    "changed": sentence("changed"),
    "removed": sentence("removed"),
    "unchanged": sentence("unchanged"),
    "uses": sentence("uses"),
}
_WOULD = {
    "created": sentence("would be created"),
    "changed": sentence("would be changed"),
    "removed": sentence("would be removed"),
    "uses": sentence("would use"),
}


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


def wide(names: Iterable[str]) -> int:
    """How wide a column of these names is."""
    return max(_LEAST, *(cells(name) + 2 for name in names), 0)


def tools(data: Switch) -> Iterator[Line]:
    """What was done to each tool's files, and what it uses now; of a dry run what would be."""
    width = wide(data.tools)
    for tool, entry in data.tools.items():
        files = [file for file in entry.files if file.action != "skipped"]
        if not files:
            yield Line(padded(tool, width) + _("left as it is"))
            continue
        for file in files:
            yield row(padded(tool, width) + done(file.action, data.dry_run), file.path)
        for address in entry.effective or [_("(the tool's own default)")]:
            yield row(" " * width + done("uses", data.dry_run), address)


def done(action: str, would: bool) -> str:
    """What became of a file, or would; as wide as it is in every line of its kind."""
    words = {**_DONE, **_WOULD} if would else _DONE
    said = {name: _(word) for name, word in words.items()}
    return padded(
        said.get(action, action), max(10, *(cells(word) + 2 for word in said.values())) if would else 10
    )


def row(before: str, long: str) -> Line:
    """What ends with a path or an address; where that has no room beside the rest, it goes below it."""
    return Line(long, label=before, indent=4)


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
