"""How conda goes to the network.

Source of the rules: conda/gateways/connection/session.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from mirrorcfg.model.client import Client, named, netrc
from mirrorcfg.model.layer import Reading
from mirrorcfg.model.machine import Machine

_VERSION = "26.7.0"


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """As requests has it, which conda asks with."""
    import platform

    python, system = platform.python_version(), f"{platform.system()}/{platform.release()}"
    return Client(
        "conda",
        "channel",
        f"conda/{_VERSION} requests/2.32.5 CPython/{python} {system} solver/libmamba",
        bundles=named(machine, "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        environ=machine.environ,
        logins=netrc(machine),
    )
