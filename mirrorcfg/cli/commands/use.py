"""`use`: switch the tools that are here to a profile."""

from __future__ import annotations

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer, Call

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
    """Switch the tools that are here to a profile."""
    from mirrorcfg.ops.switch.use import use as run

    host = o.host(root)
    answer = run(
        host,
        o.request(host, profile, overrides, tool, scope, variables),
        command=Call.of(context).text,
        dry_run=dry_run,
        consent=o.consent(yes),
        patience=None if no_verify else timeout or host.config.timeout,
    )
    return Answer.of(answer, d.tools, d.generation(root))
