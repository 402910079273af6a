"""What every test may ask for, and what every test is held to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import dispositions, parts, pasted, planted, untouched
from tests.sandbox import Sandbox

CHECKOUT = untouched.CHECKOUT
DEAF = pytest.StashKey[list[int]]()
BEFORE = pytest.StashKey[dict[str, untouched.Entry]]()
TOUCHED = pytest.StashKey[list[str]]()
# The files that take longest, the longest first: begun last, one of them would keep a worker when all others are done.
LONGEST = """
ops/test_watch scripts/test_standalone attacks/test_floods ops/test_death e2e/test_docker_live fleet/test_fleet
clients/test_ways clients/test_index e2e/test_failover attacks/test_scripts cli/test_kill conformance/test_table
scripts/test_bootstrap e2e/test_docker_refusals e2e/test_run e2e/test_pull writers/test_pip_site attacks/test_pins
cli/test_failover crash/test_crash clients/test_trust attacks/test_masking scripts/test_formats conformance/test_hostile
"""


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox of its own."""
    box = Sandbox(tmp_path)
    yield box
    assert not planted.left_open(box.folder / "state")


@pytest.fixture(scope="session")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """mirrorcfg in one file."""
    path = tmp_path_factory.mktemp("pyz") / "mirrorcfg.pyz"
    subprocess.run([sys.executable, CHECKOUT / "pyz/build.py", path], check=True, capture_output=True)
    return path


@pytest.fixture(scope="session", autouse=True)
def _what_is_printed() -> Iterator[None]:
    with planted.watched(), pasted.watched():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What was captured of a test, its logs too, holds no secret."""
    report = yield
    for name, text in report.sections:
        if planted.leaks(text):
            report.outcome, report.longrepr = "failed", f"{name} holds a secret"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None]:
    with parts.needed():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    with parts.needed():
        return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Signals that whoever started the run ignores are none of the tests' business; a worker is told of them."""
    config.stash[DEAF] = getattr(config, "workerinput", {}).get("ignored", dispositions.ignored())
    dispositions.outlive(config.stash[DEAF])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist's, before it starts a worker."""
    node.workerinput["ignored"] = node.config.stash[DEAF]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Workers take the files in this order."""
    order = {CHECKOUT / f"tests/{name}.py": number for number, name in enumerate(LONGEST.split())}
    items.sort(key=lambda item: order.get(item.path, len(order)))


def pytest_sessionstart(session: pytest.Session) -> None:
    """The machine before the run, seen once: by the process that has the workers, where there are some."""
    if not hasattr(session.config, "workerinput"):
        session.config.stash[BEFORE] = untouched.seen()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that leaves the machine another one has failed."""
    before = session.config.stash.get(BEFORE, None)
    if before is not None:
        session.config.stash[TOUCHED] = untouched.differences(before, untouched.seen())
        if session.config.stash[TOUCHED]:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    touched = config.stash.get(TOUCHED, [])
    if touched:
        terminalreporter.section("the tests changed this machine", red=True)
        for line in touched:
            terminalreporter.line(line)
