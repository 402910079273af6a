"""Draws one answer or one error, for people or as JSON; the screen cleans all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from mirrorcfg import interruption
from mirrorcfg.cli import again, draw, screen
from mirrorcfg.cli.language import _
from mirrorcfg.errors import Exit, MirrorcfgError
from mirrorcfg.redact import masked, redact
from mirrorcfg.sentence import clause, sentence

if TYPE_CHECKING:
    from mirrorcfg.cli.answer import Answer
    from mirrorcfg.model.result import Finding

SCHEMA = 1
_MOST = 3
"""How many of several errors are told, the heaviest first."""


def answer(given: Answer, as_json: bool) -> int:
    """Data on stdout, findings on stderr; in JSON all of it is data. Returns the exit code."""
    result = given.result
    if as_json:
        try:
            _envelope(result.command, result.status, result.exit, result.data, result.findings, None)
        except screen.Unwritten as lost:
            _say_done()
            return unwritten(lost)
        return result.exit
    result = result._replace(data=masked(result.data))  # by its keys, which lines don't have any more
    quiet = screen.is_quiet()
    missed: screen.Unwritten | None = None
    if not (quiet and hasattr(result.data, "changed")):  # what a change did is told, what was asked is data
        try:
            screen.say(given.draw(result.data))
        except screen.Unwritten as lost:
            missed = lost
    if quiet:
        return result.exit if missed is None else unwritten(missed)
    for finding in result.findings:
        note(finding)
    screen.say(given.closing(result), err=True)
    return result.exit if missed is None else unwritten(missed)


def note(finding: Finding) -> None:
    """Draw one finding."""
    _say(f"note[{finding.code}]", "yellow", finding.message, finding.path, finding.hint)


def diff(patch: str, *, err: bool) -> None:
    """A unified diff, before there is a result."""
    screen.say(draw.patch(redact(patch)), err=err)


def failure(error: MirrorcfgError, command: str, as_json: bool) -> int:
    """Draw an error; returns its exit code."""
    if as_json:
        return _failed(error, command)
    _say(f"error[{error.code}]", "red", error.what, _place(error), error.hint, error.others)
    return error.exit


def _failed(error: MirrorcfgError, command: str) -> int:
    detail = {
        "code": error.code,
        "message": _ended(error.what),
        "hint": again.again(error.hint),
        "path": error.path,
        "line": error.line,
        "column": error.column,
        "key": error.key,
        "others": [
            {"code": each.code, "message": _ended(each.what), "hint": each.hint, "path": each.path}
            for each in error.others
        ],
    }
    try:
        _envelope(command, "failed", error.exit, {}, (), detail)
    except screen.Unwritten as lost:
        if not lost.gone:
            failure(error, command, as_json=False)
        return unwritten(lost)
    return error.exit


def interrupted(number: int, command: str, as_json: bool) -> int:
    """Draw an interruption by that signal: what was changed until then, or nothing; returns its exit code."""
    error = MirrorcfgError("interrupted", "Interrupted; nothing was changed.")
    if (done := interruption.done()) is not None:
        error.what = _interrupted(done)
    error.exit = Exit(128 + number)
    screen.interrupt()
    return failure(error, command, as_json)


def unwritten(lost: screen.Unwritten) -> int:
    """Say why the answer is not on stdout, save where its reader didn't want it; returns the exit code."""
    if lost.gone:
        return Exit.READER_GONE
    why = lost.why.strerror or lost.why
    what = sentence("The answer could not be written to the standard output: {why}.", why=why)
    return failure(MirrorcfgError("stdout-failed", what), "", as_json=False)


def _interrupted(done: interruption.Done) -> str:
    if not done.back:
        return sentence("Interrupted; {what}.", what=clause(done.what))
    command = _back(done)
    return sentence(
        "Interrupted; {what}; take it back with: {command}", what=clause(done.what), command=command
    )


def _back(done: interruption.Done) -> str:
    """The command that takes it back, in the place where it was done."""
    return again.command(*done.back, *(("--root", str(done.root)) if done.root else ()))


def _say_done() -> None:
    """What was changed, where the answer that would have said so didn't get through."""
    done = interruption.done()
    if done is not None and done.back:
        command = _back(done)
        told = sentence("{what}; take it back with: {command}", what=done.what, command=command)
        screen.say([_(told)], err=True)


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
        "findings": [finding._replace(hint=again.again(finding.hint))._asdict() for finding in findings],
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
    mend = again.again(hint)
    lines += [_(sentence("hint: {hint}", hint=redact(_(mend))))] if mend else []
    screen.say(lines, err=True)


def _ended(text: str) -> str:
    if getattr(text, "template", "").endswith(": {command}"):
        return text  # to be pasted, without a full stop
    return text if text.endswith((*".?!。？！",)) else f"{text}{'.' if text.isascii() else _('.')}"


def _place(error: MirrorcfgError) -> str | None:
    # The key is cleaned by itself: behind a bracket a secret's name would not be seen to begin a line.
    key = f" ({screen.clean(error.key)})" if error.key else ""
    return f"{error.place}{key}" if error.place else (error.key or None)
