"""`use`: switch the tools that are here to a profile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer, Call
from mirrorcfg.cli.question import verified
from mirrorcfg.cli.screen import Line

if TYPE_CHECKING:
    from mirrorcfg.cli.answer import Closing
    from mirrorcfg.cli.draw import HasGeneration
    from mirrorcfg.model.result import Result
    from mirrorcfg.ops.switch.report import Switch

TASK = "switch"
RANK = 10


def use(
    context: typer.Context,
    profile: o.OwnProfile = None,
    overrides: o.With = None,
    tool: o.Tools = None,
    scope: o.Scope = None,
    root: o.Root = None,
    variables: o.Set = None,
    dry_run: o.DryRun = False,
    no_verify: o.NoVerify = False,
    timeout: o.Timeout = None,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Answer:
    """Switch the tools that are here to a profile.

    A profile names the source of each tool. Every source is asked for what the tool will ask it for, and
    only if all of them answer rightly are the files written, all or none. Without PROFILE it is the
    configuration's.

    Switch every tool that is here:
      mirrorcfg use tsinghua

    Show what would be changed, and change nothing:
      mirrorcfg use tsinghua --dry-run

    Switch one tool alone, or take one tool's source from another profile:
      mirrorcfg use nju --tool pip
      mirrorcfg use mixed --with conda=tsinghua

    Take it back with `mirrorcfg undo`. More is in docs/profiles.md.
    """
    host = o.host(root, waits=not json)
    from mirrorcfg.ops.switch.use import use as run

    answer = run(
        host,
        o.request(host, profile, overrides, tool, scope, variables),
        command=Call.of(context).text,
        dry_run=dry_run,
        consent=o.consent(yes),
        patience=None if no_verify else host.patience(timeout),
    )
    return Answer.of(answer, d.tools, closing(d.generation))


def closing(last: Closing[HasGeneration]) -> Closing[Switch]:
    """That the sources were asked first, and how fast they were; then the last words."""

    def close(answer: Result[Switch]) -> Iterator[str | Line]:
        if answer.data.verified is not None:
            yield verified(answer.data.verified)
        yield from last(answer)

    return close
