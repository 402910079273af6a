"""`failover`: go on with another source where the one in use has stopped working."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer, Call
from mirrorcfg.cli.language import _
from mirrorcfg.cli.screen import Line
from mirrorcfg.cli.width import cells, padded
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.ops.watching.failover import Failover, Moved

TASK = "work"
RANK = 50
_DOES = {
    "switch": sentence("switch"),
    "return": sentence("return"),
    "stay": sentence("stay"),
    "hold": sentence("hold"),
}
_WOULD = {**_DOES, "switch": sentence("would switch"), "return": sentence("would return")}


def failover(
    context: typer.Context,
    chain: o.Chain = None,
    tool: o.Tools = None,
    timeout: o.Timeout = None,
    root: o.Root = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Answer:
    """Ask the sources in use, and switch away from one that fails.

    It goes on with the next profile of the chain that works, and back to the first one once that is well
    again.

    Look now, and see first what would be done:
      mirrorcfg failover --dry-run

    Go through these profiles, in this order:
      mirrorcfg failover --chain nju,tsinghua,official

    More is in docs/failover.md.
    """
    host = o.host(root, waits=not json)
    from mirrorcfg.failover import Rules
    from mirrorcfg.ops.watching.failover import Way
    from mirrorcfg.ops.watching.failover import failover as run
    from mirrorcfg.ops.watching.look import Look, before_eyes

    look = Look(host, before_eyes(host.progress), timeout or host.config.timeout, wide=True)
    # Somebody asks for it now: once is enough.
    rules = Rules(soft_failures=1, hold=host.config.hold)
    way = Way(Call.of(context).text, o.names(chain) or host.config.chain, tuple(tool or ()), rules)
    answer, _ = run(look, way, dry_run=dry_run, consent=o.consent(yes))
    return Answer.of(answer, draw, d.generation)


def draw(data: Failover) -> Iterator[str | Line]:
    """What each tool did, what was asked, and the files that were written."""
    width = d.wide(data.tools)
    named = max(12, d.wide(asked.profile or "-" for entry in data.tools.values() for asked in entry.asked))
    for tool, entry in data.tools.items():
        yield Line(padded(tool, width) + _moved(entry, data.dry_run))
        for asked in entry.asked:
            name = padded(f"{'':<{width}}{asked.profile or '-'}", width + named)
            yield Line(
                _(sentence("{name}: {said}", name=asked.code, said=_(asked.message))),
                label=name,
                indent=len(name),
            )
        for file in entry.files:
            yield d.row(" " * width + d.done(file.action, data.dry_run), file.path)


def _moved(entry: Moved, would: bool) -> str:
    using = entry.from_ or _("(no profile)")
    moved = using if entry.from_ == entry.to else f"{using} -> {entry.to}"
    words = {name: _(word) for name, word in (_WOULD if would else _DOES).items()}
    width = max(8, *(cells(word) + 2 for word in words.values()))
    action = padded(words.get(entry.action, entry.action), width)
    return action + _(sentence("{name}: {said}", name=moved, said=entry.code))
