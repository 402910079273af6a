"""Changes that get interrupted, and what has to hold once the next mirrorcfg has looked after them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.model.generation import Generation
from mirrorcfg.model.plan import Change, Plan
from mirrorcfg.store import Store
from mirrorcfg.store.history import images
from mirrorcfg.store.sealed import unseal
from tests.crash.disk import Crash, MemoryDisk

STATE = Path("/var/lib/mirrorcfg")
Contents = dict[str, bytes | None]


@dataclass
class Scenario:
    """`files` are what is there, by path; `links` lead to them; `hard` are second names."""

    name: str
    files: Contents
    goal: Contents
    links: dict[str, str] = field(default_factory=dict)
    hard: dict[str, str] = field(default_factory=dict)
    busy: tuple[str, ...] = ()
    exchanges: bool = True
    earlier: tuple[Contents, ...] = ()  # generations that were there before
    refuse: bool = False  # the confirmation says no
    keep: int = 1000
    between: Contents = field(default_factory=dict)  # what stands there for a moment on the way
    real: dict[str, str] = field(default_factory=dict)  # where a link leads, if nothing is there yet
    gone: tuple[str, ...] = ()  # directories that go with their file

    def disk(self) -> MemoryDisk:
        disk = MemoryDisk()
        for path in ("/var/lib", "/etc", "/home"):
            disk.put(path)
        for path, data in self.files.items():
            if data is not None:
                disk.put(path, data, mode=0o640)
        for path, target in self.links.items():
            disk.link(path, target)
        for path, other in self.hard.items():
            disk.hard_link(path, other)
        disk.busy = {Path(path) for path in self.busy}
        disk.exchanges = self.exchanges
        for goal in self.earlier:
            commit(disk, goal, keep=self.keep)
        disk.settle()
        disk.step = 0
        disk.sites.clear()
        return disk

    @cached_property
    def directories(self) -> set[str]:
        """Those that are there before the change."""
        return self.disk().directories()

    @property
    def old(self) -> Contents:
        return dict(item for contents in (self.files, *self.earlier) for item in contents.items())

    def states(self) -> tuple[Contents, Contents]:
        """What stands at each real path before and after."""
        where = {path: self.real.get(path, self.links.get(path, path)) for path in self.goal}
        old = {path: data for path, data in self.old.items() if path not in self.links}
        for path in self.goal:
            old.setdefault(where[path], None)
        return old, {**old, **{where[path]: data for path, data in self.goal.items()}}


class RefusedError(MirrorcfgError):
    pass


def store(disk: MemoryDisk, keep: int = 1000) -> Store:
    return Store(STATE, allowed=lambda path: True, disk=disk, keep=keep)


def commit(
    disk: MemoryDisk,
    goal: Contents,
    between: Contents | None = None,
    *,
    refuse: bool = False,
    keep: int = 1000,
) -> Generation:
    def confirm() -> None:
        if refuse:
            raise RefusedError("refused", "no")

    mine = store(disk, keep)
    with mine.locked():
        changes = [
            Change("pip", Path(path), mine.read(Path(path)), data, between=(between or {}).get(path))
            for path, data in goal.items()
        ]
        return mine.commit(Plan(tuple(changes)), command="use", tools={"pip": "x"}, confirm=confirm)


def begin(scenario: Scenario, stop: int | None, ignore: str | None = None) -> MemoryDisk:
    """Run the change until it is stopped; the disk as it is then."""
    disk = scenario.disk()
    disk.stop, disk.ignore = stop, ignore
    with suppress(Crash, RefusedError):
        commit(disk, scenario.goal, scenario.between, refuse=scenario.refuse, keep=scenario.keep)
    return disk


def length(scenario: Scenario, ignore: str | None = None) -> int:
    return begin(scenario, None, ignore).step


def recover(disk: MemoryDisk, stop: int | None = None) -> MemoryDisk:
    disk.step, disk.stop = 0, stop
    try:
        store(disk).recover()
    except Crash:
        return disk
    return disk


def violations(scenario: Scenario, disk: MemoryDisk, must: str = "either") -> Iterator[str]:
    """What is wrong with a disk on which the recovery has come to its end."""
    old, new = scenario.states()
    tree = disk.tree()
    stands = {path: tree[path][0] if path in tree else None for path in old | new}
    outcome = "old" if stands == old else "new" if stands == new else "torn"
    if outcome == "torn" or must not in ("either", outcome):
        yield f"files are {outcome}, not {must}: {stands}"
    if any(mode != 0o640 for path, (_, mode) in tree.items() if scenario.files.get(path) is not None):
        yield "a mode was lost"
    if litter := [path for path in tree if ".mirrorcfg-" in path or path.endswith("/journal")]:
        yield f"left behind: {litter}"
    made = disk.directories() - scenario.directories
    extra = [path for path in made if not path.startswith(str(STATE))]
    if outcome == "old" and extra:
        yield f"directories left behind: {extra}"
    if outcome == "new" and (empty := [path for path in scenario.gone if disk.lstat(Path(path)) is not None]):
        yield f"directories left behind: {empty}"
    for path, other in scenario.hard.items():
        if disk._find(Path(path)) is not disk._find(Path(other)):
            yield "a hard link was torn"
    yield from _history(scenario, disk, outcome)


def _history(scenario: Scenario, disk: MemoryDisk, outcome: str) -> Iterator[str]:
    mine = store(disk)
    if disk.lstat(STATE / "head") is not None:
        try:
            unseal(disk.read(STATE / "head"))
        except ValueError:
            yield "the head is torn"
    try:
        head = mine.head()
        before = len(scenario.earlier)
        number = head.number if head else 0
        if number != before + (outcome == "new"):
            yield f"files are {outcome}, and the head is {number}"
        if mine.damaged():
            yield "a record is damaged"
        for generation in mine.history():
            for key in images(generation):
                mine.images(key)
    except MirrorcfgError as error:
        yield f"history: {error}"


class Met:
    """What has been looked at: a disk on which all is durable leads to the same, however it came about."""

    def __init__(self) -> None:
        self._states: set[object] = set()

    def new(self, disk: MemoryDisk, *where: object) -> bool:
        """Is this the first of its kind in that place?"""
        if (state := disk.durable()) is None:
            return True
        known = len(self._states)
        self._states.add((state, where))
        return len(self._states) > known


def aftermath(scenario: Scenario, disk: MemoryDisk, met: Met) -> Iterator[str]:
    """Whether an edit of the user's, made after the recovery, survives a power cut right then."""
    path = next(iter(scenario.states()[1]))
    later = disk.kill()
    where = Path(path)
    if later.lstat(where.parent) is None:
        return
    _edit(later, where)
    for kept in later.losses(6, 1):
        after = later.cut(kept)
        if after._find(where) is None or after.read(where) != b"the user's own":
            continue  # what the user did was not durable itself
        if not met.new(after, "an edit"):
            continue
        try:
            store(after).recover()
        except MirrorcfgError as error:
            yield f"after an edit: {error}"
            return
        if after.read(where) != b"the user's own":
            yield "an edit was lost"


