"""The variables that uv reads, and what they make of its files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from mirrorcfg.model.layer import Layer
from mirrorcfg.model.machine import Machine
from mirrorcfg.sentence import sentence
from mirrorcfg.writers.uv import project

KEYS = {
    "UV_FIND_LINKS": "find-links",
    "UV_OFFLINE": "no-index",
    "UV_INDEX_URL": "index-url",  # the old name of the next one, which wins over it
    "UV_DEFAULT_INDEX": "index-url",
    "UV_EXTRA_INDEX_URL": "extra-index-url",
    "UV_INDEX": "index",
    "UV_PYTHON_INSTALL_MIRROR": "python-install-mirror",
    "UV_PYPY_INSTALL_MIRROR": "pypy-install-mirror",
    "UV_NATIVE_TLS": "system-store",  # the old name of the next one
    "UV_SYSTEM_CERTS": "system-store",
    "SSL_CERT_FILE": "ca-file",  # what uv trusts in the place of everything else; no file says that
}
TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
_FALSE = frozenset({"0", "false", "f", "no", "n", "off"})
_SWITCHES = ("UV_NO_CONFIG", "UV_NO_SYSTEM_CONFIG", "UV_OFFLINE")


def marked(machine: Machine, layer: Layer) -> Layer:
    """A file as the variables have it: why uv passes it over, and the variable that makes it."""
    if named := machine.environ.get("UV_CONFIG_FILE"):
        if layer.name == "UV_CONFIG_FILE":
            return layer
        return layer._replace(
            ignored=sentence("UV_CONFIG_FILE names {path}, so uv reads no other file", path=named),
            ignored_by="UV_CONFIG_FILE",
        )
    if _is_on(machine, "UV_NO_CONFIG"):
        return layer._replace(
            ignored=sentence("UV_NO_CONFIG is set, so uv reads no file at all"), ignored_by="UV_NO_CONFIG"
        )
    if layer.scope == "system" and _is_on(machine, "UV_NO_SYSTEM_CONFIG"):
        why = sentence("UV_NO_SYSTEM_CONFIG is set, so uv doesn't read the system's file")
        return layer._replace(ignored=why, ignored_by="UV_NO_SYSTEM_CONFIG")
    return layer


def _is_on(machine: Machine, variable: str) -> bool:
    return machine.environ.get(variable, "").lower() in TRUE


def refused(machine: Machine) -> Iterable[Layer]:
    """The variables for whose value uv doesn't start, each with the reason."""
    environ = machine.environ
    found = {
        name: sentence("{variable} names no folder that is there, and uv fails.", variable=name)
        for name in project.missing(machine)
    }
    for name in _SWITCHES:
        if name in environ and environ[name].lower() not in TRUE | _FALSE:
            found[name] = sentence("{variable} says neither yes nor no, and uv fails.", variable=name)
    named = environ.get("UV_CONFIG_FILE")
    if named is not None and not (
        named and machine.is_file((project.working(machine) or PurePath()) / named)
    ):
        found["UV_CONFIG_FILE"] = sentence("UV_CONFIG_FILE names no file that is there, and uv fails.")
    return [Layer(name, variable=name, value=environ[name], ignored=why) for name, why in found.items()]
