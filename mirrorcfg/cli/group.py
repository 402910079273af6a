"""A command that has commands of its own."""

from __future__ import annotations

from typing import Any, NoReturn

from typer.core import TyperGroup

from mirrorcfg.cli.answer import loudness
from mirrorcfg.cli.page import Entry, Section, page, summary
from mirrorcfg.errors import UsageError
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import nearest, shown


class Group(TyperGroup):
    """Its page is ours, and so is what it says of a word that is no command."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.params += loudness()

    def get_help(self, ctx: Any) -> str:
        """Its page, as `--help` prints it."""
        from mirrorcfg.cli.help import drawn

        return drawn(page(self, ctx))

    def sections(self, context: Any) -> list[Section]:
        """Its commands, with what each does."""
        found = [(name, self.get_command(context, name)) for name in self.list_commands(context)]
        return [
            Section(
                "Commands",
                [Entry(name, summary(each.help)) for name, each in found if each and not each.hidden],
            )
        ]

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that the first word names, and the words after it. Raises UsageError."""
        found = self.get_command(ctx, args[0])
        if found is None and not ctx.resilient_parsing:
            self._unknown(ctx, args[0])
        return args[0] if found else None, found, args[1:]

    def _unknown(self, ctx: Any, word: str) -> NoReturn:
        near = nearest(word, self.list_commands(ctx))
        meant = sentence(" Did you mean {near!r}?", near=near) if near else ""
        what = sentence("There is no command {word}.{meant}", word=shown(word), meant=meant)
        raise UsageError("usage", what, hint=f"{ctx.command_path} --help")
