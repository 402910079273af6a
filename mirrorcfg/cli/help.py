"""A command's page, drawn for a terminal: in the reader's language, as wide as that is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence

from mirrorcfg.cli.language import _
from mirrorcfg.cli.page import HEADING, USAGE, Entry, Page
from mirrorcfg.cli.wrap import padded, width, wrapped
from mirrorcfg.sentence import sentence

_WIDEST, _COLUMN = 80, 26
Translate = Callable[[str], str]


def drawn(page: Page, translate: Translate = _, columns: int | None = None) -> str:
    """The page as lines of at most `columns` (default: the terminal's, up to 80)."""
    columns = columns or max(min(shutil.get_terminal_size().columns, _WIDEST), 40) - 1
    return "\n".join(_lines(page, translate, columns))


def _lines(page: Page, translate: Translate, columns: int) -> Iterator[str]:
    head = translate(USAGE).replace("{command}", page.name)
    indent = " " * (width(head) + 1)
    words = wrapped(" ".join(map(translate, page.words)), columns - len(indent))
    for at, line in enumerate(words):
        yield f"{indent if at else f'{head} '}{line}"
    for paragraph in page.paragraphs:
        yield ""
        yield from wrapped(translate(paragraph.told), columns)
        yield from (f"  {line}" for line in paragraph.lines)
    entries = [entry for section in page.sections for entry in section.entries]
    column = min(max(width(entry.word) for entry in entries), _COLUMN) + 2
    for section in page.sections:
        yield ""
        yield translate(HEADING).replace("{heading}", translate(section.heading))
        yield from _entries(section.entries, translate, column, columns)


def _entries(entries: Sequence[Entry], translate: Translate, column: int, columns: int) -> Iterator[str]:
    for entry in entries:
        text = translate(entry.told)
        notes = [translate(sentence(template, value=value)) for template, value in entry.notes]
        blank = "  " if text.isascii() else ""
        told = wrapped(blank.join([text, *notes]), columns - column - 2)
        beside = width(entry.word) <= _COLUMN
        if not beside or not told:
            yield f"  {entry.word}"
        for at, line in enumerate(told):
            yield f"  {padded(entry.word if beside and not at else '', column)}{line}"
