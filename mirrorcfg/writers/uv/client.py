"""How uv goes to the network.

Source of the rules: uv's documentation, "TLS certificates" and "HTTP credentials".
"""

from __future__ import annotations

from collections.abc import Sequence

from mirrorcfg.model.agent import linehaul
from mirrorcfg.model.client import Client, named, netrc
from mirrorcfg.model.layer import Reading
from mirrorcfg.model.machine import Machine

_VERSION = "0.9.5"


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """It speaks HTTP/2 itself, and has its credentials from netrc."""
    return Client(
        "uv",
        "index",
        linehaul("uv", _VERSION),
        http2=True,
        bundles=named(machine, "SSL_CERT_FILE"),
        environ=machine.environ,
        logins=netrc(machine),
    )
