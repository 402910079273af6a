"""The lab, once for all of the tests that ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.conformance.cases import Case
from tests.conformance.lab import Lab, Outcome

WORKERS = 6  # most of a case is waiting


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Every server of the table."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    try:
        yield lab.start()
    finally:
        lab.stop()


@pytest.fixture(scope="session")
def outcomes(request: pytest.FixtureRequest, lab: Lab) -> Iterator[dict[str, Future[Outcome]]]:
    """The cases that this run selected, several at a time."""
    chosen = [getattr(item, "callspec", None) for item in request.session.items]
    cases = [spec.params["case"] for spec in chosen if spec and isinstance(spec.params.get("case"), Case)]
    with ThreadPoolExecutor(WORKERS) as pool:
        yield {case.name: pool.submit(lab.outcome, case) for case in cases}
        pool.shutdown(cancel_futures=True)
