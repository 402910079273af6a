"""`watch`: look at the sources in use again and again, and go on with another where one stops working."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli import screen
from mirrorcfg.cli.again import command
from mirrorcfg.cli.answer import Answer, Call
from mirrorcfg.cli.language import _
from mirrorcfg.cli.width import padded
from mirrorcfg.errors import Exit, UsageError
from mirrorcfg.redact import masked
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.host import Host
    from mirrorcfg.model.machine import Scope
    from mirrorcfg.model.result import Result
    from mirrorcfg.ops.watching.failover import Way
    from mirrorcfg.ops.watching.service import Service
    from mirrorcfg.ops.watching.watch import Event


TASK = "work"
RANK = 60


def watch(
    context: typer.Context,
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
) -> int | Answer:
    """Do what `failover` does, again and again, until it is stopped.

    With --install systemd, launchd or cron runs it from now on.

    Look every five minutes, here and now:
      mirrorcfg watch --interval 300

    Have it run in the background from now on, and no more:
      mirrorcfg watch --install
      mirrorcfg watch --uninstall

    More is in docs/service.md.
    """
    if install or uninstall:
        from mirrorcfg.ops.watching import service

        where: Scope | None = scope.value if scope else None
        shown = draw_dry if dry_run else draw
        if uninstall:
            asked = o.confirmed(yes, o.leaving)
            answer = service.uninstall(o.host(None), where, dry_run=dry_run, consent=asked)
            return Answer.of(answer, shown, _closed)
        order = service.Order(o.names(chain), tuple(tool or ()), interval, timeout, metrics)
        asked = o.confirmed(yes, _coming)
        answer = service.install(o.host(None), order, where, dry_run=dry_run, consent=asked)
        return Answer.of(answer, shown, _installed)
    if scope or dry_run or yes:
        what = "--scope, --dry-run and --yes belong to --install and --uninstall."
        raise UsageError("bad-option", what, hint="mirrorcfg watch --install")
    import signal

    from mirrorcfg.failover import Rules
    from mirrorcfg.ops.watching.failover import Way
    from mirrorcfg.ops.watching.watch import Pace, Stop, Watch

    line = Call.of(context).text
    config = o.host(None).config
    pace = Pace(interval or config.interval, timeout or config.timeout)

    def way(host: Host) -> Way:
        """The configuration is read anew for each look."""
        known = host.config
        gap = max(known.hold / 2, 3 * pace.interval)
        rules = Rules(known.soft_failures, known.hold, gap)
        return Way(line, o.names(chain) or known.chain, tuple(tool or ()), rules)

    stop = Stop()
    loop = Watch(lambda: o.host(None), way, pace, _json if json else _line, file=metrics, stop=stop)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    loop.run()
    return Exit.INTERRUPTED if stop.signal == signal.SIGINT else Exit.OK


def _closed(answer: Result[Service]) -> Iterator[str]:
    yield from d.unchanged(answer)
    yield from d.unwritten(answer.data.dry_run)


def _installed(answer: Result[Service]) -> Iterator[str]:
    if answer.status == "unchanged" or answer.data.dry_run:
        yield from _closed(answer)
    else:
        away = command("watch", "--uninstall")
        yield _(sentence("Take it away with: {away}", away=away))


def _json(event: Event) -> None:
    screen.data({"schema": 1, "command": "watch", **screen.plain(event)})


def _line(event: Event) -> None:
    event = masked(event)
    using = event.from_ or "(no profile)"
    moved = using if event.from_ == event.to else f"{using} -> {event.to}"
    about = f": {event.message}" if event.message else ""
    made = f" (generation {event.generation})" if event.generation is not None else ""
    screen.say([f"{event.time} {event.tool or 'watch'} {event.action} {moved} {event.code}{about}{made}"])


def draw(data: Service) -> Iterator[str | screen.Line]:
    """What has it run from now on."""
    service = data.service
    before = padded(service.manager, d.wide([service.manager]))
    yield d.row(before + d.done(service.action, data.dry_run), service.path)


def draw_dry(data: Service) -> Iterator[str | screen.Line]:
    """The same, with the text that would be written."""
    yield from draw(data)
    yield from screen.lines(data.service.text.rstrip("\n"))


def _coming(place: str) -> str:
    return sentence("Write this to {place}, and have it run?", place=place)
