"""A look that switches, killed before each thing that it changes on the disk, and what is known afterwards.

A process of its own, for a home whose pip and conda use the first profile of `CHAIN`. It says what is wrong, a
line each, and at the end how many deaths that was.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from mirrorcfg.failover import Rules
from mirrorcfg.model.verdict import Probe, Verdict
from mirrorcfg.ops import host as hosts
from mirrorcfg.ops.failover import Way, failover
from mirrorcfg.ops.look import Look
from mirrorcfg.ops.planning import Request
from mirrorcfg.ops.use import use
from mirrorcfg.store import RealDisk, Store
from tests.failover.day import BEGIN, CHAIN

FIRST, SECOND, THIRD = CHAIN
RULES = Rules(hold=200, gap=300)
KILLED = 9
CHANGES = frozenset({"create", "write", "truncate", "sync", "sync_directory", "rename", "unlink", "mkdir"})


class MortalDisk(RealDisk):
    """A disk whose user dies before its N-th change."""

    def __init__(self, life: int) -> None:
        super().__init__()
        self.life = life

    def __getattribute__(self, name: str) -> object:
        if name in CHANGES:
            self.life -= 1
            if self.life == 0:
                os._exit(KILLED)
        return super().__getattribute__(name)


class Scenario(NamedTuple):
    """The looks that lead to the one that is killed; each names what is down, and the last one moves."""

    name: str
    looks: tuple[tuple[str, ...], ...]


SCENARIOS = (
    Scenario("leaves", ((FIRST,),)),
    Scenario("leaves what it had gone to", ((FIRST,), (FIRST, SECOND))),
    Scenario("returns", ((FIRST,), (FIRST, SECOND), (), ())),
)


def look(number: int, down: Sequence[str] = ()) -> None:
    """The look of that number, 200 seconds after the one before."""

    def ask(probes: Sequence[Probe], level: int, seconds: float) -> list[Verdict]:
        verdict = {True: (False, "http-403", 0, "It is down."), False: (True, "ok", 3, "It is up.")}
        return [Verdict(probe, *verdict[probe.profile in down]) for probe in probes]

    now = BEGIN + 200 * number
    failover(Look(hosts.Host.here(), ask, 1, lambda: now), Way("watch", CHAIN, ("pip",), RULES))


def choose(name: str, tool: str) -> None:
    """A user's own `use`."""
    use(hosts.Host.here(), Request(name, tools=(tool,)), command="use")


def used() -> str:
    head = hosts.Host.here().store.head()
    return head.tools["pip"] if head else ""


def dies(life: int, scenario: Scenario) -> bool:
    """Does the last look's process die before it is done?"""
    if child := os.fork():
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, KILLED)
        return code == KILLED
    try:
        with mock.patch.object(hosts, "Store", partial(Store, disk=MortalDisk(life))):
            look(len(scenario.looks), scenario.looks[-1])
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def problems(scenario: Scenario, before: str) -> Iterator[tuple[str, Callable[[], None], Callable[[], str]]]:
    """What may follow: its name, what is done, and where pip has to be in the end."""
    moved = used() != before
    yield "nothing", lambda: None, lambda: FIRST
    yield "another tool's change", partial(choose, SECOND, "conda"), lambda: FIRST
    if moved and before != FIRST:
        yield "a choice of one's own", partial(choose, before, "pip"), lambda: before


def main() -> None:
    home, state = Path(os.environ["HOME"]), Path(os.environ["MIRRORCFG_STATE"])
    deaths = 0
    with tempfile.TemporaryDirectory() as folder:
        shelf = Path(folder)

        def keep(name: str) -> None:
            shutil.rmtree(shelf / name, ignore_errors=True)
            shutil.copytree(home, shelf / name / "home", symlinks=True)
            shutil.copytree(state, shelf / name / "state", symlinks=True)

        def fetch(name: str) -> None:
            for place in (home, state):
                shutil.rmtree(place)
            shutil.copytree(shelf / name / "home", home, symlinks=True)
            shutil.copytree(shelf / name / "state", state, symlinks=True)

        keep("start")
        for scenario in SCENARIOS:
            fetch("start")
            for number, down in enumerate(scenario.looks[:-1], 1):
                look(number, down)
            before = used()
            keep("before")
            life = 1
            while dies(life, scenario):
                hosts.Host.here().store.recover()
                keep("dead")
                for follows, act, goal in problems(scenario, before):
                    fetch("dead")
                    act()
                    for number in range(1, 4):
                        look(len(scenario.looks) + number)
                    if used() != goal():
                        print(f"{scenario.name}, step {life}, then {follows}: {used()}, not {goal()}")
                fetch("before")
                life, deaths = life + 1, deaths + 1
            if used() == before:
                print(f"{scenario.name}: it didn't move")
    print(deaths)


if __name__ == "__main__":
    main()
