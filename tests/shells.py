"""The real bash, zsh and fish on a terminal of their own, at which somebody types."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests import parts
from tests.sandbox import Sandbox

_PATIENCE = 30.0
_ESCAPES = re.compile(
    r"\x1b\[[0-9;?>=]*[A-Za-z]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[()][A-Z0-9]|\x1b[=>78M]|[\x00\x07\x0e\x0f\r]"
)
ARGV = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--no-config", "-i"],
}


class Shell:
    """A shell of which `type` gives what is on the screen afterwards."""

    def __init__(self, name: str, box: Sandbox) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        environ = box.environ | {
            "TERM": "xterm",
            "PS1": "$ ",
            "HOME": str(box.home),
            "ZDOTDIR": str(box.home),
            "HISTFILE": "",
        }
        self.process = subprocess.Popen(
            [parts.program(name), *ARGV[name]],
            env=environ,
            cwd=box.folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.said = ""

    def type(self, keys: str, until: str) -> str:
        """Type that on an empty line, and wait until this pattern has been shown; what was shown since."""
        self.said = ""
        os.write(self.master, f"\x15{keys}".encode())
        return self.wait(until)

    def wait(self, until: str) -> str:
        end = time.monotonic() + _PATIENCE
        while not re.search(until, self.said):
            left = end - time.monotonic()
            ready = left > 0 and select.select([self.master], [], [], left)[0]
            assert ready, f"{until!r} not in {self.said!r}"
            raw = os.read(self.master, 65536).decode(errors="replace")
            if "\x1b[c" in raw or "\x1b[0c" in raw:  # fish asks what terminal this is
                os.write(self.master, b"\x1b[?62c")
            self.said += _ESCAPES.sub("", raw)
        return self.said

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


LINES = {
    "bash": 'eval "$(mirrorcfg completion bash)"',
    "zsh": "source <(mirrorcfg completion zsh)",
    "fish": "mirrorcfg completion fish | source",
}


@contextmanager
def started(name: str, box: Sandbox) -> Iterator[Shell]:
    """One that has mirrorcfg's completion by the line that its help gives."""
    shell = Shell(name, box)
    try:
        shell.type(f'{LINES[name]}; echo re""ady\r', r"\nready")
        yield shell
    finally:
        shell.close()
