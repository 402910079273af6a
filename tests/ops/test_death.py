"""What failover remembers is right whenever it dies."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.sandbox import Sandbox

pytestmark = pytest.mark.timeout(2400)  # a run of the program for each step at which it may die


def test_a_death_at_any_step_of_a_move_forgets_no_way_home(machine: Sandbox) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.ops.death"],
        env=machine.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    *problems, deaths = done.stdout.splitlines()
    assert problems == []
    assert int(deaths) > 80
