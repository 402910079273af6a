"""Every find stays mended, and the fuzzer itself still runs."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests import parts
from tests.fuzz.targets import TARGETS, seeds

HERE = Path(__file__).parent


def test_finds_stay_mended() -> None:
    for path in HERE.glob("regressions/*"):
        TARGETS[path.name.partition("-")[0]](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_their_halves(name: str) -> None:
    for seed in seeds(name):
        for cut in range(0, len(seed), max(1, len(seed) // 50)):
            TARGETS[name](seed[:cut])
        TARGETS[name](seed)


def test_a_short_run_of_each() -> None:
    """The long one is `make fuzz`."""
    if importlib.util.find_spec("atheris") is None:
        if sys.platform == "linux" and sys.version_info < (3, 14):
            parts.absent("atheris is not installed")
        pytest.skip("there is no atheris for this Python")
    argv = [sys.executable, "-m", "tests.fuzz", ",".join(TARGETS), "-runs=500", "-seed=1"]
    done = subprocess.run(argv, cwd=HERE.parents[1], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
