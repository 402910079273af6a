"""Worlds for the decision core: mirrors that fail in every way there is, and a machine that isn't perfect either.

A world is drawn from a seed. `run` lets the core live in it, and yields every promise that it breaks.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType

from mirrorcfg import failover
from mirrorcfg.failover import Candidate, Chain, Decision, Health, Rules, Sight, Track, View

QUICK = 5.0  # seconds to the next look while trouble is being counted
OK = Sight(Health.OK, "ok")
SOFT, HARD = Sight(Health.SOFT, "connect-timeout"), Sight(Health.HARD, "http-403")
CUT = Sight(Health.SOFT, "unreachable"), Sight(Health.HARD, "dns-failure")
PORTAL, PROXY = Sight(Health.OURS, "captive-portal"), Sight(Health.OURS, "proxy-refused")
LOST = Sight(Health.SOFT, "cant-tell")  # the same where it has worked before
UNTOLD = Sight(Health.UNTRIED, "cant-tell")  # an index of one's own that shows nothing: all it is, or gone


@dataclass(frozen=True)
class Span:
    """Something that lasts from `start` to `end`, in true seconds; `cause` is the event that it is part of."""

    start: float
    end: float
    sight: Sight
    cause: int


@dataclass
class World:
    """What happens, whatever anybody does."""

    chain: Chain
    rules: Rules
    interval: float
    end: float
    outages: dict[str, list[Span]]  # by source
    cuts: list[Span]  # of our own network, or a portal in front of it
    refusals: dict[str, list[Span]]  # by source: a proxy of ours that won't
    jumps: list[tuple[float, float]]  # of the wall clock: when, and by how much
    naps: list[tuple[float, float]]  # while the machine sleeps nobody looks
    choices: list[tuple[float, str]]  # of the user
    moves: dict[str, float]  # by source: when it gets another address, of which nothing can ever be told
    random: random.Random

    def truth(self, candidate: Candidate, at: float) -> Sight:
        """How the source would look to us just now."""
        if not candidate.local:
            for cut in self.cuts:
                if cut.start <= at < cut.end:
                    return cut.sight
            for refusal in self.refusals.get(candidate.name, ()):
                if refusal.start <= at < refusal.end:
                    return refusal.sight
        span = self.outage(candidate.name, at)
        return span.sight if span is not None else UNTOLD if self.moved(candidate.name, at) else OK

    def moved(self, name: str, at: float) -> bool:
        """Has it another address by now, of an index that works and shows nothing?"""
        return at >= self.moves.get(name, self.end)

    def addresses(self, name: str, at: float) -> str:
        return f"{name}, moved" if self.moved(name, at) else name

    def outage(self, name: str, at: float) -> Span | None:
        """What keeps the source down just now, if anything does."""
        for span in self.outages.get(name, ()):
            if span.start <= at < span.end:
                return span
        return None

    def cut(self, at: float) -> bool:
        return any(span.start <= at < span.end for span in self.cuts)

    def clock(self, at: float) -> float:
        return 1_000_000 + at + sum(by for when, by in self.jumps if when <= at)


def draw(seed: int) -> World:
    """The world of that seed."""
    dice = random.Random(seed)
    chain = _chain(dice)
    interval = dice.choice((30.0, 60.0))
    hold = dice.choice((120.0, 300.0, 600.0))
    rules = Rules(dice.randint(1, 4), hold, max(hold / 2, 3 * interval))
    end = dice.uniform(2, 6) * hold + 20 * interval
    world = World(chain, rules, interval, end, {}, [], {}, [], [], [], {}, dice)
    for event in range(dice.randint(1, 6)):
        dice.choices((_single, _domain, _flapping, _blip), (4, 3, 2, 2))[0](world, event)
    rare = ((_own_network, 0.4), (_proxy, 0.2), (_jump, 0.3), (_nap, 0.2), (_choice, 0.3), (_move, 0.2))
    for kind, chance in rare:
        if dice.random() < chance:
            kind(world, 100 + len(world.cuts))
    return world


def _chain(dice: random.Random) -> Chain:
    domains = [f"domain-{dice.randint(1, 3)}" for _ in range(dice.randint(2, 4))]
    chain = [Candidate(f"p{number}", domain) for number, domain in enumerate(domains)]
    if dice.random() < 0.3:
        chain.append(Candidate("disk", "disk", local=True))
    return tuple(chain)


def _down(world: World, name: str, start: float, length: float, sight: Sight, cause: int) -> None:
    world.outages.setdefault(name, []).append(Span(start, start + length, sight, cause))


def _when(world: World) -> float:
    return world.random.uniform(0, world.end * 0.8)


def _sight(world: World) -> Sight:
    return world.random.choice((SOFT, SOFT, HARD, UNTOLD))


def _single(world: World, cause: int) -> None:
    name = world.random.choice(world.chain).name
    length = world.random.choice(
        (world.interval * 2, world.rules.hold / 2, world.rules.hold * 1.5, world.end)
    )
    _down(world, name, _when(world), length, _sight(world), cause)


def _domain(world: World, cause: int) -> None:
    """A mirror goes down, and those that are fed by it a little later."""
    domain = world.random.choice(world.chain).domain
    start, sight = _when(world), _sight(world)
    length = world.random.choice((world.rules.hold, world.rules.hold * 2, world.end))
    for candidate in world.chain:
        if candidate.domain == domain:
            _down(world, candidate.name, start, length, sight, cause)
            start += world.random.uniform(0, 4) * world.interval


def _flapping(world: World, cause: int) -> None:
    """Up and down, at any period from two looks to twice the time that counts as well again."""
    name, at = world.random.choice(world.chain).name, _when(world)
    period = world.random.uniform(2 * QUICK, 2 * world.rules.hold)
    sight = _sight(world)
    for number in range(world.random.randint(3, 8)):
        _down(world, name, at, period / 2, sight, cause * 1000 + number + 1000)
        at += period


def _blip(world: World, cause: int) -> None:
    """Trouble that is over at the next look."""
    _down(world, world.random.choice(world.chain).name, _when(world), world.interval * 0.9, SOFT, cause)


def _own_network(world: World, cause: int) -> None:
    start = _when(world)
    sight = world.random.choice((*CUT, PORTAL))
    length = world.random.choice((world.interval * 2, world.rules.hold))
    world.cuts.append(Span(start, start + length, sight, cause))
    if world.random.random() < 0.5:  # and just then the mirror stumbles
        _down(world, world.random.choice(world.chain).name, start + length, QUICK * 0.9, SOFT, cause)


def _proxy(world: World, cause: int) -> None:
    start = _when(world)
    for candidate in world.random.sample(world.chain, world.random.randint(1, 2)):
        world.refusals[candidate.name] = [Span(start, start + world.rules.hold, PROXY, cause)]


def _jump(world: World, cause: int) -> None:
    by = world.random.choice((-86400.0, -30.0, world.rules.gap * 1.1, 86400.0))
    world.jumps.append((_when(world), by))


def _nap(world: World, cause: int) -> None:
    start = _when(world)
    world.naps.append((start, start + world.random.uniform(1.2, 3) * world.rules.gap))


def _choice(world: World, cause: int) -> None:
    world.choices.append((_when(world), world.random.choice(world.chain).name))


def _move(world: World, cause: int) -> None:
    name = world.random.choice(world.chain).name
    world.moves[name] = world.random.choice((0, _when(world)))


@dataclass
class Life:
    """The core in a world, and what an observer who knows the truth counts beside it."""

    world: World
    core: ModuleType = failover
    using: str = ""
    home: str | None = None
    proven: str | None = None  # the addresses at which what is in use has worked since
    soft: int = 0  # looks in a row at which what is in use was in trouble, and others could be reached
    alone: int = 0  # … at which it failed, and nothing beyond this machine worked
    stuck: int = 0  # … after which it was still in use, though another one worked
    well: list[tuple[float, bool]] = field(
        default_factory=list
    )  # looks at home while away: when, did it work
    seen: float = 0.0
    steady_since: float = 0.0  # since when the clock ran, nobody slept and the user chose nothing
    fled: tuple[int, bool] | None = (
        None  # the cause of the last switch, and whether a better choice was there
    )

    def __post_init__(self) -> None:
        self.by_name = {candidate.name: candidate for candidate in self.world.chain}

    def run(self) -> Iterator[str]:
        """Every broken promise."""
        world, track = self.world, None
        at, before = 0.0, 0.0
        self.using = world.chain[0].name
        while at < world.end:
            self._meanwhile(before, at)
            track = self.core.resumed(track, self.using)
            view = self._look(track, at)
            decision, track_after = self.core.decide(world.chain, track, view, world.rules)
            yield from self._judged(decision, view, at)
            if decision.action in ("switch", "return"):
                self._moved(decision, at)
            track = track_after
            before, at = at, self._next(track, at)

    def _meanwhile(self, before: float, at: float) -> None:
        for when, name in self.world.choices:
            if before <= when < at and name != self.using:
                self.using, self.home, self.proven, self.fled, self.well = name, None, None, None, []
                self.soft = self.alone = self.stuck = 0
                self.steady_since = at
        if any(before <= when < at for when, _ in self.world.jumps) or at - before > self.world.rules.gap:
            self.steady_since = at

    def _look(self, track: Track, at: float) -> View:
        """As ops/watching/look.py does it: what is needed, and all once something is amiss."""
        view = self._view(self.core.needed(self.world.chain, track), at)
        if self.core.amiss(track, view):
            view = self._view(tuple(self.by_name), at)
        return view

    def _view(self, names: tuple[str, ...], at: float) -> View:
        sights = {
            name: self.world.truth(self.by_name[name], at)._replace(addresses=self.world.addresses(name, at))
            for name in names
        }
        # A bystander is asked where nobody else answers; a time-out in the mirror is no answer.
        return View(sights, not self.world.cut(at), self.world.clock(at))

    def _next(self, track: Track, at: float) -> float:
        counting = track.failures or track.alone
        pause = min(QUICK, self.world.interval) if counting else self.world.interval
        at += pause * self.world.random.uniform(0.9, 1.1)
        for start, end in self.world.naps:
            if start <= at < end:
                at = end
        return at

    # -- the observer

    def _judged(self, decision: Decision, view: View, at: float) -> Iterator[str]:
        world = self.world
        mine, addresses = world.truth(self.by_name[self.using], at), world.addresses(self.using, at)
        if mine == UNTOLD and self.proven == addresses:
            mine = LOST
        others = [c for c in world.chain if c.name != self.using and world.truth(c, at) == OK]
        remote = [candidate for candidate in others if not candidate.local]
        disk = len(remote) < len(others)
        failing = mine.health in (Health.SOFT, Health.HARD)
        reachable = not world.cut(at)
        kept = mine in (OK, UNTOLD)
        self.soft = self.soft + 1 if failing and reachable else 0 if kept else self.soft
        self.alone = self.alone + 1 if failing and not remote else 0 if kept or remote else self.alone
        self.proven = addresses if mine == OK else self.proven
        moves = decision.action in ("switch", "return")
        if self.home is not None:
            self.well.append((at, world.truth(self.by_name[self.home], at) == OK))
        if moves:
            yield from self._move(decision, mine, at, remote)
        else:
            yield from self._kept(mine, failing, remote, disk)
        if self.home is not None and not moves and self._long_well(at):
            yield "not back at the first choice, though it has long been well"

    def _move(self, decision: Decision, mine: Sight, at: float, remote: list[Candidate]) -> Iterator[str]:
        world, to = self.world, self.by_name[str(decision.to)]
        if world.truth(to, at) != OK:
            yield "switched to a source that is down"
        if world.cut(at) and not to.local:
            yield "switched while our own network is down"
        if decision.action == "return":
            yield from self._returned(decision, at)
            return
        if mine.health is Health.OURS:
            yield "switched for a fault of our own"
        if mine == OK:
            yield "left a source that works"
        if mine == UNTOLD:
            yield "left a source that may be all that it is meant to be"
        if mine.health is Health.SOFT and not to.local and self.soft < world.rules.soft_failures:
            yield "left a source for trouble that may be over at the next look"
        if to.local and (remote or self.alone < world.rules.soft_failures):
            yield "fell back to the disk too soon"
        outage = world.outage(self.using, at)
        cause = outage.cause if outage else -1
        if self.fled is not None and self.fled == (cause, True) and cause >= 0:
            yield "switched twice in one outage"
        domain = self.by_name[self.using].domain
        better = to.domain == domain and any(candidate.domain != domain for candidate in remote)
        self.fled = (cause, better)

    def _returned(self, decision: Decision, at: float) -> Iterator[str]:
        if decision.to != self.home:
            yield "went back to what was never left, or what the user has left"
            return
        rules, first = self.world.rules, self.well[0][0]
        looks = [when for when, _ in self.well if when > at - rules.hold]
        pauses = [later - earlier for earlier, later in zip([at - rules.hold, *looks], looks, strict=False)]
        unwell = any(not worked for when, worked in self.well if when > at - rules.hold)
        if first > at - rules.hold + 0.001 or unwell or max(pauses) > rules.gap:
            yield "went back too soon"

    def _kept(self, mine: Sight, failing: bool, remote: list[Candidate], disk: bool) -> Iterator[str]:
        k = self.world.rules.soft_failures
        self.stuck = self.stuck + 1 if failing and remote else 0
        if self.stuck and mine.health is Health.HARD:
            yield "kept a source that is wrong, though another one works"
        if self.stuck > k:
            yield "no working source after k + 1 looks"
        if disk and failing and not remote and self.alone > k:
            yield "no working source after k + 1 looks"

    def _long_well(self, at: float) -> bool:
        rules = self.world.rules
        since = max(self.steady_since, at - rules.hold - 2 * rules.gap)
        if at - since < rules.hold + 2 * rules.gap - 0.001:
            return False
        looks = [(when, worked) for when, worked in self.well if when >= since]
        return bool(self.well) and self.well[0][0] <= since and all(worked for _, worked in looks)

    def _moved(self, decision: Decision, at: float) -> None:
        left, self.using = self.using, str(decision.to)
        self.proven = self.world.addresses(self.using, at)
        self.soft = self.alone = self.stuck = 0
        if decision.action == "return" or self.using == self.home:
            self.home = None
        elif self.home is None:
            self.home = left
        if self.home is None:
            self.well = []


def broken(seed: int, core: ModuleType = failover) -> list[str]:
    """The promises that the core breaks in the world of that seed."""
    return list(Life(draw(seed), core).run())
