"""A script that calls mirrorcfg: nothing is ever asked with --yes, and `changed` says whether a run did anything."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from mirrorcfg.cli.app import program
from mirrorcfg.errors import Exit
from tests.sandbox import PROGRAM, Sandbox

# Every command, as a script calls it; what it changes comes after the words that it is called with.
CALLS: dict[str, list[str]] = {
    "use": ["acme", "--tool", "pip", "--no-verify"],
    "undo": [],
    "restore": ["0"],
    "recover": [],
    "failover": ["--tool", "pip", "--timeout", "2"],
    "diff": ["acme", "--tool", "pip"],
    "status": [],
    "verify": ["gone", "--timeout", "2"],
    "history": [],
    "env": ["acme", "--tool", "pip"],
    "image": ["hello-world"],
    "pull": ["hello-world:1", "--profile", "gone"],
    "script": ["acme", "--format", "sh"],
    "ls": [],
    "profile show": ["acme"],
    "profile new": ["other", "--from", "acme"],
    "profile check": ["acme"],
    "profile add": ["https://gone.invalid/team.toml", "--sha256", "0" * 64, "--timeout", "2"],
    "profile update": ["--timeout", "2"],
    "profile remove": ["gone", "--force"],
    "profile edit": ["acme"],
    "config": [],
    "config set": ["keep", "50"],
    "config unset": ["keep"],
    "config path": [],
    "config edit": [],
    "help": ["use"],
    "completion": ["bash"],
}
CHANGING = (
    "use",
    "undo",
    "restore",
    "recover",
    "failover",
    "watch",
    "profile new",
    "profile add",
    "profile update",
    "profile remove",
    "profile edit",
    "config set",
    "config unset",
    "config edit",
    "uninstall",
)
FAILING = ("verify", "pull", "profile add")  # what they ask for isn't there
# One has no end, one is a show, one says what another program says, and one looks for services of this machine.
OWN_TESTS = {"watch", "demo", "run", "uninstall"}


def leaves(command: Any, *above: str) -> Iterator[tuple[str, Any]]:
    """Every command, with its options; one that is hidden is what its group does by itself."""
    if hasattr(command, "commands"):
        for name in command.list_commands(None):
            below = command.get_command(None, name)
            yield from leaves(below, *above, *([] if below.hidden else [name]))
    else:
        yield " ".join(above), command


COMMANDS = dict(leaves(get_command(program())))


@pytest.fixture
def box(tmp_path: Path) -> Sandbox:
    box = Sandbox(tmp_path)
    box.profile("acme", '[pip]\nindex-url = "https://mirror.example/simple"\n')
    box.profile(
        "gone",
        '[pip]\nindex-url = "https://gone.invalid/simple"\n[docker]\nregistry-mirrors = ["https://gone.invalid"]\n',
    )
    return box


def on_a_terminal(box: Sandbox, *argv: str) -> tuple[int, dict[str, Any], str]:
    """Run it where somebody could be asked: exit code, envelope, and what the terminal showed."""
    here, there = pty.openpty()
    try:
        done = subprocess.run(
            [PROGRAM, *argv, "--json"],
            env=box.environ | {"DOCKER_HOST": "unix:///nowhere", "VISUAL": "/bin/true"},
            cwd=box.folder,
            stdin=there,
            stdout=subprocess.PIPE,
            stderr=there,
            timeout=60,
        )
        os.set_blocking(here, False)
        try:
            shown = os.read(here, 1 << 16).decode()
        except BlockingIOError:
            shown = ""
    finally:
        os.close(here)
        os.close(there)
    return done.returncode, json.loads(done.stdout), shown


def test_every_command_is_in_the_table() -> None:
    assert set(COMMANDS) == set(CALLS) | OWN_TESTS
    for command in OWN_TESTS:
        options = {option for parameter in COMMANDS[command].params for option in parameter.opts}
        assert ("--yes" in options) == (command in CHANGING)


@pytest.mark.parametrize("command", CALLS)
def test_nothing_is_asked(box: Sandbox, command: str) -> None:
    if command in ("undo", "restore"):
        box.run("use", "acme", "--tool", "pip", code=0)
    options = {option for parameter in COMMANDS[command].params for option in parameter.opts}
    assert "--json" in options
    assert ("--yes" in options) == (command in CHANGING)
    yes = ["--yes"] if "--yes" in options else []
    code, answer, shown = on_a_terminal(box, *command.split(), *CALLS[command], *yes)
    assert code == answer["exit_code"]
    assert code in {int(each) for each in Exit}
    assert (code, answer["error"]) == (0, None) or command in FAILING
    assert "[Y/n]" not in shown.replace("[y/N]", "[Y/n]")
    assert answer["data"].get("changed", None) == {
        "use": True,
        "undo": True,
        "restore": True,
        "recover": False,
        "failover": False,
        "profile update": False,
        "profile remove": True,
        "diff": True,
        "profile new": True,
        "profile edit": False,
        "config set": True,
        "config unset": False,
        "config edit": False,
    }.get(command)


def test_changed_is_false_where_there_is_nothing_to_do(box: Sandbox) -> None:
    argv = ("use", "acme", "--tool", "pip", "--yes")
    assert box.json(*argv, "--dry-run")["data"]["changed"] is True
    assert box.json(*argv)["data"]["changed"] is True
    for more in ((), ("--dry-run",)):
        answer = box.json(*argv, *more)
        assert (answer["status"], answer["data"]["changed"], answer["data"]["generation"]) == (
            "unchanged",
            False,
            None,
        )
    assert box.json("diff", "acme", "--tool", "pip")["data"]["changed"] is False
    assert box.json("restore", "0", "--yes")["data"]["changed"] is True
    assert box.json("restore", "0", "--yes")["data"]["changed"] is False


def test_changed_is_true_where_something_stronger_wins(box: Sandbox) -> None:
    """`status` says shadowed then, and not whether a file was written."""
    environ = {"PIP_INDEX_URL": "https://stronger.example/simple"}
    argv = ("use", "acme", "--tool", "pip", "--yes")
    first, second = (box.json(*argv, environ=environ, code=3) for _ in range(2))
    assert [each["status"] for each in (first, second)] == ["shadowed", "shadowed"]
    assert [each["data"]["changed"] for each in (first, second)] == [True, False]
