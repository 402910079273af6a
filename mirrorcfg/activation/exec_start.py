"""The words of an ExecStart line, and of those the ones that dockerd gets.

Source of the rules: systemd.service(5), "Command lines"; systemd.unit(5), "Specifiers"; sh(1).
Tried on systemd 252: tests/e2e/test_exec_start.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mirrorcfg.activation import sh

_PROGRAM = "dockerd"
_SHELLS = ("sh", "bash", "dash", "ash", "ksh", "zsh", "busybox")
_CONTROL = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}
_NUMBER = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})")
_SPECIFIERS = {
    "%": "%", "n": "docker.service", "N": "docker", "p": "docker", "i": "", "t": "/run", "S": "/var/lib",
    "C": "/var/cache", "L": "/var/log", "E": "/etc", "h": "/root", "u": "root",
}  # fmt: skip
_PREFIXES = "-@:+!|"

Variables = Mapping[str, str]


def given(line: str, environ: Variables) -> tuple[str, ...]:
    """What dockerd is started with, its own name first; the whole line's words where it isn't seen in it."""
    found = list(words(line, environ))
    return tuple(_of_daemon(found) or _of_daemon(_of_shell(found, environ)) or found)


def words(line: str, environ: Variables) -> Iterator[str]:
    """The words that systemd makes of the line: none where a quote in it is torn."""
    rest = line.strip().lstrip(_PREFIXES)
    prefix = line.strip().removesuffix(rest)
    try:
        parts = split(rest)
    except ValueError:
        return
    if "@" in prefix:  # the second word is what the program calls itself
        parts = parts[:1] + parts[2:]
    for number, part in enumerate(map(_specified, parts)):
        if part == ";":  # another command
            return
        if number == 0 or ":" in prefix or part == "\\;":
            yield part.removeprefix("\\") if part == "\\;" else part
        else:
            yield from _opened(part, environ)


def split(text: str, *, escapes: bool = True) -> list[str]:
    """At white space outside quotes; with `escapes` these are C's, and a torn quote is a ValueError."""
    found: list[str] = []
    word: str | None = None
    quote, at = "", 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "\\" and at < len(text):
            said, size = _escape(text, at) if escapes else (text[at], 1)
            word, at = (word or "") + said, at + size
        elif quote:
            if char == quote:
                quote = ""
            else:
                word = (word or "") + char
        elif char in "'\"":
            quote, word = char, word or ""
        elif char in " \t\r\n":
            if word is not None:
                found.append(word)
            word = None
        else:
            word = (word or "") + char
    if quote and escapes:
        raise ValueError(text)
    return found if word is None else [*found, word]


def _escape(text: str, at: int) -> tuple[str, int]:
    """What the escape after the backslash stands for, and how long it is; one that isn't known stays."""
    char = text[at]
    if number := _NUMBER.match(text, at):
        digits = next(group for group in number.groups() if group)
        code = int(digits, 8 if char.isdecimal() else 16)
        return (chr(code) if code <= 0x10FFFF else number[0]), len(number[0])
    if char in "\\\"'":
        return char, 1
    return _CONTROL.get(char, f"\\{char}"), 1


def _specified(word: str) -> str:
    """`word` with what hangs on the unit alone; what only a running system can tell stays."""
    return re.sub(r"%(.)", lambda found: _SPECIFIERS.get(found[1], found[0]), word)


def _opened(word: str, environ: Variables) -> list[str]:
    """`$NAME` alone is as many words as it has; `${NAME}` is part of one; elsewhere a dollar is a dollar."""
    if word[:1] == "$" and word[1:2] not in ("{", "$"):
        return split(environ.get(word[1:], ""), escapes=False)
    return [re.sub(r"\$(?:(\$)|\{(\w+)\})", lambda found: found[1] or environ.get(found[2], ""), word)]


def _of_daemon(found: Sequence[str]) -> Sequence[str]:
    names = (number for number, word in enumerate(found) if word.rpartition("/")[2] == _PROGRAM)
    return next((found[number:] for number in names), ())


def _of_shell(found: Sequence[str], environ: Variables) -> Sequence[str]:
    """The words of the command in a shell's script, given by `-c`, that starts dockerd."""
    if not found or found[0].rpartition("/")[2] not in _SHELLS:
        return ()
    options = (number for number, word in enumerate(found) if re.fullmatch(r"-[a-z]*c[a-z]*", word))
    number = next(options, len(found))
    if number + 1 >= len(found):
        return ()
    commands = sh.commands(found[number + 1], environ, found[number + 3 :])
    return next((command for command in commands if _of_daemon(command)), ())
