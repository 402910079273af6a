"""How uv goes to the network.

Source of the rules: uv's documentation, "TLS certificates", "HTTP credentials" and "Settings"; its uv-client
and uv-auth; tried on 0.5 to 0.13.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mirrorcfg.model.agent import in_ci, linehaul
from mirrorcfg.model.client import PUBLIC, SYSTEM, Client, Logins, Times, netrc
from mirrorcfg.model.layer import Reading
from mirrorcfg.model.machine import Machine
from mirrorcfg.model.settings import Value
from mirrorcfg.writers.uv import indexes, installed, merged, project

_LATEST = (0, 13, 9)  # where none is here
_FOLDERS = (0, 9)  # SSL_CERT_DIR counts from here on
_SUBCOMMAND = (0, 8)
_CI = ("BUILD_BUILDID", "BUILD_ID", "CI", "PIP_IS_CI")
_PROXIES = {"http-proxy": "http", "https-proxy": "https", "no-proxy": "no_proxy"}
_NEWER = "exclude-newer"
# Of a page in JSON it takes nothing that isn't as the standard has it, and then reads none of it (tried).
_REFUSES = frozenset(
    {"filename", "size", "requires-python", "core-metadata", "yanked"}
    | {"hashes", "hash-length", "time", "time-empty", "time-local"}
)


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """It speaks HTTP/2; its own settings take the place of the variables for proxies altogether."""
    version = installed.version(machine) or _LATEST
    files = [
        each for each in reversed(project.chosen(readings)) if not (each.layer.variable or each.layer.ignored)
    ]
    proxies = {
        scheme: _text(said) for key, scheme in _PROXIES.items() if (said := _first(files, key)) is not None
    }
    data = machine.directory("XDG_DATA_HOME", "~/.local/share")
    store = machine.directory("UV_CREDENTIALS_DIR", str(data / "uv" / "credentials")) / "credentials.toml"
    return Client(
        "uv",
        "index",
        _agent(version, machine),
        http2=True,
        roots=_roots(machine, version, system=merged.store(files, readings) is not None),
        proxies=proxies,
        environ=machine.environ,
        manner="reqwest",
        accounts=_accounts(readings, machine.environ),
        logins=(*netrc(machine, "same"), Logins("services", store, of="same")),
        refuses=_REFUSES,
        times=_times(files, machine),
        unpacks=True,
    )


def _times(files: Sequence[Reading], machine: Machine) -> Times | None:
    said = any(_first(files, name) for name in (_NEWER, f"pip.{_NEWER}"))
    return Times(_NEWER) if said or machine.environ.get("UV_EXCLUDE_NEWER") else None


def _roots(machine: Machine, version: tuple[int, ...], *, system: bool) -> tuple[str, ...]:
    """SSL_CERT_FILE and SSL_CERT_DIR take the place of all else; what isn't there, of the system's store."""
    environ = machine.environ
    file, folder = (environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
    found = [str(machine.path(file))] if file and machine.is_file(machine.path(file)) else []
    if folder and version >= _FOLDERS:
        found += [str(machine.path(each)) for each in folder.split(":") if machine.is_dir(machine.path(each))]
    if found or not system:
        return tuple(found) or (PUBLIC,)
    # What they name is the system's store then, be it there or not.
    return tuple(str(machine.path(each)) for each in (file, folder) if each) or (SYSTEM,)


def _accounts(readings: Sequence[Reading], environ: Mapping[str, str]) -> Mapping[str, tuple[str, str]]:
    """UV_INDEX_<NAME>_USERNAME and _PASSWORD, by the address of the index that has the name."""
    found: dict[str, tuple[str, str]] = {}
    for index in indexes.every(readings):
        name = re.sub(r"[^A-Z0-9]", "_", (index.name or "").upper())
        user, password = (environ.get(f"UV_INDEX_{name}_{what}") for what in ("USERNAME", "PASSWORD"))
        if name and (user or password):
            found[index.url] = (user or "", password or "")
    return found


def _first(files: Sequence[Reading], key: str) -> Value | None:
    return next((each.values[key] for each in files if key in each.values), None)


def _text(value: Value) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _agent(version: tuple[int, ...], machine: Machine) -> str:
    import json
    import platform

    text, python = ".".join(map(str, version)), platform.python_version()
    nothing = dict.fromkeys(("openssl_version", "setuptools_version", "rustc_version"))
    facts = linehaul("uv", text, python, **nothing, ci=in_ci(machine.environ, _CI))
    if version >= _SUBCOMMAND:
        facts["installer"] = {"name": "uv", "version": text, "subcommand": ["pip", "install"]}
    return f"uv/{text} {json.dumps(facts, separators=(',', ':'))}"
