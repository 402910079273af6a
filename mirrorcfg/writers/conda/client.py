"""How conda goes to the network: as requests has it, with settings of its own.

Source of the rules: conda/gateways/connection/session.py, conda/base/context.py; tried on its code of 26.7.
"""

from __future__ import annotations

from collections.abc import Sequence

from mirrorcfg.model.client import OPENSSL, PUBLIC, SYSTEM, Client, named, netrc
from mirrorcfg.model.layer import Reading
from mirrorcfg.model.machine import Machine
from mirrorcfg.writers.conda import installed, merging, reading
from mirrorcfg.writers.conda.options import TRUSTSTORE

_LATEST = "26.7.0"  # where none is here
_SHARDS = (26, 5)  # from here on it looks for them itself


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """Its proxies win over the variables' scheme by scheme."""
    found = merging.matches("proxy_servers", readings)
    said = merging.value(found) if found else {}
    proxies = {str(key): str(value) for key, value in said.items()} if isinstance(said, dict) else {}
    return Client(
        "conda",
        "channel",
        _agent(machine),
        roots=_roots(readings, machine),
        also=named(machine, *OPENSSL) if _said(readings) == TRUSTSTORE else (),
        proxies=proxies,
        environ=machine.environ,
        logins=netrc(machine),
        shards=not installed.mamba(machine) and (installed.version(machine) or _SHARDS) >= _SHARDS,
    )


def _roots(readings: Sequence[Reading], machine: Machine) -> tuple[str, ...]:
    """A bundle that is named takes the place of conda's own, and stands beside the system's store.

    `ssl_verify: false` isn't followed: nothing here asks without looking at certificates.
    """
    said, environ = _said(readings), machine.environ
    told = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE")
    if said == TRUSTSTORE:
        replaced = all(environ.get(name) for name in OPENSSL)
        return (*(() if replaced else (SYSTEM,)), *((str(machine.path(told)),) if told else ()))
    if told is None and "/" in said:
        told = said
    return (str(machine.path(told)),) if told else (_bundle(machine),)


def _said(readings: Sequence[Reading]) -> str:
    """What `ssl_verify` says."""
    own = [each for each in readings if each.layer.variable not in reading.BUNDLES]
    found = merging.matches("ssl_verify", own)
    return str(merging.value(found)) if found else ""


def _bundle(machine: Machine) -> str:
    """certifi's in conda's own environment, to which people add their CA."""
    root = installed.root(machine)
    library = root / "lib" if root else None
    for python in sorted(machine.names(library)) if library else ():
        file = (library or machine.home) / python / "site-packages" / "certifi" / "cacert.pem"
        if python.startswith("python3") and machine.is_file(file):
            return str(file)
    return PUBLIC


def _agent(machine: Machine) -> str:
    import platform

    def here(package: str, otherwise: str) -> str:
        return installed.package(machine, package) or otherwise

    clib = " ".join(f"{kind}/{version}" for kind, version in [platform.libc_ver()] if kind)
    return " ".join(
        filter(
            None,
            (
                f"conda/{here('conda', _LATEST)}",
                f"requests/{here('requests', '2.32.5')}",
                f"CPython/{here('python', platform.python_version())}",
                f"{platform.system()}/{platform.release()}",
                _distribution(),
                clib,
                "solver/libmamba",
                f"conda-libmamba-solver/{here('conda-libmamba-solver', '25.11.0')}",
                f"libmambapy/{here('libmambapy', '2.4.0')}",
            ),
        )
    )


def _distribution() -> str:
    import platform

    try:
        said = platform.freedesktop_os_release()
    except OSError:
        return f"{platform.system()}/unknown"
    return f"{said.get('ID', 'linux')}/{said.get('VERSION_ID', 'unknown')}"
