"""The tree of commands. Only the one that is called is built: that is a fifth of a command's time."""

from __future__ import annotations

from typing import Any

import typer

from mirrorcfg.cli import commands
from mirrorcfg.cli.answer import command
from mirrorcfg.cli.group import Group
from mirrorcfg.cli.page import Entry, Section, summary


class Program(Group):
    """All of mirrorcfg. What its page says of a command is read off that one's file, without building it."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands' names, in the order of their page."""
        return [commands.name(module) for module in commands.every()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, None if there is none."""
        if cmd_name not in self.commands and (module := commands.named(cmd_name)) is not None:
            self.commands[cmd_name] = _built(module)
        return self.commands.get(cmd_name)

    def sections(self, context: Any) -> list[Section]:
        """The commands by task."""
        modules = commands.every()
        return [
            Section(heading, [_entry(module) for module in modules if task == module.TASK])
            for task, heading in commands.TASKS.items()
        ]


def _built(module: Any) -> Any:
    """Its command: the function that is named like the file; a file with more than that adds it by itself."""
    app = typer.Typer(rich_markup_mode=None)
    if hasattr(module, "register"):
        module.register(app)
    else:
        command(app)(getattr(module, commands.name(module)))
    return typer.main.get_group(app).commands[commands.name(module)]


def _entry(module: Any) -> Entry:
    name = commands.name(module)
    return Entry(name, summary(getattr(module, name).__doc__))
