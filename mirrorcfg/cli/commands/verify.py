"""`verify`: a table of the sources, and what is wrong with them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from mirrorcfg.cli import options as o
from mirrorcfg.cli import screen
from mirrorcfg.cli import values as v
from mirrorcfg.cli.answer import Answer

if TYPE_CHECKING:
    from mirrorcfg.model.verdict import Verdict
    from mirrorcfg.ops.sources.verify import Judged, Progress, Sources


TASK = "look"
RANK = 40


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
    level: Annotated[int, typer.Option("--level", min=1, max=3, help="1 reach, 2 speak, 3 deliver.")] = 3,
    timeout: o.Timeout = None,
    image: Annotated[
        str | None, typer.Option("--image", metavar="REF", help="Ask mirrors of its registry for this image.")
    ] = None,
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
    from mirrorcfg.ops.sources.verify import Depth
    from mirrorcfg.ops.sources.verify import verify as run

    host = o.host(root)
    depth = Depth(level, timeout or host.config.timeout)
    asked = run(host, tuple(profiles or ()), tuple(tool or ()), depth, progress(), image)
    return Answer.of(asked, draw)


def progress() -> Progress | None:
    """A line that counts, on a terminal."""
    if not sys.stderr.isatty():
        return None
    seen = 0

    def tell(verdict: Verdict, total: int) -> None:
        nonlocal seen
        seen += 1
        screen.progress(f"{seen} of {total} sources asked", last=seen >= total)

    return tell


def draw(data: Sources) -> Iterator[str]:
    """A table, and below it what is wrong with those that aren't ok."""
    rows = [_row(entry) for entry in data.sources]
    rows.insert(0, ("", "tool", "profile", "verdict", "dns", "connect", "tls", "1st byte", "cert", "source"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows if len(rows) > 1 else ():
        yield "  ".join([cell.ljust(width) for cell, width in zip(row, widths, strict=False)] + [row[-1]])
    for entry in data.sources:
        if entry.files_from:
            yield f"{entry.tool} {entry.url}: its files come from {entry.files_from}"
        if entry.code != "ok":
            yield f"{entry.tool} {entry.url}: {entry.message}"
            if entry.hint:
                yield f"  hint: {entry.hint}"


def _row(entry: Judged) -> tuple[str, ...]:
    took = entry.phases
    phases = (took.dns, took.connect, took.tls, took.first_byte)
    days = entry.certificate_days
    moved = f" -> {entry.final_url}" if entry.final_url and entry.final_url != entry.url else ""
    return (
        "ok" if entry.code == "ok" else "??" if entry.ok else "!!",
        entry.tool,
        entry.profile or "-",
        " ".join([entry.code, *entry.warnings]),
        *("-" if ms is None else f"{ms:.0f} ms" for ms in phases),
        "-" if days is None else f"{days} d",
        entry.url + moved,
    )
