"""Every case of the table: our verdict is the right one, and the real client agrees."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future

import pytest

from tests.conformance.cases import CASES, Case
from tests.conformance.lab import Outcome

SECRET = "planted-secret"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, outcomes: dict[str, Future[Outcome]]) -> None:
    outcome = outcomes[case.name].result(240)
    assert not outcome.problems, f"{outcome.problems}\n{outcome.verdict}\n{outcome.client}"
    assert SECRET not in str(outcome.verdict)


def test_table_is_whole() -> None:
    """Names are unique, at least 30 ways of being broken are there, and each tool has some of both kinds."""
    assert max(Counter(case.name for case in CASES).values()) == 1
    broken = [case for case in CASES if case.code != "ok"]
    assert len({case.broken for case in broken}) >= 30
    assert {case.tool for case in broken} >= {"pip", "conda", "docker"}
    assert {case.tool for case in CASES if case.code == "ok"} >= {"pip", "uv", "conda", "docker"}
