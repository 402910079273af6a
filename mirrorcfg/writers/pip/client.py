"""How pip goes to the network.

Source of the rules: pip/_internal/network/session.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from mirrorcfg.model.agent import linehaul
from mirrorcfg.model.client import Client, named, netrc
from mirrorcfg.model.layer import Reading
from mirrorcfg.model.machine import Machine

_VERSION = "26.0"  # where none is here


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """As requests has it: netrc, its bundles' variables, the proxies of the environment."""
    import ssl

    version = machine.version("pip") or _VERSION
    facts = {"ci": None, "openssl_version": ssl.OPENSSL_VERSION}
    return Client(
        "pip",
        "index",
        linehaul("pip", version, **facts),
        bundles=named(machine, "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        environ=machine.environ,
        logins=netrc(machine),
    )
