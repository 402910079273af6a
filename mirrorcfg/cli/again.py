"""Commands to be pasted, for the place that this call was given: the one way from a hint to what is printed.

Whoever gives a hint knows what is to be done, and not how the command line was given. A hint, or a fact of
one, that begins with `mirrorcfg` (or `sudo mirrorcfg`) is a command and nothing else: it gets the options
that say where, which this call was given and that command takes too, and is said for the same rights.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

from mirrorcfg.sentence import Sentence

NAME = "mirrorcfg"
ROOTS = '"$(command -v mirrorcfg)"'
"""The program as sudo finds it, whose PATH lacks what pipx or uv installed in a home."""

CARRIED = ("--root", "--scope", "--ca-file", "--tool", "--set")
"""The options that say where, and of what, anything is done."""
_SILENT = ("--json", "--yes", "-y")


class Given(NamedTuple):
    """What this call was given: its words, what it calls its profile, its carried options, their choices.

    `profiles` is None where the call is about none, and empty where it took the configuration's.
    """

    words: Sequence[str] = ()
    profiles: frozenset[str] | None = None
    options: Mapping[str, Sequence[str]] = {}
    choices: Mapping[str, object] = {}


_given: ContextVar[Given] = ContextVar("given")
_NOTHING = Given()


def remember(context: Any, line: Sequence[str]) -> None:
    """Keep what the call of this typer context was given; `line` are its words."""
    profiles, options, choices = None, {}, {}
    for parameter in context.command.params:
        value = context.params.get(parameter.name)
        values = [_text(each) for each in (value if isinstance(value, (list, tuple)) else [value]) if each]
        option = next((name for name in CARRIED if name in parameter.opts), None)
        if parameter.name == "profile":
            files = [str(Path(text).absolute()) for text in values if "/" in text]
            profiles = frozenset([*values, *files])
        elif option and values:
            options[option], choices[option] = values, _choices(parameter)
    _given.set(Given(tuple(line), profiles, options, choices))


def again(hint: str | None) -> str | None:
    """A hint with its commands for this place; None where that would be the very command that was given."""
    if isinstance(hint, Sentence):
        return hint.of(lambda fact: again(fact) or fact)
    parts = _parted(hint) if hint else None
    if parts is None:
        return hint
    before, words = parts
    given = _given.get(_NOTHING)
    words = _carried(words, given)
    same = _likened(words) == _likened(given.words) and _by_root(before) == _by_root([])
    return None if same else _joined(before, words)


def command(*words: str) -> str:
    """A command of ours, for the same place and with the same rights."""
    return _joined([], _carried(words, _given.get(_NOTHING)))


def _joined(before: Sequence[str], words: Sequence[str]) -> str:
    """For the same rights, root's or those of who called sudo; who is root, and not by sudo, needs none."""
    sudo = _by_root(before) and (not _is_root() or bool(os.environ.get("SUDO_UID")))
    before = [*(["sudo"] if sudo else []), *(word for word in before if word not in ("sudo", "command"))]
    name = ROOTS if sudo else NAME
    return " ".join([*map(shlex.quote, before), name, *map(shlex.quote, words)])


def _by_root(before: Sequence[str]) -> bool:
    return "sudo" in before or (_is_root() and "command" not in before)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _parted(text: str) -> tuple[list[str], list[str]] | None:
    """What stands before `mirrorcfg` and behind it, in a text that is a command of ours."""
    if not text.startswith((f"{NAME} ", "sudo ", "env ", "command ")):
        return None
    try:
        words = shlex.split(text)
        at = words.index(NAME)
    except ValueError:
        return None
    before = words[:at]
    return (
        (before, words[at + 1 :])
        if all(w in ("sudo", "env", "command") or "=" in w for w in before)
        else None
    )


def _carried(words: Sequence[str], given: Given) -> list[str]:
    """These with the options that were given, that they don't say themselves and their command takes."""
    end = words.index("--") if "--" in words else len(words)
    own = list(words[:end])
    said = {word.partition("=")[0] for word in own}
    lacking = {name: values for name, values in given.options.items() if name not in said}
    if given.profiles is None or (given.profiles and not given.profiles & set(own)):
        lacking.pop("--set", None)  # the variables are those of a profile, and this is another one
    taken = _taken(own) if lacking else {}
    for name, values in lacking.items():
        if name in taken and taken[name] == given.choices[name]:
            own += [word for value in values for word in (name, value)]
    return [*own, *words[end:]]


def _taken(words: Sequence[str]) -> Mapping[str, object]:
    """The carried options that a command takes, and what there is to choose from in each."""
    import typer

    from mirrorcfg.cli.app import program

    found: Any = typer.main.get_command(program())
    for word in words:
        below = found.get_command(None, word) if hasattr(found, "commands") else None
        if below is None:
            break
        found = below
    return {name: _choices(each) for each in found.params for name in CARRIED if name in each.opts}


def _choices(parameter: Any) -> object:
    """Two options of one name mean the same where they have the same values."""
    return tuple(map(str, getattr(parameter.type, "choices", ())))


def _text(value: object) -> str:
    return str(getattr(value, "value", value))


def _likened(words: Sequence[str]) -> list[str]:
    """Words as they compare: in any order, without those that change nothing of what is done."""
    parts = (part for word in words for part in (word.split("=", 1) if word.startswith("--") else [word]))
    return sorted(part for part in parts if part not in _SILENT)
