"""A line on the terminal that says what is waited for, from the first moment, and is gone afterwards.

It is drawn by ourselves: rich would cost more time than it shows.
"""

from __future__ import annotations

import os
import sys
import threading
from time import monotonic, sleep

from mirrorcfg.cli import screen
from mirrorcfg.cli.language import _
from mirrorcfg.model.progress import Progress
from mirrorcfg.sentence import sentence

_EVERY = 0.1  # seconds
_SLOW = 1.0  # seconds, from which on they are counted


class Waiting(Progress):
    """The line; a thread keeps it alive, so that what hangs is seen to hang."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._awake = threading.Event()
        self._thread: threading.Thread | None = None
        self._what, self._total, self._seen, self._since, self._turn = "", 0, 0, 0.0, 0

    def doing(self, what: str, total: int = 0) -> None:
        """Draw it at once."""
        with self._lock:
            self._what, self._total, self._seen, self._since = what, total, 0, monotonic()
            self._draw()
        screen.waiting = self
        self._awake.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._turning, daemon=True)
            self._thread.start()

    def came(self) -> None:
        """Count."""
        with self._lock:
            self._seen += 1
            if self._what:
                self._draw()

    def rest(self) -> None:
        """Take the line away."""
        with self._lock:
            self._awake.clear()
            if self._what:
                screen.over("")
            self._what = ""

    def _turning(self) -> None:
        while True:
            self._awake.wait()
            sleep(_EVERY)
            with self._lock:
                if self._what:
                    self._turn += 1
                    self._draw()

    def _draw(self) -> None:
        wheel = screen.sign("wheel")
        text = f"{wheel[self._turn % len(wheel)]} {_(self._what)}"
        if self._total > 1:
            text += f"  {self._seen}/{self._total}"
        if (took := monotonic() - self._since) >= _SLOW:
            text += f"  {_(sentence('{seconds:.0f} s', seconds=took))}"
        screen.over(text)


def seen(shown: bool) -> Progress | None:
    """A line for a person at a terminal that can take it away again; None where there is none."""
    able = not screen.is_quiet() and sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb")
    return Waiting() if shown and able else None
