"""A TOML file that mirrorcfg reads for itself: parsed, and every error about it with its line and key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from mirrorcfg.errors import FormatError, MirrorcfgError
from mirrorcfg.formats import budget
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import cut

LARGEST = 256 * 1024
E = TypeVar("E", bound=MirrorcfgError)


class Subject(NamedTuple, Generic[E]):
    """What a file is, to its errors: `The profile 'acme'`, codes that begin with `profile`."""

    title: str
    code: str
    path: str
    error: type[E]

    def wrong(self, code: str, what: str, text: str, *keys: str | int, hint: str | None = None) -> E:
        """The error about the value at `keys` of `text`, with the line it stands on."""
        from mirrorcfg.formats.toml_scan import line_of

        named = ".".join(cut(key) for key in keys if isinstance(key, str))
        return self.error(code, what, path=self.path, line=line_of(text, keys), key=named or None, hint=hint)

    def unreadable(self, code: str, what: str, line: int | None = None, column: int | None = None) -> E:
        """The error about all of it."""
        return self.error(f"{self.code}-{code}", what, path=self.path, line=line, column=column)

    def too_large(self) -> E:
        """The error about more bytes than may be read."""
        largest = LARGEST // 1024
        what = sentence("{subject} is larger than {largest} KiB.", subject=self.title, largest=largest)
        return self.unreadable("too-large", what)


def parse(data: bytes, subject: Subject[E]) -> tuple[str, Mapping[str, Any]]:
    """The text that `data` is, and what it says.

    Raises the subject's error `…-too-large`, `…-encoding` or `…-syntax`, with line and column.
    """
    if len(data) > LARGEST:
        raise subject.too_large()
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = sentence("{subject} is not UTF-8 text.", subject=subject.title)
        raise subject.unreadable("encoding", what, line) from None
    try:
        budget.toml(text)
        return text, tomllib.loads(text)
    except FormatError as error:
        what = sentence("{subject} is nested too deeply.", subject=subject.title)
        if error.code != "too-deep":
            what = sentence("{subject} can't be read: {why}.", subject=subject.title, why=error.what)
        raise subject.unreadable("syntax", what, error.line, error.column) from None
    except ValueError as error:
        why, line_, column = _place(str(error), text)
        what = sentence("{subject} is not valid TOML: {why}.", subject=subject.title, why=why)
        raise subject.unreadable("syntax", what, line_, column) from None


def _place(message: str, text: str) -> tuple[str, int | None, int | None]:
    """What tomllib has to say, and the line and column that its message ends with."""
    import re

    if match := re.fullmatch(r"(?s)(.*) \(at line (\d+), column (\d+)\)", message):
        return match[1], int(match[2]), int(match[3])
    if match := re.fullmatch(r"(?s)(.*) \(at end of document\)", message):
        return match[1], text.count("\n", 0, len(text.rstrip())) + 1, None
    return sentence("a number or a date in it can't be read"), None, None
