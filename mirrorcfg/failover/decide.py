"""The rules. docs/failover.md says them in words, tests/failover shows what goes wrong without each."""

from __future__ import annotations

from mirrorcfg.failover.nouns import Candidate, Chain, Decision, Health, Rules, Sight, Track, View

NETWORK_DOWN = "network-down"
ALL_DOWN = "all-down"


def resumed(track: Track | None, using: str | None) -> Track:
    """What was remembered, if it is of what is in use; else somebody chose this source, and it is a start.

    So nobody is taken "back" from a profile that they chose themselves.
    """
    return track if track is not None and track.using == using else Track(using)


def needed(chain: Chain, track: Track) -> tuple[str, ...]:
    """The profiles to ask at the next look, the empty name for the user's own source.

    While all is well only what is in use, and the one to return to; once something is amiss, all.
    """
    names = [track.using or ""]
    if track.home is not None:
        names.append(track.home)
    if track.failures or track.alone:
        names += [candidate.name for candidate in chain]
    return tuple(dict.fromkeys(names))


def amiss(track: Track, view: View) -> bool:
    """Does this look call for a wider one?"""
    return _in_use(track, view).health in (Health.HARD, Health.SOFT)


def decide(chain: Chain, track: Track, view: View, rules: Rules) -> tuple[Decision, Track]:
    """What to do after a look at all that `needed` names, and what to remember if it is done."""
    track = _watched(track, view, rules)
    if _back(track, view, rules):
        return Decision("return", track.home, "ok"), _arrived(track.home, view)
    sight = _in_use(track, view)
    if sight.health is Health.OK:
        track = track._replace(proven=sight.addresses)
    if sight.health in (Health.OK, Health.SHALLOW, Health.UNTRIED):
        return Decision("stay", track.using, sight.code), track._replace(failures=0, alone=0)
    if sight.health is Health.UNKNOWN:  # there is nothing to ask: what docker ships with, say
        return Decision("stay", track.using, sight.code), track
    if sight.health is Health.OURS:
        return Decision("hold", track.using, sight.code), track
    remote, local = _ranked(chain, track, view)
    track = track._replace(
        # Where nobody answers a time-out says nothing of the mirror.
        failures=track.failures + 1 if view.online or remote else track.failures,
        alone=0 if remote else track.alone + 1,
    )
    if remote and (sight.health is Health.HARD or track.failures >= rules.soft_failures):
        return _switched(track, remote[0], view, sight.code)
    if local and track.alone >= rules.soft_failures:
        return _switched(track, local[0], view, sight.code if view.online else NETWORK_DOWN)
    if remote:
        return Decision("hold", track.using, sight.code), track
    return Decision("hold", track.using, ALL_DOWN if view.online else NETWORK_DOWN), track


def _in_use(track: Track, view: View) -> Sight:
    """How what is in use looks in the light of what is remembered.

    Where it has passed, at the same addresses, and nothing can be told of it any more, it is in trouble.
    """
    sight = view.of(track.using)
    lost = sight.health is Health.UNTRIED and track.proven == sight.addresses
    return sight._replace(health=Health.SOFT) if lost else sight


def _ranked(chain: Chain, track: Track, view: View) -> tuple[list[Candidate], list[Candidate]]:
    """Those that could be taken now, the best first: of the network, and of this machine's own disk.

    Whatever shares the fate of what has failed comes last.
    """
    domain = next((each.domain for each in chain if each.name == track.using), None)
    working = [each for each in chain if each.name != track.using and view.works(each.name)]
    working.sort(key=lambda each: each.domain == domain)
    return [each for each in working if not each.local], [each for each in working if each.local]


def _switched(track: Track, to: Candidate, view: View, code: str) -> tuple[Decision, Track]:
    home = track.home or track.using
    if home == to.name:
        return Decision("switch", to.name, code), _arrived(to.name, view)
    seen = None if home is None else view.now
    return Decision("switch", to.name, code), track._replace(
        using=to.name, failures=0, alone=0, home=home, seen=seen, proven=view.of(to.name).addresses
    )


def _arrived(name: str | None, view: View) -> Track:
    """A start at what has passed in this very look."""
    return Track(name, proven=view.of(name).addresses)


def _watched(track: Track, view: View, rules: Rules) -> Track:
    """Since when the first choice has worked, as far as the looks and the clock can prove it."""
    if track.home is None:
        return track
    since = track.well_since
    broken = track.seen is None or not 0 <= view.now - track.seen <= rules.gap
    if not view.works(track.home):
        since = None
    elif since is None or broken:
        since = view.now
    return track._replace(well_since=since, seen=view.now)


def _back(track: Track, view: View, rules: Rules) -> bool:
    return track.well_since is not None and view.now - track.well_since >= rules.hold
