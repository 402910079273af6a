"""`watch` through simulated hours in a process of its own: real files, a real store, a clock that runs fast.

`day.py START HOURS OUTAGES SEED` begins at the simulated second START, says each look's time and each change on
stdout, and at the end how its memory and its descriptors have grown since the first tenth.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from mirrorcfg.cli import screen
from mirrorcfg.failover import Rules
from mirrorcfg.host import Host
from mirrorcfg.model.verdict import Probe, Verdict
from mirrorcfg.ops.watching.failover import Way
from mirrorcfg.ops.watching.watch import Event, Means, Pace, Stop, Stopped, Watch

BEGIN = 1_800_000_000.0
CHAIN = ("first", "second", "third")
TOOLS = ("pip", "conda")
CODES = ("connect-timeout", "http-403", "http-5xx", "tls-expired")


class Day:
    """The outages of a day, and the clock."""

    def __init__(self, start: float, hours: float, outages: int, seed: int) -> None:
        self.at, self.end = BEGIN + start, BEGIN + hours * 3600
        self.counted = BEGIN + start + (hours * 3600 - start) * 0.1
        self.before: tuple[int, int] | None = None
        self.dice = random.Random(seed)
        # All is well again for the last hour, so that everything has gone home by the end.
        self.outages = [
            (
                self.dice.choice(CHAIN[:2]),
                self.dice.choice(TOOLS),
                start,
                start + self.dice.uniform(30, 900),
                code,
            )
            for code in self.dice.choices(CODES, k=outages)
            for start in [BEGIN + self.dice.uniform(0, (hours - 1) * 3600 - 900)]
        ]

    def ask(self, probes: Sequence[Probe], level: int, seconds: float) -> list[Verdict]:
        return [self._verdict(probe) for probe in probes]

    def _verdict(self, probe: Probe) -> Verdict:
        for name, tool, start, end, code in self.outages:
            if probe.profile == name and probe.tool == tool and start <= self.at < end:
                return Verdict(probe, False, code, 0, "It is down.")
        return Verdict(probe, True, "ok", 3, "It is up.")

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        print(f"at {self.at - BEGIN:.1f}", flush=True)
        if self.before is None and self.at > self.counted:
            self.before = size()
        if self.at >= self.end:
            raise Stopped


def size() -> tuple[int, int]:
    """Resident kilobytes, and open descriptors."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024, len(list(Path("/proc/self/fd").iterdir()))


def main() -> None:
    start, hours, outages, seed = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    day = Day(start, hours, outages, seed)
    way = Way("watch", CHAIN, TOOLS, Rules(hold=600, gap=300))
    means = Means(lambda: day.at, day.sleep, day.dice.random, day.ask)

    def tell(event: Event) -> None:
        print(json.dumps(screen.plain(event)), flush=True)

    Watch(Host.here, lambda host: way, Pace(60, 10), tell, stop=Stop(), means=means).run()
    before, after = day.before or size(), size()
    print(f"grown {after[0] - before[0]} {after[1] - before[1]}", flush=True)


if __name__ == "__main__":
    main()
