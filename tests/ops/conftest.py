"""A machine that failover has something to do on."""

from __future__ import annotations

import pytest

from tests.failover.day import CHAIN
from tests.sandbox import Sandbox

PIP_CONF = "# mine\n[global]\ntimeout = 5\n"


@pytest.fixture
def machine(box: Sandbox) -> Sandbox:
    """The first profile of a chain in use for pip and conda."""
    for name in CHAIN:
        box.profile(
            name,
            f'[pip]\nindex-url = "https://pip.{name}.example/simple"\n'
            f'[conda]\ndefault-channels = ["https://conda.{name}.example/main"]\n',
        )
    box.write(box.pip_conf, PIP_CONF)
    box.run("use", "first", "--tool", "pip", "--tool", "conda", code=0)
    return box
