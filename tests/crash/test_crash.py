"""Power cuts and kills, at every step of a change and of the recovery that follows."""

from __future__ import annotations

import pytest

from tests.crash import table
from tests.crash.scenarios import SCENARIOS, Scenario, examine, retry

pytestmark = pytest.mark.timeout(2400)  # a run of the program for each step at which it may die

every_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


@every_scenario
def test_all_old_or_all_new_wherever_it_stops(scenario: Scenario) -> None:
    assert list(examine(scenario, most=64)) == []


@every_scenario
def test_a_recovery_may_itself_be_interrupted_anywhere(scenario: Scenario) -> None:
    assert list(examine(scenario, most=3, nested=True)) == []


@every_scenario
def test_the_same_command_again_makes_it_whole(scenario: Scenario) -> None:
    assert list(retry(scenario)) == []


def test_the_table_has_every_fsync() -> None:
    assert table.trodden().keys() == set(table.FSYNCS)


@pytest.mark.parametrize("site", table.FSYNCS)
def test_every_fsync_is_needed(site: str) -> None:
    assert table.without(site)


def test_a_damaged_journal_is_found_out() -> None:
    assert table.damaged_journals() == []


def test_the_journals_checksum_is_needed() -> None:
    assert table.without_checksum()
