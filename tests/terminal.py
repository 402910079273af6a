"""The real program on a terminal of its own, with somebody who answers it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from collections.abc import Sequence

from tests.sandbox import PROGRAM, Done, Sandbox

_PATIENCE = 30.0  # seconds that the program may say nothing


def talk(box: Sandbox, *argv: str, answers: Sequence[tuple[str, str]]) -> Done:
    """Run mirrorcfg, and give each answer once the words before it have been shown."""
    master, slave = pty.openpty()
    environ = box.environ | {"TERM": "dumb", "NO_COLOR": "1"}
    process = subprocess.Popen(
        [PROGRAM, *argv], env=environ, cwd=box.folder, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    said = ""
    try:
        for words, answer in answers:
            said += _until(master, words)
            os.write(master, f"{answer}\n".encode())
        said += _until(master, None)
    finally:
        os.close(master)  # who still reads there is told to go
        code = process.wait(_PATIENCE)
    assert "Traceback" not in said, said
    return Done(code, said.replace("\r\n", "\n"), "")


def _until(master: int, words: str | None) -> str:
    """What it says until it has said these words; without any, to its end."""
    said = ""
    while words is None or words not in said:
        assert select.select([master], [], [], _PATIENCE)[0], said
        try:
            piece = os.read(master, 4096)
        except OSError:  # the other end is closed
            piece = b""
        if not piece:
            assert words is None, said
            return said
        said += piece.decode(errors="replace")
    return said
