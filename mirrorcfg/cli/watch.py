"""`watch`: look at the sources in use again and again, and go on with another where one stops working."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.cli import screen
from mirrorcfg.errors import Exit, UsageError
from mirrorcfg.model.result import Result
from mirrorcfg.redact import masked

if TYPE_CHECKING:
    from mirrorcfg.model.machine import Scope
    from mirrorcfg.ops.failover import Way
    from mirrorcfg.ops.host import Host


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(watch)


def watch(
    chain: o.Chain = None,
    tool: o.Tools = None,
    interval: Annotated[
        float | None,
        typer.Option(
            "--interval",
            metavar="SECONDS",
            min=1,
            help="From one look to the next.  [default: 60, or the configuration's]",
        ),
    ] = None,
    timeout: o.Timeout = None,
    metrics: Annotated[
        Path | None,
        typer.Option("--metrics", metavar="FILE", help="Write figures for Prometheus after each look."),
    ] = None,
    install: Annotated[
        bool,
        typer.Option("--install", help="Have systemd, launchd or cron run it from now on; shows that first."),
    ] = False,
    uninstall: Annotated[bool, typer.Option("--uninstall", help="Stop that, and take it away.")] = False,
    scope: Annotated[
        o.ScopeName | None,
        typer.Option(
            "--scope", help="Run it for this user or for the machine.  [default: the machine for root]"
        ),
    ] = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    json: o.Json = False,
) -> int | Result:
    """Do what `failover` does, again and again, until it is stopped."""
    if install or uninstall:
        from mirrorcfg.ops import service

        where: Scope | None = scope.value if scope else None
        if uninstall:
            asked = o.confirmed(yes, "Stop it, and take this away from {}?")
            return service.uninstall(o.host(None), where, dry_run=dry_run, consent=asked)
        order = service.Order(o.names(chain), tuple(tool or ()), interval, timeout, metrics)
        asked = o.confirmed(yes, "Write this to {}, and have it run?")
        return service.install(o.host(None), order, where, dry_run=dry_run, consent=asked)
    if scope or dry_run or yes:
        what = "--scope, --dry-run and --yes belong to --install and --uninstall."
        raise UsageError("bad-option", what, hint="mirrorcfg watch --install")
    import signal

    from mirrorcfg.failover import Rules
    from mirrorcfg.ops.failover import Way
    from mirrorcfg.ops.watch import Pace, Stop, Watch

    command = o.command_line()
    config = o.host(None).config
    pace = Pace(interval or config.interval, timeout or config.timeout)

    def way(host: Host) -> Way:
        """The configuration is read anew for each look."""
        known = host.config
        gap = max(known.hold / 2, 3 * pace.interval)
        rules = Rules(known.soft_failures, known.hold, gap)
        return Way(command, o.names(chain) or known.chain, tuple(tool or ()), rules)

    stop = Stop()
    loop = Watch(lambda: o.host(None), way, pace, _json if json else _line, file=metrics, stop=stop)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    loop.run()
    return Exit.INTERRUPTED if stop.signal == signal.SIGINT else Exit.OK


def _json(event: dict[str, Any]) -> None:
    screen.data({"schema": 1, "command": "watch", **event})


def _line(event: dict[str, Any]) -> None:
    event = masked(event)
    using = event["from"] or "(no profile)"
    moved = using if event["from"] == event["to"] else f"{using} -> {event['to']}"
    about = f": {event['message']}" if event["message"] else ""
    made = f" (generation {event['generation']})" if event["generation"] is not None else ""
    text = (
        f"{event['time']} {event['tool'] or 'watch'} {event['action']} {moved} {event['code']}{about}{made}"
    )
    screen.say([text])
