"""`ls`: the profiles there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mirrorcfg import writers
from mirrorcfg.cli import options as o
from mirrorcfg.cli import table
from mirrorcfg.cli.answer import Answer
from mirrorcfg.cli.language import _
from mirrorcfg.cli.screen import Line
from mirrorcfg.cli.table import Column, Row
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.model.result import Result
    from mirrorcfg.ops.shelf.profile import Listed, Listing

TASK = "profiles"
RANK = 170


def ls(tool: o.Tools = None, root: o.Root = None, json: o.Json = False) -> Answer:
    """List the profiles, and what each has a source for.

    See what there is, what there is for docker, and what one of them says:
      mirrorcfg ls
      mirrorcfg ls --tool docker
      mirrorcfg profile show tsinghua
    """
    from mirrorcfg.ops.shelf.profile import ls as run

    return Answer.of(run(o.host(root), tuple(tool or ())), draw, closing)


def draw(data: Listing) -> Iterator[Line]:
    """A row for each profile; what is in use is marked."""
    columns = (Column(_("PROFILE")), Column(_("FROM"), spare=1), Column(_("SERVES")), Column(_("WHAT IT IS")))
    return table.drawn(columns, map(_row, data.profiles))


def closing(answer: Result[Listing]) -> Iterator[str | Line]:
    """What the mark means, and what to type next."""
    used = [each for each in answer.data.profiles if each.in_use]
    if used:
        tools = sentence(
            "* in use: {used}.", used="; ".join(f"{each.name} ({', '.join(each.in_use)})" for each in used)
        )
        yield Line(_(tools), indent=2)
    if answer.data.profiles:
        yield Line(_("Try one: mirrorcfg verify NAME; switch to it: mirrorcfg use NAME"), indent=2)


def _row(entry: Listed) -> Row:
    needs = [sentence("needs --set {name}=…", name=name) for name in entry.needs]
    about = [_(text) for text in needs]
    if entry.aliases:
        about.append(f"= {', '.join(entry.aliases)}")
    if entry.origin is not None:
        about.append(entry.origin.url)
    if entry.origin is not None and entry.origin.edited:
        about.append(_("edited since"))
    layer = {"builtin": _("built-in"), "user": _("yours"), "system": _("this machine")}.get(
        entry.layer, entry.layer
    )
    said = sentence("{title} ({about})", title=entry.title, about=", ".join(about)) if about else entry.title
    serves = _("every tool") if set(entry.tools) >= set(writers.names()) else " ".join(entry.tools)
    return Row((entry.name, layer, serves, _(said)), "used" if entry.in_use else "")
