"""What every attack may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks.stage import Stage, staged


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A machine of its own."""
    with staged() as there:
        yield there
