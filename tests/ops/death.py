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

from mirrorcfg import host as hosts
from mirrorcfg.failover import Rules
from mirrorcfg.model.verdict import Probe, Verdict
from mirrorcfg.ops.switch.planning import Request
from mirrorcfg.ops.switch.use import use
from mirrorcfg.ops.watching.failover import Way, failover
from mirrorcfg.ops.watching.look import Look
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
    """The looks that lead to the one that is killed; each names what is down, and the last one moves to `goal`."""

    name: str
    looks: tuple[tuple[str, ...], ...]
    goal: str
    how: tuple[bool, str, int, str] = (False, "http-403", 0, "It is down.")


SCENARIOS = (
    Scenario("leaves", ((FIRST,),), SECOND),
    Scenario("leaves what it had gone to", ((FIRST,), (FIRST, SECOND)), THIRD),
    Scenario("returns", ((FIRST,), (FIRST, SECOND), (), ()), FIRST),
    Scenario(
        "leaves what has worked", ((), (FIRST,), (FIRST,), (FIRST,)), SECOND, (True, "cant-tell", 1, "Is it?")
    ),
)


def look(scenario: Scenario, number: int, down: Sequence[str] = ()) -> None:
    """The look of that number, 200 seconds after the one before."""

    def ask(probes: Sequence[Probe], level: int, seconds: float) -> list[Verdict]:
        verdict = {True: scenario.how, False: (True, "ok", 3, "It is up.")}
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
            look(scenario, len(scenario.looks), scenario.looks[-1])
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


class Sequel(NamedTuple):
    """What happens after the death, what is down from then on, and which profile pip has to come to."""

    name: str
    act: Callable[[], None]
    goal: str
    down: Sequence[str] = ()


def sequels(scenario: Scenario, before: str) -> Iterator[Sequel]:
    """Those that are possible where pip used `before` when the look began."""
    yield Sequel("nothing", lambda: None, FIRST)
    yield Sequel("more of it", lambda: None, scenario.goal, scenario.looks[-1])
    yield Sequel("another tool's change", partial(choose, SECOND, "conda"), FIRST)
    if before not in (FIRST, used()):
        yield Sequel("a choice of one's own", partial(choose, before, "pip"), before)


class Album:
    """What home and state looked like at some moments, to go back to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places = (Path(os.environ["HOME"]), Path(os.environ["MIRRORCFG_STATE"]))

    def keep(self, moment: str) -> None:
        shutil.rmtree(self.folder / moment, ignore_errors=True)
        for place in self.places:
            shutil.copytree(place, self.folder / moment / place.name, symlinks=True)

    def page(self, moment: str) -> tuple[tuple[Path, bytes], ...]:
        """Every file of a moment."""
        folder = self.folder / moment
        return tuple((path, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file())

    def back_to(self, moment: str) -> None:
        for place in self.places:
            shutil.rmtree(place)
            shutil.copytree(self.folder / moment / place.name, place, symlinks=True)


def deaths(scenario: Scenario, album: Album) -> Iterator[list[str]]:
    """What is wrong after each death; what one leaves that another left as well is looked at once."""
    album.back_to("start")
    for number, down in enumerate(scenario.looks[:-1], 1):
        look(scenario, number, down)
    before = used()
    album.keep("before")
    known: set[tuple[tuple[Path, bytes], ...]] = set()
    life = 1
    while dies(life, scenario):
        hosts.Host.here().store.recover()
        album.keep("death")
        left = album.page("death")
        yield [
            f"{scenario.name}, step {life}, then {sequel.name}: {used()}, not {sequel.goal}"
            for sequel in list(sequels(scenario, before) if left not in known else ())
            if not comes_true(sequel, scenario, album)
        ]
        known.add(left)
        album.back_to("before")
        life += 1
    assert used() != before, f"{scenario.name}: it didn't move"


def comes_true(sequel: Sequel, scenario: Scenario, album: Album) -> bool:
    album.back_to("death")
    sequel.act()
    for number in range(1, 4):
        look(scenario, len(scenario.looks) + number, sequel.down)
    return used() == sequel.goal


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        album = Album(Path(folder))
        album.keep("start")
        found = [problems for scenario in SCENARIOS for problems in deaths(scenario, album)]
    print(*(problem for problems in found for problem in problems), len(found), sep="\n")


if __name__ == "__main__":
    main()
