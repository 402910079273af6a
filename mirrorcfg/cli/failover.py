"""`failover`: go on with another source where the one in use has stopped working."""

from __future__ import annotations

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.model.result import Result


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(failover)


def failover(
    chain: o.Chain = None,
    tool: o.Tools = None,
    timeout: o.Timeout = None,
    root: o.Root = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    json: o.Json = False,
) -> Result:
    """Ask the sources in use, and switch away from one that doesn't work."""
    from mirrorcfg.failover import Rules
    from mirrorcfg.ops.failover import Way
    from mirrorcfg.ops.failover import failover as run
    from mirrorcfg.ops.look import Look, over_the_network

    host = o.host(root)
    look = Look(host, over_the_network(host), timeout or host.config.timeout, wide=True)
    # Somebody asks for it now: once is enough.
    rules = Rules(soft_failures=1, hold=host.config.hold)
    way = Way(o.command_line(), o.names(chain) or host.config.chain, tuple(tool or ()), rules)
    return run(look, way, dry_run=dry_run, consent=o.consent(yes))[0]
