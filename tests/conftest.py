"""What every test may ask for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox import Sandbox

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture
def box(tmp_path: Path) -> Sandbox:
    """A sandbox of its own."""
    return Sandbox(tmp_path)


@pytest.fixture(scope="session")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """mirrorcfg in one file."""
    path = tmp_path_factory.mktemp("pyz") / "mirrorcfg.pyz"
    subprocess.run([sys.executable, CHECKOUT / "pyz/build.py", path], check=True, capture_output=True)
    return path
