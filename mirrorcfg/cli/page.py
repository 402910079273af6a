"""What there is to say of a command, in English: `--help`, the manual and the completion are made of it.

A command's docstring is its page: paragraphs with empty lines between. Where lines of one are indented they
are commands, to be pasted, and what stands above them says what they do.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

OPTIONS, USAGE, HEADING = "[OPTIONS]", "Usage: {command}", "{heading}:"
_HELP = "Show this page."


class Entry(NamedTuple):
    """A word of the command line and what it is for; `notes` tell of its default, and if it must be there."""

    word: str
    told: str
    notes: Sequence[tuple[str, str]] = ()


class Paragraph(NamedTuple):
    """A text, and the commands that it is about, if it is of some."""

    told: str
    lines: Sequence[str] = ()


class Section(NamedTuple):
    """Words of one kind, under a heading."""

    heading: str
    entries: Sequence[Entry]


class Page(NamedTuple):
    """A command's page; `words` are those of its line after its name."""

    name: str
    words: Sequence[str]
    paragraphs: Sequence[Paragraph]
    sections: Sequence[Section]

    def texts(self) -> Iterator[str]:
        """All that is to be translated."""
        yield from (OPTIONS, USAGE, HEADING)
        yield from (word for word in self.words if " " in word)
        for paragraph in self.paragraphs:
            yield paragraph.told
        for section in self.sections:
            yield section.heading
            for entry in section.entries:
                yield entry.told
                yield from (template for template, _ in entry.notes)


def paragraphs(doc: str | None) -> list[Paragraph]:
    """Those of a docstring."""
    return [_paragraph(text.split("\n")) for text in inspect.cleandoc(doc or "").split("\n\n") if text]


def summary(doc: str | None) -> str:
    """The first of them, which says it all in one sentence."""
    return next((paragraph.told for paragraph in paragraphs(doc)), "")


def page(command: Any, context: Any) -> Page:
    """The page of a command of typer's; one that has commands lists them by `sections`."""
    arguments: list[Entry] = []
    options: list[Entry] = []
    for param in command.get_params(context):
        if not getattr(param, "hidden", False):
            (arguments if param.param_type_name == "argument" else options).append(_entry(param, context))
    own = command.sections(context) if hasattr(command, "sections") else []
    words = [OPTIONS, *(word.strip("{}") for word in command.collect_usage_pieces(context)[1:])]
    sections = [Section("Arguments", arguments), *own, Section("Options", options)]
    return Page(
        " ".join(context.command_path.split()),
        words,
        paragraphs(command.help),
        [section for section in sections if section.entries],
    )


def _paragraph(lines: Sequence[str]) -> Paragraph:
    told = [line for line in lines if not line.startswith(" ")]
    return Paragraph(" ".join(told), [line.strip() for line in lines if line.startswith(" ")])


def _entry(param: Any, context: Any) -> Entry:
    if param.param_type_name == "argument":
        word, told = param.make_metavar(ctx=context), param.help or ""
        return Entry(word, told)
    names = sorted(param.opts, key=len)
    word = " / ".join(filter(None, [", ".join(names), ", ".join(param.secondary_opts)]))
    if not param.is_flag:
        word += f" {param.make_metavar(ctx=context)}"
    told = _HELP if "--help" in param.opts else param.help or ""
    return Entry(word, told, _notes(param))


def _notes(param: Any) -> list[tuple[str, str]]:
    found = []
    if isinstance(param.default, (int, float, str)) and not param.is_flag:
        found.append(
            (
                "[default: {value}]",
                f"{param.default:g}" if isinstance(param.default, float) else str(param.default),
            )
        )
    if param.required:
        found.append(("[required]", ""))
    return found
