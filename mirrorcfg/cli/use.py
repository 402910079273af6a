"""`use` and `diff`: switch to a profile, or see what that would change."""

from __future__ import annotations

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.model.result import Result


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(use)
    app.command()(diff)


def use(
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
) -> Result:
    """Switch the tools that are here to a profile."""
    from mirrorcfg.ops.use import use as run

    host = o.host(root)
    return run(
        host,
        o.request(host, profile, overrides, tool, scope, variables),
        command=o.command_line(),
        dry_run=dry_run,
        consent=o.consent(yes),
        patience=None if no_verify else timeout or host.config.timeout,
    )


def diff(
    profile: o.OwnProfile = None,
    overrides: o.With = None,
    tool: o.Tools = None,
    scope: o.Scope = None,
    root: o.Root = None,
    variables: o.Set = None,
    json: o.Json = False,
) -> Result:
    """Show what `use` would change."""
    from mirrorcfg.ops.use import diff as run

    host = o.host(root)
    return run(host, o.request(host, profile, overrides, tool, scope, variables))
