"""`config`: what mirrorcfg does where its command line doesn't say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.cli import table
from mirrorcfg.cli import values as v
from mirrorcfg.cli.answer import Answer, command
from mirrorcfg.cli.group import Group
from mirrorcfg.cli.language import _
from mirrorcfg.cli.screen import Line
from mirrorcfg.cli.table import Column, Row

if TYPE_CHECKING:
    from mirrorcfg.ops.config import Configuration, Setting
    from mirrorcfg.ops.configure import Configured, Location

TASK = "self"
RANK = 160


class _Keys(Group):
    """A word that is none of its commands is a key to show."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The words, with the command that shows before those that name none."""
        if not args or args[0] not in (*self.commands, "-h", "--help"):
            args = [_SHOW, *args]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command; the one that shows has no name of its own."""
        name, found, rest = super().resolve_command(ctx, args)
        return "" if name == _SHOW else name, found, rest


_SHOW = "show"
group = typer.Typer(cls=_Keys, rich_markup_mode=None, subcommand_metavar="[KEY] | COMMAND [ARGS]...")
Scope = Annotated[
    o.ShelfName | None,
    typer.Option("--scope", help="Whose settings: yours, or those of all users.  [default: user]"),
]
Key = Annotated[str, typer.Argument(metavar="KEY", help="A setting.", autocompletion=v.complete_keys)]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(group, name="config")


@group.callback()
def config() -> None:
    """Show or change mirrorcfg's own settings.

    Without a command it lists them, and which file each comes from; with KEY it prints that one's value. They
    are the user's, or with --scope system those of all users. The keys are in docs/config.md.

    See all of them, or print one:
      mirrorcfg config
      mirrorcfg config timeout

    Set the profile that `mirrorcfg use` takes where none is named, and take that back:
      mirrorcfg config set profile tsinghua
      mirrorcfg config unset profile
    """


@command(group, name=_SHOW, hidden=True)
def show(
    key: Annotated[
        str | None,
        typer.Argument(metavar="[KEY]", help="Only this one's value.", autocompletion=v.complete_config),
    ] = None,
    root: o.Root = None,
    json: o.Json = False,
) -> Answer:
    """Show mirrorcfg's own settings, and which file each comes from."""
    from mirrorcfg.ops.config import config as run

    return Answer.of(run(o.host(root), key), draw)


@command(group, name="set")
def set_(
    key: Key,
    value: Annotated[
        str,
        typer.Argument(
            metavar="VALUE",
            help="Its value; names have commas between.",
            autocompletion=v.complete_settings,
        ),
    ],
    scope: Scope = None,
    root: o.Root = None,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Answer:
    """Give a setting a value; all else in the file stays as it is.

    Have `failover` and `watch` go through these, and give sources five seconds:
      mirrorcfg config set chain tsinghua,nju,official
      mirrorcfg config set timeout 5
    """
    return _changed(key, value, scope, root)


@command(group)
def unset(
    key: Key, scope: Scope = None, root: o.Root = None, yes: o.Yes = False, json: o.Json = False
) -> Answer:
    """Take a setting out of the file.

    Go back to what counts without it:
      mirrorcfg config unset timeout
    """
    return _changed(key, None, scope, root)


@command(group)
def path(scope: Scope = None, root: o.Root = None, json: o.Json = False) -> Answer:
    """Print where the file is, or would be.

    See yours, and that of all users:
      mirrorcfg config path
      mirrorcfg config path --scope system
    """
    from mirrorcfg.ops.configure import path as run

    host = o.host(root)
    return Answer.of(run(host, o.whose(host, scope)), draw_path)


@command(group)
def edit(scope: Scope = None, root: o.Root = None, yes: o.Yes = False, json: o.Json = False) -> Answer:
    """Open the file in your editor, and check it afterwards.

    The editor is what $VISUAL or $EDITOR names. What is wrong is shown and can be mended; else the file stays
    as it was.

    Change what you like:
      mirrorcfg config edit
    """
    from mirrorcfg.ops.configure import edit as run

    host = o.host(root)
    return Answer.of(run(host, o.whose(host, scope), o.again(yes)), draw_configured)


def _changed(key: str, value: str | None, scope: o.ShelfName | None, root: Path | None) -> Answer:
    from mirrorcfg.ops.configure import change

    host = o.host(root)
    return Answer.of(change(host, key, value, o.whose(host, scope)), draw_configured)


def draw(data: Configuration) -> Iterator[str | Line]:
    """A row for each setting; the value alone of one that was named: `$(mirrorcfg config chain)`."""
    if len(data.settings) == 1:
        return (_value(entry.value) or "-" for entry in data.settings.values())
    columns = (Column(_("KEY")), Column(_("VALUE")), Column(_("SET BY")))
    return table.drawn(columns, [_row(name, entry) for name, entry in data.settings.items()])


def _row(name: str, entry: Setting) -> Row:
    value = _value(entry.value)
    unit = {"soft-failures": _("times"), "keep": _("generations")}.get(
        name, _("s") if isinstance(entry.value, float) else ""
    )
    return Row((name, f"{value} {unit}".rstrip() or "-", entry.origin or _("(default)")))


def _value(value: object) -> str:
    """As the command line takes it: names with commas between, a number of seconds without a needless .0."""
    if isinstance(value, float):
        return f"{value:g}"
    return ",".join(value) if isinstance(value, (tuple, list)) else str(value or "")


def draw_configured(data: Configured) -> Iterator[str]:
    """What became of the file."""
    yield f"{_('changed') if data.changed else _('unchanged'):<11}{data.path}"


def draw_path(data: Location) -> Iterator[str]:
    """It."""
    yield data.path
