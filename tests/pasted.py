"""Every command that the program tells people to paste is one that its command line understands.

Whatever a mirrorcfg that a test starts prints is searched for them: hints, for people and in JSON, and the last
words of what was done.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import typer

_HINT = re.compile(r"^(?:hint: |(?!\s*\").* with: )((?:sudo |env |mirrorcfg ).*)$", re.MULTILINE)
_IN_JSON = re.compile(
    r'"(?:hint": "|message": "(?:\\.|[^"\\])* with: )((?:sudo |env |mirrorcfg )(?:\\.|[^"\\])*)"'
)
OURS = ("mirrorcfg", "$(command -v mirrorcfg)")


def commands(text: str) -> list[str]:
    """The commands of ours that are to be pasted, as they are printed."""
    found = [*_HINT.findall(text), *(json.loads(f'"{each}"') for each in _IN_JSON.findall(text))]
    return [
        each for each in dict.fromkeys(found) if "nsenter" not in each and re.search(r"\bmirrorcfg\b", each)
    ]


@cache
def wrong(command: str) -> str | None:
    """Why the command line would not understand it, None if it would."""
    from mirrorcfg.cli.app import program

    try:
        words = shlex.split(command)
    except ValueError as error:
        return str(error)
    at = next((at for at, word in enumerate(words) if word in OURS), None)
    if at is None:
        return None  # another program's, which has our name in it
    if "sudo" in words[:at] and words[at] == "mirrorcfg":
        return "root may not find it"
    found: Any = typer.main.get_command(program())
    rest = words[at + 1 :]
    while rest and (below := _below(found, rest[0])) is not None:
        found, rest = below, rest[1:]
    if rest == ["--help"]:
        return None
    if hasattr(found, "commands"):
        return f"there is no command {rest}"
    try:
        found.make_context("mirrorcfg", list(rest))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def _below(command: Any, name: str) -> Any:
    return command.get_command(None, name) if hasattr(command, "commands") else None


@contextmanager
def watched() -> Iterator[None]:
    """From here on a mirrorcfg that tells people to paste what isn't understood ends the test that started it."""
    before = subprocess.Popen.communicate

    def communicate(process: subprocess.Popen[Any], *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        out, err = before(process, *args, **kwargs)
        words = process.args if isinstance(process.args, list | tuple) else [process.args]
        if any(Path(str(word)).name == "mirrorcfg" for word in words):
            for text in (out, err):
                said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text or ""
                for command in commands(said):
                    assert (why := wrong(command)) is None, f"{words} says to paste {command!r}: {why}"
        return out, err

    subprocess.Popen.communicate = communicate  # type: ignore[method-assign]
    try:
        yield
    finally:
        subprocess.Popen.communicate = before  # type: ignore[method-assign]
