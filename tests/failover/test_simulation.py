"""The promises of the core in random worlds, and that each of its rules is needed for one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrorcfg.failover import Candidate, Health, Rules, Sight, Track, View, decide, resumed
from tests.failover.table import RULES, first
from tests.failover.world import broken

WORLDS = 1_500
CHAIN = (
    Candidate("a", "one"),
    Candidate("b", "one"),
    Candidate("c", "two"),
    Candidate("d", "disk", local=True),
)


def test_no_promise_breaks() -> None:
    assert {seed: found for seed in range(WORLDS) if (found := broken(seed))} == {}


@pytest.mark.long
@given(st.integers(min_value=WORLDS))
@settings(max_examples=5_000, deadline=None)
def test_no_promise_breaks_in_any_world(seed: int) -> None:
    assert broken(seed) == []


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_keeps_a_promise(rule: str) -> None:
    assert first(rule, WORLDS) is not None


sights = st.builds(Sight, st.sampled_from(Health), st.just("a-code"), st.sampled_from(["here", "there"]))
views = st.builds(
    View,
    st.dictionaries(st.sampled_from(["", "a", "b", "c", "d"]), sights),
    st.booleans(),
    st.floats(0, 1e10),
)
rules = st.builds(Rules, st.integers(1, 5), st.floats(0, 1e5), st.floats(1, 1e5))


@settings(deadline=None)
@given(st.lists(views, max_size=12), rules, st.sampled_from([None, "a", "d", "gone"]))
def test_whatever_is_seen_only_what_works_is_taken_and_all_of_it_can_be_remembered(
    looks: list[View], rules: Rules, using: str | None
) -> None:
    track = Track(using)
    for view in looks:
        decision, after = decide(CHAIN, track, view, rules)
        if decision.action in ("switch", "return"):
            assert view.of(decision.to).health is Health.OK
            assert decision.to == after.using != track.using
        else:
            assert decision.to == after.using == track.using
        assert after.home is None or after.home != after.using
        assert resumed(Track(**after._asdict()), after.using) == after
        track = after
