"""What `status` claims in each place, after any row of switches: tests/ops/walk.py has the rules."""

from __future__ import annotations

import os
import sys

import pytest

from tests.attacks.stage import staged
from tests.untouched import CHECKOUT

WALKS = int(os.environ.get("MIRRORCFG_WALKS", "6"))


@pytest.mark.parametrize("tool", ["pip", "conda"])
def test_a_profile_is_claimed_where_its_addresses_count_and_nowhere_else(tool: str) -> None:
    with staged() as stage:
        done = stage.sh(f"cd {CHECKOUT} && {sys.executable} -m tests.ops.walk {tool} 0 {WALKS}")
    assert done.returncode == 0, done.stderr
