"""`history`: what was changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mirrorcfg.cli import options as o
from mirrorcfg.cli import table
from mirrorcfg.cli.answer import Answer
from mirrorcfg.cli.language import _
from mirrorcfg.cli.screen import Line
from mirrorcfg.cli.table import Column, Row
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.model.result import Result
    from mirrorcfg.ops.switch.history import Entry, History

TASK = "look"
RANK = 70


def history(root: o.Root = None, json: o.Json = False) -> Answer:
    """List every change that was made, the latest last.

    Each is a generation with a number, which `restore` takes.

    See what was changed, and go back to how it was after the third change:
      mirrorcfg history
      mirrorcfg restore 3
    """
    from mirrorcfg.ops.switch.history import history as run

    return Answer.of(run(o.host(root)), draw, closing)


def draw(data: History) -> Iterator[Line]:
    """A row for each generation; the latest is where a reader of a terminal looks, and needs no pager."""
    columns = (Column("N"), Column(_("WHEN")), Column(_("WHY")), Column(_("PROFILES")))
    latest = data.generations[0].number if data.generations else None
    return table.drawn(columns, [_row(entry, entry.number == latest) for entry in reversed(data.generations)])


def closing(answer: Result[History]) -> Iterator[str | Line]:
    """How to go back."""
    if answer.data.generations:
        yield Line(
            _("Go back to one: mirrorcfg restore N; to the beginning: mirrorcfg restore 0"),
            indent=2,
        )
    else:
        yield _("mirrorcfg has changed nothing here yet.")


def _row(entry: Entry, latest: bool) -> Row:
    tools = ", ".join(f"{tool}={profile}" for tool, profile in entry.tools.items())
    reason = _("; ").join(_(_read(each)) for each in entry.reason.split("; "))
    return Row((str(entry.number), _local(entry.time), reason, tools), "used" if latest else "")


def _read(reason: str) -> str:
    """The sentence that was written into the history; a command's words stay."""
    if found := re.fullmatch(r"undo of (\d+)", reason):
        return sentence("undo of {number}", number=found[1])
    if found := re.fullmatch(r"return to (.+)", reason):
        return sentence("return to {to}", to=found[1])
    if found := re.fullmatch(r"failover from (.+): (.+)", reason):
        using = _(found[1]) if " " in found[1] else found[1]
        return sentence("failover from {using}: {code}", using=using, code=found[2])
    return reason


def _local(time: str) -> str:
    """A time in UTC as it is on the clock here; what is none stays."""
    from datetime import datetime

    try:
        return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return time
