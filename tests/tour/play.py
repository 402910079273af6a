"""One command on a terminal of a given width, and what stands on it afterwards."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shlex
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.sandbox import PROGRAM

_PATIENCE = 60.0  # seconds that the program may say nothing
_OVER = "\r\x1b[K"  # what is drawn over a line of progress
# What differs from run to run, and what stands for it: as wide as it is, or the columns would not be as they were.
_VARIES = (
    (r"/tmp/xiaom[a-z]{2}", "/home/meimei"),
    (r"[ \d]{3}\d ms\b", "  12 ms"),
    (r"[ \d]{5}\d d\b", "   365 d"),
    (r"[ \d]{5}\d 天", "   365 天"),
    (r"\b\d+\.\d s\b", "0.1 s"),
    (r"\b\d+\.\d 秒", "0.1 秒"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d", "2026-08-08 09:30"),
)


def play(
    home: Path,
    environ: Mapping[str, str],
    columns: int,
    argv: Sequence[str],
    answers: Sequence[str] = (),
    within: Sequence[str] = (),
) -> str:
    """The command line and what was shown; each answer is given when a question has been put."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*within, PROGRAM, *argv], env=dict(environ), cwd=home, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    said, waiting = "", list(answers)
    while select.select([master], [], [], _PATIENCE)[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:
            piece = b""
        if not piece:
            break
        said += piece.decode(errors="replace")
        if waiting and re.search(r"\][^\n\]]*[:\uff1a] $", said):
            os.write(master, f"{waiting.pop(0)}\n".encode())
    os.close(master)
    process.wait(_PATIENCE)
    assert not waiting, said
    assert "Traceback" not in said, said
    return f"$ mirrorcfg {shlex.join(argv)}\n{seen(said, environ['MIRRORCFG_LANG'])}"


def seen(said: str, language: str) -> str:
    """What is left on the terminal, with fixed words for what varies."""
    lines = [line.split(_OVER)[-1] for line in said.replace("\r\n", "\n").split("\n")]
    return _steady("\n".join(lines).rstrip("\n") + "\n", language)


def _steady(text: str, language: str) -> str:
    for pattern, word in _VARIES:
        text = re.sub(pattern, word, text)
    # This machine's own file, where it has one.
    none = "：不存在" if language == "zh" else ": not there"
    return re.sub(r"( +/etc/pip\.conf)(?:(?:: |：).*)?\n(?: {8}.*\n)*", rf"\1{none}\n", text)
