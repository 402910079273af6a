"""A command that is run with other variables and nothing else changed: streams, signals, its way to end."""

from __future__ import annotations

import array
import os
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NamedTuple

from mirrorcfg.errors import CommandError, Exit
from mirrorcfg.sentence import sentence

_PASSED_ON = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGWINCH")
_OF_TERMINALS = ("SIGINT", "SIGQUIT", "SIGWINCH")  # a terminal sends them to all of its foreground group
_STOPS = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM")
_STDIN = 0


class Ended(NamedTuple):
    """How a command ended: its exit code, or the signal it died of (then the code is 128 and its number).

    `stopped` where somebody meanwhile asked it to stop, by a signal.
    """

    code: int
    signal: int | None = None
    stopped: bool = False


class Command:
    """A command line, and the standard input that it was given.

    `rights` are subprocess' words for giving up some; without them it gets all that we were given.
    """

    def __init__(self, argv: Sequence[str], rights: Mapping[str, Any] | None = None) -> None:
        self._argv, self._rights = list(argv), rights
        self._rewind = _rewinder()

    def run(self, environ: Mapping[str, str]) -> Ended:
        """Run it to its end; every signal that reaches this process meanwhile reaches it, once.

        It stays in this process group, so what a terminal sends to the group is not sent on. Raises
        CommandError where it can't be started.
        """
        running: list[subprocess.Popen[bytes]] = []
        early: list[int] = []
        seen: set[int] = set()

        def on_signal(number: int, frame: FrameType | None) -> None:
            seen.add(number)
            if not running:
                early.append(number)
            elif not _from_terminal(number):
                _send(running[0], number)

        with _handled(on_signal):
            running.append(self._started(environ))
            for number in early:
                _send(running[0], number)
            code = running[0].wait()
        stopped = any(number in seen for number in _numbers(_STOPS))
        return Ended(code, stopped=stopped) if code >= 0 else Ended(128 - code, -code, stopped)

    def rewound(self) -> bool:
        """Give it its standard input from the beginning again; False where that can't be done."""
        return self._rewind()

    def _started(self, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        try:
            if self._rights is None:
                return subprocess.Popen(self._argv, env=dict(environ), close_fds=False)
            return subprocess.Popen(self._argv, env=dict(environ), **self._rights)
        except FileNotFoundError:
            what = sentence("There is no program {name}.", name=self._argv[0])
            raise CommandError("command-not-found", what, Exit.NOT_FOUND) from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            what = sentence("{program} can't be run: {why}.", program=self._argv[0], why=why)
            raise CommandError("not-executable", what, Exit.NOT_EXECUTABLE) from None


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Signals go to `handler`, save those that whoever started us wants to be ignored."""
    numbers = [n for n in _numbers(_PASSED_ON) if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _numbers(names: Sequence[str]) -> list[int]:
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(OSError, ValueError):
        process.send_signal(number)


def _from_terminal(number: int) -> bool:
    """Was it a key, most likely: a signal of terminals, while this group is in the foreground of one?"""
    if number not in _numbers(_OF_TERMINALS):
        return False
    if not hasattr(os, "tcgetpgrp"):  # Windows: a console's keys reach every process of it
        return True
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _rewinder() -> Callable[[], bool]:
    """What gives the standard input again as it is now: a file from this place on, a terminal as it is.

    What a command took from a pipe is gone. It surely took nothing where every writer had left before it
    began, and as much is waiting now as then.
    """
    try:
        mode = os.fstat(_STDIN).st_mode
    except OSError:  # there is none
        return lambda: True
    if stat.S_ISCHR(mode):
        return lambda: True
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        waiting, complete = _waiting(), _complete()
        return lambda: complete and _waiting() == waiting
    try:
        place = os.lseek(_STDIN, 0, os.SEEK_CUR)
    except OSError:
        return lambda: False
    return lambda: os.lseek(_STDIN, place, os.SEEK_SET) == place


def _waiting() -> int | None:
    """How many bytes a reader of the pipe would get at once."""
    try:
        from fcntl import ioctl
        from termios import FIONREAD
    except ImportError:  # Windows
        return None
    count = array.array("i", [0])
    ioctl(_STDIN, FIONREAD, count)
    return count[0]


def _complete() -> bool:
    """Has everyone left who could write into the pipe?"""
    import select

    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(_STDIN, select.POLLIN)
    return any(events & select.POLLHUP for _, events in poll.poll(0))
