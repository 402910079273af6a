"""Targets for scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance import servers
from tests.sandbox import Sandbox
from tests.scripts.served import Served, serve
from tests.scripts.workshop import PROFILE, SHELLS, Target


@pytest.fixture(params=SHELLS)
def target(box: Sandbox, request: pytest.FixtureRequest) -> Target:
    """A target in each shell."""
    box.profile("acme", PROFILE)
    return Target(box, request.param)


@pytest.fixture
def one(box: Sandbox) -> Target:
    """A target in one shell, where the shells can't differ."""
    box.profile("acme", PROFILE)
    return Target(box)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A profile's servers."""
    folder = tmp_path_factory.mktemp("served")
    processes = servers.Processes(folder / "processes")
    try:
        yield serve(folder, processes)
    finally:
        processes.stop()
