"""What a process does about a signal goes to its children: `nohup`, or a shell's `&`, would decide tests.

A signal that whoever started the run ignores gets a handler that does nothing; SIGINT gets Python's own, which the
code under test counts on. The run goes on as they asked, and what it starts has the default: exec sets a signal that
is caught back to it, and leaves one that is ignored (execve(2)).
"""

from __future__ import annotations

import signal
from collections.abc import Iterable

_PYTHON_S = {signal.SIGPIPE, signal.SIGXFSZ}  # it ignores them itself, and subprocess sets them back


def ignored() -> list[int]:
    """The numbers of the signals that this process ignores because another one did."""
    known = (number for number in signal.valid_signals() if number not in _PYTHON_S)
    return sorted(int(number) for number in known if signal.getsignal(number) is signal.SIG_IGN)


def outlive(numbers: Iterable[int]) -> None:
    """Neither end of these signals nor let a child ignore them, and block none."""
    for number in numbers:
        own = signal.default_int_handler if number == signal.SIGINT else lambda number, frame: None
        signal.signal(number, own)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
