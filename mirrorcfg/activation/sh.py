"""What a POSIX shell makes of a script's words and variables, as far as a daemon is started by such.

Source of the rules: POSIX, "Shell Command Language", 2.2, 2.5 and 2.6.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

Variables = Mapping[str, str]

_CUT = re.compile(r"[;&|()\n]+")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\}|([@*]))")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.S)


def commands(script: str, environ: Variables, parameters: Sequence[str] = ()) -> Iterator[list[str]]:
    """The words of each simple command, without its redirections; what can't be lexed ends it."""
    lexer = shlex.shlex(_opened(script, environ, parameters), posix=True, punctuation_chars=";&|()<>\n")
    lexer.whitespace, lexer.whitespace_split = " \t\r", True
    command: list[str] = []
    try:
        for token in [*lexer, ";"]:
            if _CUT.fullmatch(token):
                yield _without_redirections(command)
                command = []
            else:
                command.append(token)
    except ValueError:
        return


def assigned(text: str) -> dict[str, str]:
    """The variables of a file of assignments that a shell sources: one may be made of those before it."""
    found: dict[str, str] = {}
    begun = ""
    for line in text.replace("\r\n", "\n").replace("\\\n", "").split("\n"):
        begun += line
        try:
            words = shlex.split(_opened(begun, found, (), split=False), comments=True)
        except ValueError:  # a quote that goes on
            begun += "\n"
            continue
        begun = ""
        for word in words[1:] if words[:1] == ["export"] else words:
            assignment = _ASSIGNMENT.fullmatch(word.removesuffix(";"))
            if assignment is None:
                break
            found[assignment[1]] = assignment[2]
    return found


def _without_redirections(command: list[str]) -> list[str]:
    stop = next((at for at, word in enumerate(command) if word[:1] in ("<", ">")), len(command))
    return command[:stop]


def _opened(text: str, environ: Variables, parameters: Sequence[str], *, split: bool = True) -> str:
    """With values in their variables' places, quoted so that lexing splits them as a shell does."""
    out, quote, at = "", "", 0
    while at < len(text):
        char = text[at]
        found = _VARIABLE.match(text, at) if quote != "'" else None
        if char == "\\" and quote != "'":
            out, at = out + text[at : at + 2], at + 2
        elif found:
            value = environ.get(found[1] or found[2] or "") or found[3] or ""
            out += _quoted(
                list(parameters) if found[4] else value.split() if split else [value], value, quote
            )
            at = found.end()
        else:
            if char in "'\"" and quote in ("", char):
                quote = "" if quote else char
            out, at = out + char, at + 1
    return out


def _quoted(words: Sequence[str], value: str, quote: str) -> str:
    if quote and value:
        return re.sub(r'([\\"$`])', r"\\\1", value)
    listed = " ".join(map(shlex.quote, words))
    return f'"{listed}"' if quote else listed  # "$@": as many words as there are
