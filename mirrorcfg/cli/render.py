"""Draws one Result or one error, for people or as JSON; every character goes through `redact`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import typer

from mirrorcfg.errors import Exit, MirrorcfgError
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.redact import redact

SCHEMA = 1


def result(answer: Result, as_json: bool) -> None:
    """Data on stdout, findings on stderr; in JSON all of it is data."""
    if as_json:
        _envelope(answer.command, answer.status, answer.exit, answer.data, answer.findings, None)
        return
    from mirrorcfg.cli import text

    if drawn := [redact(line) for line in text.lines(answer, coloured(sys.stdout))]:
        typer.echo("\n".join(drawn))
    for finding in answer.findings:
        note(finding)
    for line in text.closing(answer):
        typer.echo(redact(line), err=True)


def note(finding: Finding) -> None:
    """Draw one finding."""
    _say(f"note[{finding.code}]", "yellow", finding.message, finding.path, finding.hint)


def diff(patch: str, *, err: bool) -> None:
    """A unified diff, before there is a result."""
    from mirrorcfg.cli import text

    lines = text.patch(patch, coloured(sys.stderr if err else sys.stdout))
    typer.echo("\n".join(map(redact, lines)), err=err)


def failure(error: MirrorcfgError, command: str, as_json: bool) -> int:
    """Draw an error; returns its exit code."""
    if as_json:
        detail = {
            "code": error.code,
            "message": _sentence(error.what),
            "hint": error.hint,
            "path": error.path,
            "line": error.line,
            "column": error.column,
            "key": error.key,
        }
        _envelope(command, "failed", error.exit, {}, (), detail)
    else:
        _say(f"error[{error.code}]", "red", error.what, _place(error), error.hint)
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
    data: Mapping[str, Any],
    findings: Any,
    error: Mapping[str, Any] | None,
) -> None:
    envelope = {
        "schema": SCHEMA,
        "command": command,
        "status": status,
        "exit_code": int(code),
        "data": data,
        "findings": [_finding(finding) for finding in findings],
        "error": error,
    }
    typer.echo(json.dumps(_masked(envelope), ensure_ascii=False, indent=2))


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "message": finding.message,
        "hint": finding.hint,
        "tool": finding.tool,
        "path": finding.path,
    }


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(key): _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, (list, tuple)) else value


def _say(label: str, colour: str, message: str, place: str | None, hint: str | None) -> None:
    if coloured(sys.stderr):
        label = typer.style(label, fg=colour, bold=True)
    typer.echo(f"{label}: {redact(_sentence(message))}", err=True, color=True)
    if place:
        typer.echo(f"  at {redact(place)}", err=True)
    if hint:
        typer.echo(f"hint: {redact(hint)}", err=True)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _place(error: MirrorcfgError) -> str | None:
    key = f" ({error.key})" if error.key else ""
    return f"{error.place}{key}" if error.place else (error.key or None)


def coloured(stream: Any) -> bool:
    """Whether what goes there may be coloured."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()
