"""The commands, a file each: its options, how its result is drawn, and the words that take it back.

A new command is a new file here. It bears the command's name, and has `TASK`, under which `--help` lists it,
and `RANK`, its place there. The function of that name has the command's page as its docstring (cli/page.py);
where it is more than one command, `register` adds them. Only the file of the command that was called is
imported, and typer builds no other: that is a fifth of the time of a plain command.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

TASKS = {
    "switch": "Switch, and take it back",
    "look": "Look",
    "work": "Keep working when a mirror is down",
    "profiles": "Profiles",
    "images": "Images, CI and new machines",
    "self": "This program",
}
"""What somebody is about, as `--help` says it."""


def named(word: str) -> Any:
    """The file of the command `word`, None if there is no such command."""
    return import_module(f"{__name__}.{word}") if word.isalpha() and find_spec(f"{__name__}.{word}") else None


def every() -> list[Any]:
    """The files of all commands that `--help` lists, in its order."""
    import pkgutil

    modules = [import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__)]
    return sorted((module for module in modules if module.TASK), key=lambda module: int(module.RANK))


def name(module: Any) -> str:
    """The command's."""
    return str(module.__name__.rpartition(".")[2])
