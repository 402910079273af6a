"""What may come next on a command line, read off the tree of commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from typer._click.core import Context
from typer._click.shell_completion import _resolve_context, _resolve_incomplete, split_arg_string

Kind = Literal["words", "files", "folders"]


class Candidates(NamedTuple):
    """Words that may come next, each with what it is; or that files, or folders, may."""

    kind: Kind
    words: Sequence[tuple[str, str]] = ()


def split(line: str) -> list[str]:
    """The words of a shell's unfinished line without the program's; the last is the one to complete."""
    words = split_arg_string(line)[1:]
    return words if words and not line[-1:].isspace() else [*words, ""]


def candidates(program: Any, words: Sequence[str]) -> Candidates:
    """What the last of the words may become."""
    *before, word = words or [""]
    context = _resolve_context(program, {}, "mirrorcfg", list(before))
    asked, rest = _resolve_incomplete(context, list(before), word)
    head = word.removesuffix(rest) if word.startswith("-") else ""
    if asked is context.command:
        return Candidates("words", [each for each in _of_command(context, word) if each[0].startswith(word)])
    found = asked.shell_complete(context, rest)
    param: Any = asked
    if param.type.name == "path":
        return Candidates("folders" if param.metavar == "DIR" else "files")
    values = [(f"{head}{each.value}", each.help or "") for each in found]
    return Candidates("words", values) if values or not _is_path(rest) else Candidates("files")


def _of_command(context: Context, word: str) -> Iterator[tuple[str, str]]:
    """Its commands; its options where one is begun."""
    command: Any = context.command
    for section in command.sections(context) if hasattr(command, "sections") else ():
        for entry in section.entries:
            yield entry.word, entry.told
    for param in command.get_params(context) if word.startswith("-") else ():
        if param.param_type_name == "option" and not param.hidden:
            told = "Show its page." if "--help" in param.opts else param.help or ""
            yield from ((name, told) for name in sorted([*param.opts, *param.secondary_opts], key=len)[-1:])


def _is_path(word: str) -> bool:
    return "/" in word or word.startswith((".", "~"))
