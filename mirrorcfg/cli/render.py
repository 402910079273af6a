"""Draws one answer or one error, for people or as JSON; the screen cleans all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from mirrorcfg.cli import screen
from mirrorcfg.cli.again import again
from mirrorcfg.cli.language import _
from mirrorcfg.errors import Exit, MirrorcfgError
from mirrorcfg.redact import masked, redact
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.cli.answer import Answer
    from mirrorcfg.model.result import Finding

SCHEMA = 1
_MOST = 3
"""How many of several errors are told, the heaviest first."""


def answer(given: Answer, as_json: bool) -> None:
    """Data on stdout, findings on stderr; in JSON all of it is data."""
    result = given.result
    if as_json:
        _envelope(result.command, result.status, result.exit, result.data, result.findings, None)
        return
    result = result._replace(data=masked(result.data))  # by its keys, which lines don't have any more
    quiet = screen.is_quiet()
    if not (
        quiet and hasattr(result.data, "changed")
    ):  # what a change did is told, what was asked for is data
        screen.say(given.draw(result.data))
    if quiet:
        return
    for finding in result.findings:
        note(finding)
    screen.say(given.closing(result), err=True)


def note(finding: Finding) -> None:
    """Draw one finding."""
    _say(f"note[{finding.code}]", "yellow", finding.message, finding.path, finding.hint)


def diff(patch: str, *, err: bool) -> None:
    """A unified diff, before there is a result."""
    from mirrorcfg.cli import draw

    screen.say(draw.patch(redact(patch)), err=err)


def failure(error: MirrorcfgError, command: str, as_json: bool) -> int:
    """Draw an error; returns its exit code."""
    if as_json:
        detail = {
            "code": error.code,
            "message": _ended(str(error.what)),
            "hint": again(error.hint),
            "path": error.path,
            "line": error.line,
            "column": error.column,
            "key": error.key,
            "others": [
                {"code": each.code, "message": _ended(str(each.what)), "hint": each.hint, "path": each.path}
                for each in error.others
            ],
        }
        _envelope(command, "failed", error.exit, {}, (), detail)
    else:
        _say(f"error[{error.code}]", "red", error.what, _place(error), error.hint, error.others)
    return error.exit


def interrupted(command: str, as_json: bool) -> int:
    """Draw an interruption; returns its exit code."""
    error = MirrorcfgError("interrupted", "Interrupted; nothing was changed.")
    error.exit = Exit.INTERRUPTED
    return failure(error, command, as_json)


def _envelope(
    command: str,
    status: str,
    code: int,
    data: object,
    findings: Iterable[Finding],
    error: Mapping[str, object] | None,
) -> None:
    envelope = {
        "schema": SCHEMA,
        "command": command,
        "status": status,
        "exit_code": int(code),
        "data": data,
        "findings": [finding._replace(hint=again(finding.hint))._asdict() for finding in findings],
        "error": error,
    }
    screen.data(envelope, indent=2)


def _say(
    label: str,
    colour: str,
    message: str,
    place: str | None,
    hint: str | None,
    others: Sequence[MirrorcfgError] = (),
) -> None:
    # Masked before they are put behind words of ours: a value may go on in a line of its own.
    lines: list[str | screen.Line] = [
        screen.Line(f": {redact(_ended(_(message)))}", colour, bold=True, label=label, indent=2)
    ]
    lines += [f"  {_('at')} {redact(place)}"] if place else []
    for each in others[: _MOST - 1]:
        about = f": {redact(_ended(_(each.what)))}"
        lines.append(screen.Line(about, colour, label=f"  {_('also')}[{each.code}]", indent=4))
    if more := len(others[_MOST - 1 :]):
        lines.append(f"  {_(sentence('and {more} more; --json has all of them', more=more))}")
    mend = again(hint)
    lines += [f"{_('hint')}: {redact(_(mend))}"] if mend else []
    screen.say(lines, err=True)


def _ended(text: str) -> str:
    return text if text.endswith((*".?!。？！",)) else f"{text}{'.' if text.isascii() else _('.')}"


def _place(error: MirrorcfgError) -> str | None:
    # The key is cleaned by itself: behind a bracket a secret's name would not be seen to begin a line.
    key = f" ({screen.clean(error.key)})" if error.key else ""
    return f"{error.place}{key}" if error.place else (error.key or None)
