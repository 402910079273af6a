"""The options that commands share, and how their texts become values."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mirrorcfg.cli import screen
from mirrorcfg.cli import values as v
from mirrorcfg.cli.language import _
from mirrorcfg.errors import MirrorcfgError, UsageError
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.host import Host
    from mirrorcfg.ops.shelf.directories import Whose
    from mirrorcfg.ops.shelf.incoming import Preview
    from mirrorcfg.ops.shelf.profile import Ask
    from mirrorcfg.ops.switch.planning import Request
    from mirrorcfg.ops.switch.proposal import Consent
    from mirrorcfg.profiles.compose import Question


class ScopeName(StrEnum):
    """The values of --scope."""

    user = "user"
    system = "system"
    venv = "venv"


class ShelfName(StrEnum):
    """The values of a profile's --scope."""

    user = "user"
    system = "system"


def apart(texts: list[str] | None) -> list[str] | None:
    """`pip,conda` as two. Raises UsageError where nothing stands beside a comma."""
    found = [word for text in texts or () for word in text.split(",")]
    if not all(found):
        what = sentence("--tool takes names with commas between, not {text!r}.", text=",".join(texts or ()))
        raise UsageError("bad-option", what, hint="--tool NAME,NAME")
    return found or None


Profile = Annotated[
    str,
    typer.Argument(
        metavar="PROFILE",
        help="A profile's name, or the path of a TOML file.",
        autocompletion=v.complete_profiles,
    ),
]
OwnProfile = Annotated[
    str | None,
    typer.Argument(
        metavar="[PROFILE]",
        help="A profile's name, or the path of a TOML file. Without one: the configuration's.",
        autocompletion=v.complete_profiles,
    ),
]
With = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="TOOL=PROFILE",
        help="Take this tool's source from another profile.",
        autocompletion=v.complete_overrides,
    ),
]
Tools = Annotated[
    list[str] | None,
    typer.Option(
        "--tool",
        metavar="TOOL,…",
        help="Only this tool, or these; may be repeated.",
        callback=apart,
        autocompletion=v.complete_tools,
    ),
]
Scope = Annotated[ScopeName | None, typer.Option("--scope", help="Whose settings to change.")]
Shelf = Annotated[
    ShelfName | None,
    typer.Option("--scope", help="Whose profile it is: yours, or that of all users.  [default: user]"),
]
Pin = Annotated[
    str | None, typer.Option("--sha256", metavar="HEX", help="The SHA-256 that the profile must have.")
]
Root = Annotated[
    Path | None,
    typer.Option("--root", metavar="DIR", help="Work on the system installed under DIR, at system scope."),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="VAR=VALUE", help="Give a variable of the profile a value."),
]
Chain = Annotated[
    str | None,
    typer.Option(
        "--chain",
        metavar="PROFILE,…",
        help="The profiles to go through, in order.  [default: the configuration's, or the profile's own]",
        autocompletion=v.complete_chain,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change; write nothing.")]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0.1,
        help="How long all of it may take.  [default: 10, or the configuration's]",
    ),
]
NoVerify = Annotated[bool, typer.Option("--no-verify", help="Write without asking the sources first.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def help_without_command(context: typer.Context) -> None:
    """Print the help of a group that was called without one of its commands; that is a usage error."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


def names(chain: str | None) -> tuple[str, ...]:
    """The names in a --chain, none for no option. Raises UsageError."""
    found = tuple(dict.fromkeys((chain or "").split(","))) if chain is not None else ()
    if not all(found):
        raise UsageError(
            "bad-option",
            sentence("--chain takes names with commas between, not {chain!r}.", chain=chain),
            hint="--chain nju,official",
        )
    return found


def pairs(option: str, texts: Sequence[str] | None) -> Mapping[str, str]:
    """`NAME=VALUE` texts as a mapping. Raises UsageError."""
    found = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            what = sentence("{option} takes NAME=VALUE, not {text!r}.", option=option, text=text)
            raise UsageError("bad-option", what, hint=f"{option} NAME=VALUE")
        found[name] = value
    return found


def request(
    host: Host,
    profile: str | None,
    overrides: Sequence[str] | None,
    tools: Sequence[str] | None,
    scope: ScopeName | None,
    variables: Sequence[str] | None,
) -> Request:
    """The options of `use` and `diff` as what they ask for. Raises UsageError where they contradict."""
    from mirrorcfg.ops.switch.planning import Request

    if host.root is not None and scope not in (None, ScopeName.system):
        raise UsageError("root-is-system", "--root works at system scope.", hint="leave --scope out")
    return Request(
        profile or _configured(host),
        pairs("--with", overrides),
        tuple(tools or ()),
        scope.value if scope else None,
        pairs("--set", variables),
    )


def whose(host: Host, scope: ShelfName | None) -> Whose:
    """Whose profiles are meant; under --root the system's. Raises UsageError."""
    if host.root is not None and scope is ShelfName.user:
        raise UsageError("root-is-system", "--root works at system scope.", hint="leave --scope out")
    return "system" if host.root is not None or scope is ShelfName.system else "user"


def _configured(host: Host) -> str:
    """The profile that the configuration names. Raises UsageError where it names none."""
    if host.config.profile is None:
        what = "No profile was named, and the configuration names none either."
        hint = 'name one that mirrorcfg ls shows; or write profile = "NAME" into config.toml'
        raise UsageError("no-profile", what, hint=hint)
    return host.config.profile


def host(root: Path | None, *, waits: bool = False) -> Host:
    """This machine, or the system under `root`; where a person `waits` for it they see what for.

    Such a command calls this first: what it imports is waited for too.
    """
    from mirrorcfg.cli.progress import seen

    progress = seen(waits)
    if progress is not None:
        progress.doing("Looking at what is here")
    from mirrorcfg.host import Host

    found = Host.here(root)
    return found if progress is None else replace(found, progress=progress)


def consent(yes: bool) -> Consent | None:
    """Ask before writing, where there is somebody to ask."""
    if yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    from mirrorcfg.cli.question import ask

    return ask


def confirmed(yes: bool, question: Callable[[str], str]) -> Callable[[str, str], bool] | None:
    """The same for one text: show it, and ask about the place where it is, or is to be."""
    if consent(yes) is None:
        return None

    def ask(place: str, text: str) -> bool:
        screen.say(screen.lines(text), err=True)
        return screen.confirm(_(question(place)), default=True)

    return ask


def leaving(place: str) -> str:
    """The question before a service of ours goes."""
    return sentence("Stop it, and take this away from {place}?", place=place)


def preview(yes: bool, as_json: bool) -> Preview:
    """Show a diff, and ask what is to be asked where there is somebody to ask."""
    asking = consent(yes) is not None

    def show(diff: str, question: str | None) -> bool | None:
        from mirrorcfg.cli import render

        if not as_json or asking:
            render.diff(diff, err=as_json)
        return screen.confirm(_(question), default=False) if question and asking else None

    return show


def again(yes: bool) -> Callable[[MirrorcfgError], bool] | None:
    """Show what is wrong with an edited file, and ask if it is to be edited again; None for nobody there."""
    if consent(yes) is None:
        return None

    def ask(error: MirrorcfgError) -> bool:
        from mirrorcfg.cli import render

        render.failure(error, "", False)
        return screen.confirm(_("Edit it again? Without that the file stays as it was."), default=True)

    return ask


def ask(yes: bool) -> Ask | None:
    """Put the questions of a template where there is somebody to answer."""
    return None if consent(yes) is None else _answer


def _answer(question: Question, wrong: str | None) -> str:
    if wrong:
        screen.say([_(wrong)], err=True)
    about = sentence("{name} ({remark})", name=question.name, remark=_(question.remark))
    return screen.prompt(_(about) if question.remark else question.name, question.default)
