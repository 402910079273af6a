"""`profile …`: what one says, is it right; new ones, and those from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mirrorcfg.cli import again
from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli import values as v
from mirrorcfg.cli.answer import Answer, command
from mirrorcfg.cli.group import Group
from mirrorcfg.cli.language import _
from mirrorcfg.cli.width import padded
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.model.result import Result
    from mirrorcfg.ops.shelf.incoming import Stored
    from mirrorcfg.ops.shelf.origin import Updated
    from mirrorcfg.ops.shelf.profile import Checked, Made

group = typer.Typer(cls=Group, rich_markup_mode=None)


TASK = "profiles"
RANK = 180


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(group, name="profile")


@group.callback(invoke_without_command=True)
def profile(context: typer.Context) -> None:
    """Look at profiles; make, check, edit, add, update or remove one.

    A profile is a file that names the source of each tool. More is in docs/profiles.md and docs/team.md.

    See what one says, and make one of your own upon it:
      mirrorcfg profile show tsinghua
      mirrorcfg profile new mine --from tsinghua
    """
    o.help_without_command(context)


@command(group)
def show(profile: o.Profile, root: o.Root = None, json: o.Json = False) -> Answer:
    """Print a profile's file.

    See what one says:
      mirrorcfg profile show tsinghua
    """
    from mirrorcfg.ops.shelf.profile import show as run

    return Answer.of(run(o.host(root), profile), d.text)


@command(group)
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and hyphens.")],
    base: Annotated[
        str | None,
        typer.Option("--from", metavar="PROFILE", help="Build upon it.", autocompletion=v.complete_profiles),
    ] = None,
    variables: o.Set = None,
    scope: o.Shelf = None,
    verify: Annotated[
        bool | None,
        typer.Option(
            "--verify/--no-verify",
            help="Whether to ask its sources before it is written.  [default: on a terminal]",
        ),
    ] = None,
    timeout: o.Timeout = None,
    root: o.Root = None,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Answer:
    """Write a new profile; on a terminal its variables are asked for.

    Make one of your own upon another:
      mirrorcfg profile new mine --from tsinghua

    Make one for a Harbor, without being asked:
      mirrorcfg profile new acme --from harbor --set host=harbor.acme.example --yes
    """
    from mirrorcfg.ops.shelf.profile import new as run

    host, ask = o.host(root, waits=not json), o.ask(yes)
    wanted = ask is not None if verify is None else verify
    patience = host.patience(timeout) if wanted else None
    sets = o.pairs("--set", variables)
    answer = run(host, name, base, sets, whose=o.whose(host, scope), ask=ask, patience=patience)
    return Answer.of(answer, draw_new, _added)


@command(group)
def edit(
    profile: Annotated[
        str, typer.Argument(metavar="NAME", help="Its name.", autocompletion=v.complete_profiles)
    ],
    scope: o.Shelf = None,
    root: o.Root = None,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Answer:
    """Open a profile in your editor, and check it afterwards.

    One that isn't your own is copied first, and the copy is what its name stands for from then on. The editor
    is what $VISUAL or $EDITOR names.

    Change one of your own, or your own copy of one that comes with mirrorcfg:
      mirrorcfg profile edit mine
      mirrorcfg profile edit tsinghua
    """
    from mirrorcfg.ops.shelf.edit import edit as run

    host = o.host(root)
    return Answer.of(run(host, profile, o.whose(host, scope), o.again(yes)), draw_edited, d.unchanged)


@command(group)
def add(
    source: Annotated[
        str, typer.Argument(metavar="URL|FILE", help="An https address, or the path of a file.")
    ],
    pin: o.Pin = None,
    ca_file: Annotated[
        Path | None,
        typer.Option("--ca-file", metavar="FILE", help="Certificates to trust for it besides the system's."),
    ] = None,
    scope: o.Shelf = None,
    timeout: o.Timeout = None,
    force: Annotated[
        bool, typer.Option("--force", help="Even in the place of one that comes with mirrorcfg.")
    ] = False,
    root: o.Root = None,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Answer:
    """Store a profile from an https address or a file.

    Without --sha256 what is at an address is only shown, with its hash.

    See a team's profile, then store just that:
      mirrorcfg profile add https://wiki.acme.example/acme.toml
      mirrorcfg profile add https://wiki.acme.example/acme.toml --sha256 HEX

    Store one from a file:
      mirrorcfg profile add ./acme.toml
    """
    host = o.host(root, waits=not json)
    from mirrorcfg.ops.shelf.origin import add as run

    whose = o.whose(host, scope)
    preview = o.preview(yes, json)
    answer = run(host, source, preview, pin=pin, whose=whose, ca_file=ca_file, timeout=timeout, force=force)
    return Answer.of(answer, draw_stored, _added)


@command(group)
def update(
    profile: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="Without one: all that were added.", autocompletion=v.complete_profiles
        ),
    ] = None,
    pin: o.Pin = None,
    timeout: o.Timeout = None,
    root: o.Root = None,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Answer:
    """Ask again for a profile at the place that it was added from.

    What has changed is shown and asked about; --yes alone takes nothing new.

    Ask for all that were added, or for one:
      mirrorcfg profile update
      mirrorcfg profile update acme
    """
    host = o.host(root, waits=not json)
    from mirrorcfg.ops.shelf.origin import update as run

    return Answer.of(run(host, profile, o.preview(yes, json), pin=pin, timeout=timeout), draw_updated)


@command(group)
def remove(
    profile: Annotated[
        str, typer.Argument(metavar="NAME", help="Its name.", autocompletion=v.complete_profiles)
    ],
    force: Annotated[bool, typer.Option("--force", help="Even if a tool was switched to it.")] = False,
    scope: o.Shelf = None,
    root: o.Root = None,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Answer:
    """Remove a profile of yours, or of all users.

    Remove one of your own:
      mirrorcfg profile remove acme
    """
    from mirrorcfg.ops.shelf.origin import remove as run

    host = o.host(root)
    answer = run(host, profile, o.preview(yes, json), whose=o.whose(host, scope), force=force)
    return Answer.of(answer, draw_stored, _removed)


@command(group)
def check(profile: o.Profile, variables: o.Set = None, root: o.Root = None, json: o.Json = False) -> Answer:
    """Say whether a profile is right, and where it is not.

    Check one that isn't stored yet:
      mirrorcfg profile check ./acme.toml
    """
    from mirrorcfg.ops.shelf.profile import check as run

    return Answer.of(run(o.host(root), profile, o.pairs("--set", variables)), draw_check)


def draw_new(data: Made) -> Iterator[str]:
    """Where it is."""
    yield f"{_('created')}  {data.path}"


def draw_edited(data: Made) -> Iterator[str]:
    """Where it is."""
    if data.changed:
        yield f"{_('changed')}  {data.path}"


def draw_stored(data: Stored) -> Iterator[str]:
    """What became of one."""
    if data.action != "none":
        yield f"{_did(data.action)}{data.path}"


def draw_updated(data: Updated) -> Iterator[str]:
    """What became of each that was added."""
    for entry in data.profiles:
        yield f"{_did(entry.action)}{entry.path}  ({entry.url})"
    if not data.profiles:
        yield _("No profile was added from anywhere.")


def draw_check(data: Checked) -> Iterator[str]:
    """That it is right."""
    yield _(sentence("{name} is well formed ({path}).", name=data.name, path=data.path))


def _did(action: str) -> str:
    said = {
        "created": _("created"),
        "changed": _("changed"),
        "unchanged": _("unchanged"),
        "removed": _("removed"),
        "none": _("left"),
    }
    return padded(said.get(action, action), 11)


def _added(answer: Result[Made | Stored]) -> Iterator[str]:
    if answer.status == "ok":
        name = answer.data.name
        yield _(sentence("Use it with: {use}", use=again.command("use", name)))
        yield _(sentence("Take it away with: {away}", away=again.command("profile", "remove", name)))


def _removed(answer: Result[Stored]) -> Iterator[str]:
    url, sha256 = answer.data.url, answer.data.sha256
    if answer.status == "ok" and url is not None and sha256 is not None:
        back = again.command("profile", "add", url, "--sha256", sha256)
        yield _(sentence("Add it again with: {back}", back=back))
