"""How soon a line of progress is seen in a terminal: python -m benchmarks.progress; needs tmux."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from tests.cli import test_progress as seen
from tests.sandbox import PROGRAM, Sandbox

RUNS = 10


def main() -> None:
    """The median and the worst of each command, in ms; tmux takes some of it."""
    served, opened = (contextmanager(each.__wrapped__) for each in (seen.mute, seen.terminal))  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        box = Sandbox(Path(folder))
        with served(box, Path(folder)), opened(box) as terminal:
            for command, line in seen.COMMANDS.items():
                took = sorted(_once(terminal, line) for _ in range(RUNS))
                sys.stdout.write(f"{command:<16}{took[RUNS // 2]:5.0f}  {took[-1]:5.0f}\n")


def _once(terminal: seen.Terminal, line: str) -> float:
    terminal.type("clear")
    terminal.until(lambda shown: not shown.strip("#$ \n"))
    terminal.type(f"{PROGRAM} {line}; echo ended: $?")
    _, seconds = terminal.until(seen.progress)
    terminal.call("send-keys", "C-c")
    terminal.until(lambda shown: "ended: 1" in shown)
    return seconds * 1000


if __name__ == "__main__":
    main()
