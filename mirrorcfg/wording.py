"""How words and values are shown in a sentence."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from functools import reduce
from typing import Any

from mirrorcfg.redact import redact
from mirrorcfg.sentence import sentence

_LONGEST = 120
_SPACES = " \u3000\u00a0"
# Nobody sees these either, though Unicode counts them as letters and marks: a text can be smuggled in them.
_BLANK = "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
_MOST = 40  # words; more are no help to anybody


def is_printable(text: str) -> bool:
    """Is it one line of visible characters: nothing that moves a terminal's cursor or turns its text?"""
    return all(char.isprintable() or char in _SPACES for char in text)


def is_visible(char: str) -> bool:
    """Does a reader see it where it stands, and does no terminal act on it?"""
    return (char.isprintable() or char in _SPACES) and (char.isascii() or not re.match(_BLANK, char))


def visible(text: str, keep: str = "") -> str:
    r"""`text` with all else spelt out, save what is in `keep`: \x1b, \n, \u202e."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char in keep or is_visible(char) else _escape(char) for char in text)


def shown(value: Any) -> str:
    """A value as a sentence may quote it: on one line, not too long, without credentials."""
    return repr(cut(redact(value))) if isinstance(value, str) else kind_of(value)


def pasted(*words: str, sudo: bool | None = None) -> str:
    """A command of ours, to be pasted; where it is for, and how root finds it, the command line adds.

    With `sudo` False it is for whoever called sudo, and not for root; without any for the rights of now.
    """
    before = {None: [], True: ["sudo"], False: ["command"]}[sudo]  # the shell's own word, which adds nothing
    return shlex.join([*before, "mirrorcfg", *words])


def cut(text: str) -> str:
    """`text`, not too long for a sentence."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that `word` was probably meant to be."""
    import difflib

    matches = difflib.get_close_matches(word.lower()[:_LONGEST], list(words), n=1, cutoff=0.6)
    return matches[0] if matches else None


def meant(word: str, words: Iterable[str]) -> str:
    """What a sentence ends with where `word` was probably meant to be another of `words`, else nothing."""
    near = nearest(word, words)
    return sentence(" Did you mean {near!r}?", near=near) if near else ""


def both(words: Iterable[str]) -> str:
    """`a and b` for a sentence."""
    return reduce(lambda first, last: sentence("{first} and {last}", first=first, last=last), words)


def either(words: Iterable[str]) -> str:
    """`a or b` for a sentence."""
    return reduce(lambda first, last: sentence("{first} or {last}", first=first, last=last), words)


def listed(words: Iterable[str]) -> str:
    """`a, b, c` for a sentence."""
    named = [cut(word) for word in words]
    return ", ".join(named if len(named) <= _MOST else [*named[:_MOST], "…"])


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def kind_of(value: Any) -> str:
    """What a value is, for a sentence that shows nothing of it."""
    if isinstance(value, str):
        return sentence("a string")
    number, other = sentence("a number"), sentence("a date or time")
    names = {bool: sentence("a switch"), int: number, float: number}
    return {**names, list: sentence("a list"), dict: sentence("a table")}.get(type(value), other)
