"""`watch`: failover as a loop that never ends by itself."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.activation import supervisor
from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.failover import Track
from mirrorcfg.host import Host
from mirrorcfg.ops.watching import metrics
from mirrorcfg.ops.watching.failover import Moved, Way, failover
from mirrorcfg.ops.watching.look import Ask, Look, over_the_network

QUICK = 5.0
"""Seconds to the next look while trouble is being counted: k looks in a row shall not take k intervals."""

_JITTER = 0.1  # of the interval, so that many machines don't come all at once
_SLOWEST = 5  # intervals between two looks at what doesn't change and can't be helped
_SURVEY = 3600.0  # seconds between two looks at whole chains: that a mirror falls behind shows beside others


class Event(NamedTuple):
    """One line of what happens, at an RFC 3339 time in UTC: a move as `failover` has it, or an `error`."""

    time: str
    tool: str | None
    action: str
    from_: str | None
    to: str | None
    code: str
    message: str | None
    generation: int | None


class Stopped(KeyboardInterrupt):
    """A signal asked the loop to end. As the interrupt it is, asyncio lets it through."""


class Stop:
    """A handler of signals: at once while we wait or ask, and once it is done where files change."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._busy = False

    def __call__(self, signal: int, frame: object) -> None:
        """Note it, and end what may end here."""
        self.signal = signal
        if not self._busy:
            raise Stopped(signal)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """No end within the block; at its end, if one was asked for."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
        if self.signal is not None:
            raise Stopped(self.signal)


class Means(NamedTuple):
    """What the loop needs of the world around it."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    dice: Callable[[], float] = random.random
    ask: Ask = over_the_network


class Pace(NamedTuple):
    """Seconds between two looks, and seconds that each may take."""

    interval: float = 60.0
    timeout: float = 10.0


class Watch:
    """The loop. `host` gives the machine as it is now, `tell` takes each change as it happens."""

    def __init__(
        self,
        host: Callable[[], Host],
        way: Callable[[Host], Way],
        pace: Pace,
        tell: Callable[[Event], None],
        *,
        file: Path | None = None,
        stop: Stop | None = None,
        means: Means = Means(),  # noqa: B008 — a tuple can't be changed
    ) -> None:
        self._host, self._way, self._pace, self._tell = host, way, pace, tell
        self._file, self._means = file, means
        self._stop = stop or Stop()
        self._told: dict[str, tuple[str | None, ...]] = {}
        self._switches: dict[str, int] = {}
        self._surveyed: float | None = None
        self._idle = 0  # looks in a row at which nothing could be done

    def run(self) -> None:
        """Look, wait, look again, until a signal ends it. Raises MirrorcfgError if the start fails."""
        gc.enable()  # a command does without; a loop would grow
        environ: Mapping[str, str] = {}
        with suppress(Stopped):
            environ = self._host().environ
            pause = self.turn(first=True)
            supervisor.tell(environ, supervisor.READY)
            while True:
                self._wait(pause, environ)
                pause = self.turn()
        supervisor.tell(environ, supervisor.STOPPING)

    def turn(self, *, first: bool = False) -> float:
        """One look and what follows from it; how many seconds to wait after it."""
        try:
            counting, held = self._look()
        except MirrorcfgError as error:
            if first:
                raise
            # Somebody else has the lock, or has just written half a profile: the next look may do better.
            self._changed("", ("error", error.code), _event(self._means.now(), error))
            counting, held = False, True
        self._idle = self._idle + 1 if held and not counting else 0
        pause = self._pace.interval * min(max(self._idle, 1), _SLOWEST)
        pause = min(pause, QUICK) if counting else pause
        return pause * (1 + _JITTER * (2 * self._means.dice() - 1))

    def _look(self) -> tuple[bool, bool]:
        """Is trouble being counted, and does something not work?"""
        host, now = self._host(), self._means.now()
        way = self._way(host)
        wide = self._surveyed is None or not 0 <= now - self._surveyed < _SURVEY
        look = Look(host, self._means.ask, self._pace.timeout, self._means.now, wide=wide)
        result, tracks = failover(look, way, deferred=self._stop.deferred)
        self._surveyed = now if wide else self._surveyed
        tools = result.data.tools
        for finding in result.findings:
            event = _event(now, MirrorcfgError(finding.code, finding.message), finding.tool)
            self._changed(f"{finding.tool} finding", (finding.code, finding.message), event)
        for tool, entry in tools.items():
            self._note(tool, entry, result.data.generation)
        if self._file is not None:
            user = host.rights(self._file.absolute())
            metrics.write(self._file.absolute(), tools, self._switches, now, user)
        counting = any(_counting(tracks.get(tool), way) for tool in tools)
        return counting, any(entry.action == "hold" for entry in tools.values())

    def _note(self, tool: str, entry: Moved, generation: int | None) -> None:
        moved = entry.action in ("switch", "return")
        if moved:
            self._switches[tool] = self._switches.get(tool, 0) + 1
        said = (entry.action, entry.from_, entry.to, entry.code)
        # After a move the next look finds what the move has made: that is no news.
        after = ("stay", entry.to, entry.to, "ok") if moved else said
        if moved or self._told.get(tool) != after:
            message = next((each.message for each in entry.asked if each.profile == entry.from_), None)
            made = generation if moved else None
            self._tell(Event(_time(self._means.now()), tool, *said, message, made))
        self._told[tool] = after

    def _changed(self, key: str, state: tuple[str | None, ...], event: Event) -> None:
        if self._told.get(key) != state:
            self._told[key] = state
            self._tell(event)

    def _wait(self, pause: float, environ: Mapping[str, str]) -> None:
        """Sleep, with a sign of life to whoever wants one in between."""
        patience = supervisor.patience(environ)
        step = pause if patience is None else patience / 2
        while pause > 0:
            supervisor.tell(environ, supervisor.ALIVE)
            self._means.sleep(min(step, pause))
            pause -= step


def _counting(track: Track | None, way: Way) -> bool:
    return track is not None and 0 < max(track.failures, track.alone) < way.rules.soft_failures


def _event(now: float, error: MirrorcfgError, tool: str | None = None) -> Event:
    return Event(_time(now), tool, "error", None, None, error.code, error.what, None)


def _time(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
