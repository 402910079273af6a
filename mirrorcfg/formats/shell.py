"""Words and variables as the languages of shells spell them; what one can't hold is refused, never bent.

Source of the rules: POSIX, "Shell Command Language", 2.2; fish, "The fish language", Quotes; PowerShell's
tokenizer (every one of five characters is a single quote); cmd's `set`, tried; GitHub, "Workflow commands",
Multiline strings; for dotenv what python-dotenv, Node's dotenv and docker compose have in common.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mirrorcfg.errors import FormatError
from mirrorcfg.sentence import sentence

Variables = Mapping[str, str | None]
"""Environment variables to values; None takes one away."""

_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_QUOTES = "'\u2018\u2019\u201a\u201b"  # what PowerShell takes for a single quote


def sh(value: str) -> str:
    """`value` as one word of a POSIX shell. Raises FormatError `not-quotable`."""
    return "'" + _text(value, "sh").replace("'", "'\\''") + "'"


def fish(value: str) -> str:
    """`value` as one word of fish. Raises FormatError `not-quotable`."""
    return "'" + _text(value, "fish").replace("\\", "\\\\").replace("'", "\\'") + "'"


def powershell(value: str) -> str:
    """`value` as a string of PowerShell, which fits an argument too. Raises FormatError `not-quotable`."""
    doubled = "".join(char * 2 if char in _QUOTES else char for char in _text(value, "PowerShell"))
    return f"'{doubled}'"


def cmd(value: str) -> str:
    """`value` in double quotes, as a batch file holds it.

    Raises FormatError `not-quotable` for a double quote and for control characters: cmd has no way to say
    them. Where a batch file turned delayed expansion on, `!` means something all the same.
    """
    for char in _text(value, "cmd"):
        if char == '"' or char < " ":
            raise _unspeakable("cmd", sentence("the character {character!r}", character=char))
    return '"' + value.replace("%", "%%") + '"'


def dotenv(value: str) -> str:
    """`value` as a file of variables holds it. Raises FormatError `not-quotable` where its readers differ."""
    if re.fullmatch(r"[A-Za-z0-9_./:@%+,=~-]*", _text(value, "dotenv")):
        return value
    if found := re.search(r"['\\$\r\n]", value):
        raise _unspeakable("dotenv", sentence("the character {character!r}", character=found[0]))
    return f"'{value}'"


def assignments(language: str, variables: Variables) -> list[str]:
    """The lines that set, and take away, these variables in `language`, one of `LANGUAGES`.

    Raises FormatError `not-quotable`.
    """
    put, drop = LANGUAGES[language]
    lines = []
    for name, value in variables.items():
        if not _NAME.fullmatch(name):
            raise FormatError("not-quotable", sentence("{name!r} is no variable's name.", name=name))
        if value is not None:
            lines.append(put(name, value))
        elif drop is None:
            what = sentence("{language} can't take a variable away.", language=language)
            raise FormatError("not-quotable", what)
        else:
            lines.append(drop(name))
    return lines


def _github(name: str, value: str) -> str:
    """A line of the file that $GITHUB_ENV names; of several lines where the value has them."""
    if not set("\r\n") & set(_text(value, "github")):
        return f"{name}={value}"
    if "\r" in value:
        raise _unspeakable("github", sentence("a carriage return"))
    number, lines = 0, value.split("\n")
    while (end := f"END{number}") in lines:
        number += 1
    return f"{name}<<{end}\n{value}\n{end}"


LANGUAGES: Mapping[str, tuple[Callable[[str, str], str], Callable[[str], str] | None]] = {
    "bash": (lambda name, value: f"export {name}={sh(value)}", lambda name: f"unset {name}"),
    "fish": (lambda name, value: f"set -gx {name} {fish(value)}", lambda name: f"set -e {name}"),
    "pwsh": (
        lambda name, value: f"$env:{name} = {powershell(value)}",
        lambda name: f"Remove-Item -ErrorAction Ignore Env:{name}",
    ),
    "cmd": (lambda name, value: f"set {cmd(f'{name}={value}')}", lambda name: f'set "{name}="'),
    "github": (_github, None),
    "dotenv": (lambda name, value: f"{name}={dotenv(value)}", None),
}
"""How each language sets a variable, and how it takes one away, if it can."""


def _text(value: str, language: str) -> str:
    if "\0" in value:
        raise _unspeakable(language, sentence("the character NUL"))
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise _unspeakable(language, sentence("bytes that are no text"))
    return value


def _unspeakable(language: str, what: str) -> FormatError:
    whole = sentence("{language} can't say {what} in a value.", language=language, what=what)
    return FormatError("not-quotable", whole)
