"""What a signal that asks this process to end does, at whatever moment it comes.

It never raises in the middle of something. Where nothing is under way the process says its last words and
ends there and then. Where files change it is noted, and acted upon once they have (`held`); a wait within
that is ended by an exception (`heeded`). So what the last words say of the disk is known, and not guessed.
"""

from __future__ import annotations

import os
import signal
import time
from _thread import get_ident
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_STUCK = 1.0  # seconds after which a second signal ends what can't say its last words


class Stopped(BaseException):
    """A signal ended a wait. It is no KeyboardInterrupt, of which typer would make an exit without a word."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Done:
    """What this process has changed: a clause, and the command that takes it back, for the same root."""

    def __init__(self, what: str, back: Sequence[str], root: Path | None) -> None:
        self.what, self.back, self.root = what, back, root


class _Process:
    """Where this process stands."""

    thread: int | None = None  # the main one, where signals arrive; None: they are none of ours
    mode = "free"  # or starting, held, closed, heeded, answering
    noted: int | None = None
    since = 0.0
    done: Done | None = None

    finish: Callable[[int], None] | None = None  # says the last words, and ends


_here = _Process()


def begin() -> None:
    """Take these signals, save those that whoever started us wants to be ignored; as yet they are noted."""
    _here.thread, _here.mode = get_ident(), "starting"
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _on_signal)


def ready(finish: Callable[[int], None]) -> None:
    """From here on `finish` can be called, out of a signal handler and wherever it is: it imports nothing."""
    _here.finish = finish
    _here.mode = "free"
    _act()


def answering() -> None:
    """The answer is being given: a signal comes too late. A second one ends what can't get rid of it."""
    _here.mode, _here.noted = "answering", None


def did(what: str, back: Sequence[str] = (), root: Path | None = None) -> None:
    """Note what was changed, as a clause, and what takes it back; within `held`, where it was done."""
    _here.done = Done(what, back, root)


def done() -> Done | None:
    """What was changed; None for nothing."""
    return _here.done


@contextmanager
def held(*, wholly: bool = False) -> Iterator[None]:
    """A signal within is acted upon at the end; `wholly`, also those that come to a wait in there."""
    before = _here.mode
    if get_ident() != _here.thread or before in ("answering", "starting"):
        yield
        return
    _here.mode = "closed" if wholly or before == "closed" else "held"
    try:
        yield
    finally:
        _here.mode = before
    _act()  # an error that comes out of here has more to say


@contextmanager
def heeded() -> Iterator[None]:
    """A wait within `held`, which a signal ends. Raises Stopped."""
    if get_ident() != _here.thread or _here.mode != "held":
        yield
        return
    _here.mode = "heeded"
    try:
        _act()
        yield
    finally:
        _here.mode = "held"


def _act() -> None:
    number = _here.noted
    if number is None:
        return
    if _here.mode == "free" and _here.finish is not None:
        _here.finish(number)
    elif _here.mode == "heeded":
        raise Stopped(number)


def _on_signal(number: int, frame: object) -> None:
    now = time.monotonic()
    if _here.noted is None:
        _here.noted, _here.since = number, now
    elif _here.mode in ("starting", "answering") and now - _here.since > _STUCK:
        os._exit(128 + number)
    _act()