def _edit(disk: MemoryDisk, path: Path) -> None:
    if disk.lstat(path) is not None:
        disk.unlink(path)
    handle = disk.create(path, 0o644)
    disk.write(handle, b"the user's own")
    disk._open[handle].settle()
    disk.close(handle)
    disk._get(path.parent).settle()


def examine(
    scenario: Scenario, *, ignore: str | None = None, most: int = 12, nested: bool = False, seed: int = 0
) -> Iterator[str]:
    """Stop the change at every step, lose what may be lost, recover, and say what is wrong then."""
    end, met = length(scenario, ignore), Met()
    for stop in range(end + 1):
        crashed = begin(scenario, stop if stop < end else None, ignore)
        must = "either" if stop < end or scenario.refuse else "new"
        for disk in _crashes(crashed, most, seed + stop):
            yield from _recovered(scenario, disk, must, f"step {stop}", met, stop == end)
            if nested and met.new(disk, must, "interrupted"):
                yield from _interrupted(scenario, disk, must, f"step {stop}", met, seed + stop)


def retry(scenario: Scenario, *, ignore: str | None = None, most: int = 12) -> Iterator[str]:
    """Stop the change at every step, run it again, and then let the power go."""
    end, met = length(scenario, ignore), Met()
    for stop in range(end):
        disk = begin(scenario, stop, ignore).kill()
        if scenario.refuse or not _is_old(scenario, recover(disk)):
            continue
        commit(disk, scenario.goal, scenario.between, keep=scenario.keep)
        for kept in disk.losses(most, stop):
            yield from _recovered(scenario, disk.cut(kept), "new", f"run again after step {stop}", met)


def _is_old(scenario: Scenario, disk: MemoryDisk) -> bool:
    tree = disk.tree()
    return all(tree.get(path, (None, 0))[0] == data for path, data in scenario.states()[0].items())


def _crashes(disk: MemoryDisk, most: int, seed: int) -> Iterator[MemoryDisk]:
    yield disk.kill()
    for kept in disk.losses(most, seed):
        yield disk.cut(kept)


def _recovered(
    scenario: Scenario, disk: MemoryDisk, must: str, where: str, met: Met, whole: bool = False
) -> Iterator[str]:
    if not met.new(disk, must, whole):
        return
    mine = disk.kill()
    # Only a process that ended well promises that its journal is gone for good.
    ended = whole or disk.lstat(STATE / "journal") is not None
    try:
        recover(mine)
    except MirrorcfgError as error:
        yield f"{where}: {error}"
        return
    found = [*violations(scenario, mine, must), *(aftermath(scenario, mine, met) if ended else ())]
    if not found:  # and whatever was not durable yet goes
        for kept in mine.losses(4, 7):
            later = mine.cut(kept)
            if not met.new(later, must):
                continue
            try:
                recover(later)
            except MirrorcfgError as error:
                found.append(f"{error}")
                continue
            found += violations(scenario, later, must)
    yield from (f"{where}: {problem}" for problem in found)


