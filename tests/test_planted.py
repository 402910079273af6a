"""A planted secret that gets out is noticed, whichever way it takes."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from tests import planted
from tests.sandbox import Sandbox
from tests.verifier.lab import Answer, Authority, Server

ENCODED = base64.b64encode(planted.LOGIN.encode()).decode()


@pytest.mark.parametrize("stream", ["1", "2"])
@pytest.mark.parametrize("text", [planted.LOGIN, f"Basic {ENCODED}"])
def test_a_program_that_prints_one(tmp_path: Path, text: str, stream: str) -> None:
    program = tmp_path / "mirrorcfg"
    program.write_text(f"#!/bin/sh\necho '{text}' >&{stream}\n")
    program.chmod(0o755)
    with pytest.raises(AssertionError, match="prints a secret"):
        subprocess.run([program, "status"], capture_output=True)


def test_a_file_that_others_may_read(tmp_path: Path) -> None:
    path = tmp_path / "state/objects/one"
    path.parent.mkdir(parents=True)
    path.write_text(f"[global]\nindex-url = https://{planted.LOGIN}@a.example/simple\n")
    path.chmod(0o600)
    assert planted.left_open(tmp_path) == []
    path.chmod(0o644)
    assert planted.left_open(tmp_path) == [path]


def test_an_address_with_one(box: Sandbox) -> None:
    """What the user has in the file goes through every command that shows files, and through the history."""
    box.write(box.pip_conf, f"[global]\nindex-url = https://{planted.LOGIN}@a.example/simple\n")
    box.profile("acme", '[pip]\nindex-url = "https://b.example/simple"')
    for argv in (("status",), ("status", "--explain"), ("diff", "acme"), ("use", "acme"), ("history",)):
        box.json(*argv, "--tool", "pip") if argv[0] != "history" else box.json(*argv)
        box.run(*argv, *(() if argv[0] == "history" else ("--tool", "pip")), code=0)
    stored = [path for path in (box.folder / "state").rglob("*") if path.is_file()]
    assert any(planted.leaks(path.read_bytes()) for path in stored)
    box.run("undo", code=0)
    assert planted.leaks(box.pip_conf.read_bytes())


def test_netrc_is_in_reach(box: Sandbox, tmp_path: Path) -> None:
    """A source is asked with what netrc has, and nothing that is said of it shows that."""
    authority = Authority(tmp_path)
    with Server(authority.context(), {"*": Answer(403)}) as server:
        tables = f'[tls]\nca-file = "{authority.file}"\n[pip]\nindex-url = "{server.url}/simple"'
        box.profile("acme", tables)
        box.json("verify", "acme", code=3)
        assert planted.leaks(server.seen[0].headers["authorization"])
