"""`run` with commands that fail: right each time whether to run them again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.e2e import failing
from tests.e2e.failing import CASES, Case, Lab, Outcome

WORKERS = 4


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    failing.available()
    lab = Lab(tmp_path_factory.mktemp("run"))
    try:
        yield lab
    finally:
        lab.processes.stop()


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, lab: Lab) -> Iterator[dict[str, Future[Outcome]]]:
    """The cases that this run selected, several at a time."""
    chosen = [getattr(item, "callspec", None) for item in request.session.items]
    cases = [spec.params["case"] for spec in chosen if spec and isinstance(spec.params.get("case"), Case)]
    with ThreadPoolExecutor(WORKERS) as pool:
        yield {case.name: pool.submit(lab.outcome, case) for case in cases}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_command_that_fails(case: Case, outcomes: dict[str, Future[Outcome]]) -> None:
    outcome = outcomes[case.name].result()
    assert (outcome.runs, outcome.code) == (case.runs, case.code), outcome.err
    assert case.says in outcome.err
    assert outcome.same
    assert "Traceback" not in outcome.err.partition("ERROR:")[0]