def _interrupted(
    scenario: Scenario, disk: MemoryDisk, must: str, where: str, met: Met, seed: int
) -> Iterator[str]:
    """The recovery dies too, at each of its steps."""
    whole = recover(disk.kill()).step
    for stop in range(whole):
        mine = recover(disk.kill(), stop)
        for again in _crashes(mine, 3, seed):
            yield from _recovered(scenario, again, must, f"{where}, recovery's step {stop}", met)


_A, _B, _C = "/etc/pip.conf", "/home/.condarc", "/etc/docker/daemon.json"
_LONG_OLD = b"".join(b"old line %04d\n" % n for n in range(90))
_LONG_NEW = b"".join(b"new line %04d\n" % n for n in range(60))

SCENARIOS = [
    Scenario("one file", {_A: b"old a\n"}, {_A: b"new a, longer\n"}),
    Scenario("a new file", {_A: None}, {_A: b"new a\n"}),
    Scenario("a new file in new directories", {}, {"/home/.config/pip/pip.conf": b"new\n"}),
    Scenario("a removal", {_A: b"old a\n"}, {_A: None}),
    Scenario("a second generation", {_A: b"old a\n"}, {_A: b"newer a\n"}, earlier=({_A: b"new a\n"},)),
    Scenario(
        "a third generation, and two are kept",
        {_A: b"old a\n"},
        {_A: b"third a\n"},
        earlier=({_A: b"first a\n"}, {_A: b"second a\n"}),
        keep=2,
    ),
    Scenario("two files", {_A: b"old a\n", _B: b"old b\n"}, {_A: b"new a\n", _B: b"new b\n"}),
    Scenario(
        "three files",
        {_A: b"old a\n", _B: None, _C: b"old c\n"},
        {_A: b"new a\n", _B: b"new b\n", _C: None},
    ),
    Scenario(
        "behind a link",
        {"/home/dotfiles": b"old\n"},
        {_A: b"new\n"},
        links={_A: "/home/dotfiles"},
    ),
    Scenario("in place", {_A: _LONG_OLD}, {_A: _LONG_NEW}, hard={"/home/other": _A}),
    Scenario("in place, longer", {_A: b"old\n"}, {_A: _LONG_NEW}, hard={"/home/other": _A}),
    Scenario(
        "a mounted file", {_A: b"old a\n", _B: b"old b\n"}, {_B: b"new b\n", _A: b"new a\n"}, busy=(_A,)
    ),
    Scenario("no exchange", {_A: b"old a\n", _B: None}, {_A: b"new a\n", _B: b"new b\n"}, exchanges=False),
    Scenario("refused", {_A: b"old a\n", _B: None}, {_A: b"new a\n", _B: b"new b\n"}, refuse=True),
    Scenario("refused, no exchange", {_A: b"old a\n"}, {_A: b"new\n"}, refuse=True, exchanges=False),
    Scenario("refused, in place", {_A: b"old a\n"}, {_A: b"new\n"}, refuse=True, hard={"/home/b": _A}),
    Scenario("a content on the way", {_C: b"old c\n"}, {_C: b"new c\n"}, between={_C: b"on the way\n"}),
    Scenario("on the way to no file", {_C: b"old c\n"}, {_C: None}, between={_C: b"on the way\n"}),
    Scenario(
        "on the way, beside another",
        {_A: b"old a\n", _C: b"old c\n"},
        {_A: b"new a\n", _C: b"new c\n"},
        between={_C: b"on the way\n"},
    ),
    Scenario(
        "on the way, in place", {_C: b"old c\n"}, {_C: b"new\n"}, hard={"/home/c": _C}, between={_C: b"way\n"}
    ),
    Scenario(
        "on the way, refused", {_C: b"old c\n"}, {_C: b"new\n"}, refuse=True, between={_C: b"on the way\n"}
    ),
    Scenario("two in a new directory", {}, {"/home/c/one": b"1\n", "/home/c/two": b"2\n"}),
    Scenario(
        "two removals, and the directories that were made for them",
        {},
        {"/etc/c/one/ca": None, "/etc/c/two/ca": None},
        earlier=({"/etc/c/one/ca": b"1\n"}, {"/etc/c/two/ca": b"2\n"}),
        gone=("/etc/c/one", "/etc/c/two", "/etc/c"),
    ),
    Scenario(
        "removals refused, in a directory that was made for them",
        {},
        {"/etc/c/one/ca": None},
        earlier=({"/etc/c/one/ca": b"1\n"},),
        refuse=True,
    ),
]
