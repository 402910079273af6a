"""Every command of the program, found in its own tree: with --json one document, on each kind of end."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import typer

from mirrorcfg.cli.app import program
from tests.cli.test_contract import ENVELOPE
from tests.sandbox import PROGRAM, Sandbox


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every command that does something."""
    if not hasattr(command, "list_commands"):
        yield path
        return
    for name in command.list_commands(None):
        below = command.get_command(None, name)
        yield from leaves(below, path if below.hidden else (*path, name))  # what a group does by itself


TREE = sorted(leaves(typer.main.get_command(program())))

# What makes each of them fail, and with which code; None: it can't, but for a line that is wrong.
ERRORS: dict[str, tuple[str, int, str] | None] = {
    "completion": ("nosuch", 2, "usage"),
    "config": ("nosuch", 2, "unknown-key"),
    "config edit": ("--root nowhere", 2, "no-such-root"),
    "config path": ("--root nowhere", 2, "no-such-root"),
    "config set": ("nosuch 1", 2, "unknown-key"),
    "config unset": ("nosuch", 2, "unknown-key"),
    "demo": None,
    "diff": ("nosuch", 1, "unknown-profile"),
    "env": ("nosuch", 1, "unknown-profile"),
    "failover": ("--chain nosuch", 1, "unknown-profile"),
    "help": ("nosuch", 2, "usage"),
    "history": ("--root nowhere", 2, "no-such-root"),
    "image": ("a/b --profile nosuch", 1, "unknown-profile"),
    "ls": ("--root nowhere", 2, "no-such-root"),
    "profile add": ("nosuch.toml", 1, "unknown-profile"),
    "profile check": ("nosuch", 1, "unknown-profile"),
    "profile edit": ("nosuch", 1, "unknown-profile"),
    "profile new": ("NAME", 1, "profile-name"),
    "profile remove": ("nosuch", 1, "unknown-profile"),
    "profile show": ("nosuch", 1, "unknown-profile"),
    "profile update": ("nosuch", 1, "unknown-profile"),
    "pull": ("busybox --engine pip", 2, "unknown-engine"),
    "recover": ("--root nowhere", 2, "no-such-root"),
    "restore": ("7", 1, "nothing-to-undo"),
    "run": ("--chain nosuch -- true", 1, "unknown-profile"),
    "script": ("nju --format tcl", 2, "unknown-format"),
    "status": ("--tool pop", 2, "unknown-tool"),
    "undo": ("", 1, "nothing-to-undo"),
    "uninstall": ("--root nowhere", 2, "no-such-root"),
    "use": ("nosuch", 1, "unknown-profile"),
    "verify": ("nosuch", 1, "unknown-profile"),
    "watch": ("--chain nosuch", 1, "unknown-profile"),
}


def test_every_command_is_here() -> None:
    assert sorted(ERRORS) == [" ".join(path) for path in TREE]


@pytest.mark.parametrize("path", TREE, ids=" ".join)
def test_an_error_is_one_document_or_none(box: Sandbox, path: tuple[str, ...]) -> None:
    name = " ".join(path)
    wrong = [(*path, "--nosuch", "--json"), (*path, "--json", "--nosuch", "before")]
    wrong += [(path[0], "--nosuch", *path[1:], "--json"), ("--json", *path)]
    for argv in wrong[: 4 if len(path) > 1 else 2]:
        held(box.run(*argv, code=2).json, name, 2, "usage")
    case = ERRORS[name]
    if case is None:
        return
    words, code, error = case
    line = [*path, "--json", *shlex.split(words)]
    done = box.run(*line, code=code)
    held(done.json, name, code, error)
    assert done.err == ""
    script = f"set -o pipefail; {shlex.join([PROGRAM, *line])} | head -c 0"
    gone = subprocess.run(
        ["bash", "-c", script], env=box.environ, cwd=box.folder, capture_output=True, text=True
    )
    assert (gone.returncode, gone.stdout, gone.stderr) == (141, "", "")


def held(answer: dict[str, Any], name: str, code: int, error: str) -> None:
    """It is an error's document, and knows whose."""
    jsonschema.validate(answer, ENVELOPE)
    found = (answer["command"], answer["exit_code"], answer["status"], answer["error"]["code"])
    assert found == (name, code, "failed", error)
