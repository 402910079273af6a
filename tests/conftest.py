"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox import Sandbox


@pytest.fixture
def box(tmp_path: Path) -> Sandbox:
    """A sandbox of its own."""
    return Sandbox(tmp_path)
