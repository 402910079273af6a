"""`verify`: a table of the sources, how many are good, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.cli import screen, table
from mirrorcfg.cli import values as v
from mirrorcfg.cli.answer import Answer
from mirrorcfg.cli.language import _
from mirrorcfg.cli.screen import Line
from mirrorcfg.cli.table import Column, Row
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.cli.answer import Closing
    from mirrorcfg.model.result import Result
    from mirrorcfg.ops.sources.verify import Judged, Sources


TASK = "look"
RANK = 40

_MOST = 3
"""How many kinds of trouble are told, the heaviest first."""


def verify(
    profiles: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PROFILE]...",
            help="Without one: the sources in effect.",
            autocompletion=v.complete_profiles,
        ),
    ] = None,
    tool: o.Tools = None,
    level: Annotated[
        int, typer.Option("--level", metavar="1|2|3", min=1, max=3, help="1 reach, 2 speak, 3 deliver.")
    ] = 3,
    timeout: o.Timeout = None,
    image: Annotated[
        str | None, typer.Option("--image", metavar="REF", help="Ask mirrors of its registry for this image.")
    ] = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="Ask for tools that aren't here too, and show every source and trouble."),
    ] = False,
    root: o.Root = None,
    json: o.Json = False,
) -> Answer:
    """Ask the sources for what the tools will ask them for.

    Each is asked over verified HTTPS, all at once, and gets one verdict. The exit code is 3 where one would
    not do.

    Ask the sources in use, or those of some profiles:
      mirrorcfg verify
      mirrorcfg verify tsinghua nju

    Find out only whether they can be reached, within three seconds:
      mirrorcfg verify --level 1 --timeout 3

    What the verdicts mean is in docs/verifier.md.
    """
    host = o.host(root, waits=not json)
    from mirrorcfg.ops.sources.verify import Depth
    from mirrorcfg.ops.sources.verify import verify as run

    depth = Depth(level, host.patience(timeout))
    asked = run(host, tuple(profiles or ()), tuple(tool or ()), depth, image, every=every)
    return Answer.of(asked, draw_all if every else draw, closing(every))


def draw(data: Sources) -> Iterator[Line]:
    """A table in which sources of one host that fail alike are one row; nothing where there is no network."""
    return iter(()) if data.dark else _table(_alike(data.sources))


def draw_all(data: Sources) -> Iterator[Line]:
    """A table with a row for each."""
    return _table([[entry] for entry in data.sources])


def closing(every: bool) -> Closing[Sources]:
    """How many are good; what is wrong with the others, the heaviest first."""

    def close(answer: Result[Sources]) -> Iterator[str | Line]:
        data = answer.data
        if not data.sources or (data.dark and not every):
            return
        for entry in data.sources:
            if entry.files_from:
                yield _prose(
                    "good",
                    _(sentence("{url}: its files come from {host}.", url=entry.url, host=entry.files_from)),
                )
        told = data.worst
        for entry in told if every else told[:_MOST]:
            yield _prose("doubt" if entry.ok else "bad", _(entry.message))
            yield from _hint(entry.hint)
        if more := 0 if every else len(told[_MOST:]):
            yield _prose("doubt", _(sentence("And {more} more: --all shows them.", more=more)))
        yield _summary(data)
        if data.absent:
            tools = ", ".join(data.absent)
            yield Line(
                _(
                    sentence(
                        "Not asked, as they aren't here: {tools} (--all asks for them too).", tools=tools
                    )
                ),
                indent=2,
            )

    return close


def _summary(data: Sources) -> Line:
    """One line for all of it."""
    good = [entry for entry in data.sources if entry.ok]
    total, seconds = len(data.sources), max(entry.ms for entry in data.sources) / 1000
    if len(good) == total:
        said = sentence(
            "All is well: {total} of {total} sources are good ({seconds:.1f} s).",
            total=total,
            seconds=seconds,
        )
        return _prose("good", _(said))
    said = sentence(
        "{good} of {total} sources are good, {bad} aren't ({seconds:.1f} s).",
        good=len(good),
        total=total,
        bad=total - len(good),
        seconds=seconds,
    )
    return _prose("bad", _(said))


def _prose(mark: str, text: str) -> Line:
    tint = {"good": "green", "doubt": "yellow", "bad": "red"}[mark]
    return Line(text, tint, label=f"{screen.sign(mark)} ", indent=2)


def _hint(hint: str | None) -> Iterator[Line]:
    if hint:
        yield Line(f"  {_(sentence('hint: {hint}', hint=_(hint)))}", indent=4)


def _alike(sources: Sequence[Judged]) -> list[list[Judged]]:
    """Those that stand in one row: of one profile, one tool and one host, and amiss in the same way."""
    found: dict[object, list[Judged]] = {}
    for number, entry in enumerate(sources):
        alike = (entry.profile, entry.tool, entry.code, entry.host)
        found.setdefault(number if entry.code == "ok" else alike, []).append(entry)
    return list(found.values())


def _table(rows: Sequence[Sequence[Judged]]) -> Iterator[Line]:
    columns = (
        Column(_("TOOL")),
        Column(_("PROFILE")),
        Column(_("VERDICT")),
        Column(_("TIME"), spare=1),
        Column("DNS", spare=5),
        Column(_("CONNECT"), spare=4),
        Column("TLS", spare=3),
        Column(_("FIRST BYTE"), spare=2),
        Column(_("CERT"), spare=6),
        Column(_("SOURCE")),
    )
    return table.drawn(columns, map(_row, rows))


def _row(entries: Sequence[Judged]) -> Row:
    entry, took = entries[0], entries[0].phases
    days = entry.certificate_days
    return Row(
        (
            entry.tool,
            entry.profile or "-",
            " ".join([entry.code, *entry.warnings]),
            _ms(max(each.ms for each in entries)),
            *(_ms(ms) for ms in (took.dns, took.connect, took.tls, took.first_byte)),
            "" if days is None else _(sentence("{days:>6} d", days=days)),
            _source(entries),
        ),
        "good" if entry.code == "ok" else "doubt" if entry.ok else "bad",
    )


def _ms(ms: float | None) -> str:
    return "" if ms is None else f"{ms:>4.0f} ms"


def _source(entries: Sequence[Judged]) -> str:
    url, final = entries[0].url, entries[0].final_url
    if len(entries) > 1:
        return _(sentence("{host} ({count} sources)", host=entries[0].host, count=len(entries)))
    return f"{url} -> {final}" if final and _elsewhere(url, final) else url


def _elsewhere(url: str, final: str) -> bool:
    """Is it another place? A slash at the end is none, nor is a page below."""
    return not final.rstrip("/").startswith(url.rstrip("/"))
