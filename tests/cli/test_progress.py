"""What is waited for is seen on a terminal while it is waited for, and nowhere else."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import parts
from tests.sandbox import PROGRAM, Sandbox
from tests.verifier.lab import Authority, Server

COLUMNS = 80


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """It lets everybody in and says nothing."""
    await reader.read()


@pytest.fixture
def mute(box: Sandbox, tmp_path: Path) -> Iterator[Server]:
    authority = Authority(tmp_path)
    with Server(authority.context(), script=silent) as server:
        tls = f'[tls]\nca-file = "{authority.file}"\n'
        box.profile(
            "mute",
            f'{tls}[pip]\nindex-url = "{server.url}/simple"\n[docker]\nregistry-mirrors = ["{server.url}"]\n',
        )
        origin = (
            f'{{"url": "{server.url}/team.toml", "sha256": "{"0" * 64}", "time": "2026-01-01T00:00:00Z", '
            f'"ca_file": "{authority.file}", "bases": {{}}}}'
        )
        box.write(box.home / ".config/mirrorcfg/profiles/mute.origin.json", origin)
        yield server


class Terminal:
    """tmux, and what is to be seen in it."""

    def __init__(self, box: Sandbox) -> None:
        self.tmux = [parts.program("tmux"), "-S", str(box.folder / "tmux"), "-f", "/dev/null"]
        self.environ = {**box.environ, "TERM": "xterm-256color"}
        size = ("-x", str(COLUMNS), "-y", "24")
        self.call("new-session", "-d", *size, "-c", str(box.folder), "sh", PS1="$ ")

    def call(self, *argv: str, **environ: str) -> str:
        done = subprocess.run([*self.tmux, *argv], env=self.environ | environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def type(self, line: str) -> None:
        self.call("send-keys", "-l", line)
        self.call("send-keys", "Enter")

    def until(self, seen: Callable[[str], bool]) -> tuple[str, float]:
        """What is on it once that is so, and the seconds that took."""
        began = time.monotonic()
        while not seen(shown := self.call("capture-pane", "-p")):
            assert time.monotonic() - began < 30, shown
        return shown, time.monotonic() - began

    def end(self) -> None:
        self.call("kill-server")


@pytest.fixture
def terminal(box: Sandbox) -> Iterator[Terminal]:
    (box.folder / "bin").mkdir()
    docker = box.folder / "bin/docker"
    docker.write_text("#!/bin/sh\nsleep 20\n")
    docker.chmod(0o755)
    box.environ["PATH"] = f"{docker.parent}:{box.environ['PATH']}"
    box.environ["DOCKER_HOST"] = "unix:///nowhere"
    terminal = Terminal(box)
    yield terminal
    terminal.end()


COMMANDS = {
    "use": "use mute --tool pip --yes",
    "verify": "verify mute --tool pip",
    "failover": "failover --tool pip --chain mute",
    "pull": "pull hello-world --profile mute",
    "profile update": "profile update mute",
    "run": "run --chain mute --tool pip -- true",
}


def progress(shown: str) -> bool:
    return any(line[:1] in "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" and line[1:2] == " " for line in shown.split("\n") if line)


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_seen_while_it_is_waited_for_and_gone_afterwards(
    box: Sandbox, mute: Server, terminal: Terminal, command: str
) -> None:
    timeout = "" if command == "pull" else " --timeout 1.5"
    words = COMMANDS[command].split(" -- ")
    terminal.type(
        f"{PROGRAM} {words[0]}{timeout}{''.join(f' -- {each}' for each in words[1:])}; echo ended: $?"
    )
    terminal.until(progress)
    if command == "pull":
        terminal.call("send-keys", "C-c")
    shown, _ = terminal.until(lambda shown: re.search(r"\nended: \d", shown) is not None)
    assert not progress(shown)


@pytest.mark.parametrize("how", ["json", "no terminal", "dumb", "quiet"])
def test_it_is_seen_nowhere_else(box: Sandbox, mute: Server, how: str) -> None:
    here, there = pty.openpty()
    argv = [
        PROGRAM,
        "verify",
        "mute",
        "--tool",
        "pip",
        "--timeout",
        "0.5",
        *{"json": ["--json"], "quiet": ["-q"]}.get(how, []),
    ]
    environ = box.environ | {"TERM": "dumb" if how == "dumb" else "xterm-256color"}
    done = subprocess.run(
        argv,
        env=environ,
        cwd=box.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if how == "no terminal" else there,
    )
    os.close(there)
    said = done.stderr or b""
    while how != "no terminal":
        try:
            piece = os.read(here, 4096)
        except OSError:
            break
        said += piece
    os.close(here)
    assert b"\r\x1b[K" not in said.replace(b"\r\n", b"\n")
    assert b"\r" not in said.replace(b"\r\n", b"\n")
