"""One fleet for all of its tests: bringing a host up costs little, bringing mirrorcfg to it costs more."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.fleet.engine import Engine
from tests.fleet.hosts import Fleet
from tests.fleet.mirrors import Mirrors

COLLECTION = CHECKOUT / "ansible"


@pytest.fixture(scope="module", params=[5, pytest.param(20, marks=pytest.mark.long)], ids="{}-hosts".format)
def fleet(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Of as many hosts as a test run has the time for: each play takes one of them a second of a processor."""
    fleet = Fleet(request.param, tmp_path_factory.mktemp("fleet") / "fleet")
    yield fleet
    fleet.stop()


@pytest.fixture(scope="module")
def mirrors(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirrors]:
    mirrors = Mirrors(fleet, tmp_path_factory.mktemp("mirrors") / "mirrors")
    yield mirrors
    mirrors.stop()


@pytest.fixture(scope="module")
def ansible(fleet: Fleet) -> Engine:
    """Ansible over the fleet."""
    engine = fleet.engine()
    engine.install(COLLECTION)
    return engine


@pytest.fixture
def local(tmp_path: Path) -> Engine:
    """Ansible over this machine alone, without a network."""
    inventory = f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\n"
    remote = {"REMOTE_TMP": tmp_path / "remote"}  # else in the home that the accounts' database says
    engine = Engine(tmp_path / "engine", inventory, settings=remote)
    engine.environ["MIRRORCFG_STATE"] = str(tmp_path / "state")  # of what has no --root
    engine.install(COLLECTION)
    return engine
