"""certs.d/docker.io/hosts.toml, or `_default`'s: whom docker's image store asks from 28.0 on.

Source of the rules: moby's daemon/hosts.go, tried on 28.5. With a host in there registry-mirrors aren't
looked at. It is also the only place for the CA of a mirror alone: what stands beside it Docker Hub is trusted
by, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from mirrorcfg import formats
from mirrorcfg.errors import FormatError
from mirrorcfg.formats.text import newline
from mirrorcfg.model.client import HUB
from mirrorcfg.model.engine import Engine
from mirrorcfg.model.layer import Layer, Reading
from mirrorcfg.model.machine import Scope
from mirrorcfg.model.settings import Settings, Value
from mirrorcfg.sentence import sentence

HOSTS = "hosts"
"""The key under which a file's hosts stand, and those that it is to have."""
SINCE = (28,)
_CA, _FAMILY, _FILE, _DEFAULT = "ca-file", "host", "hosts.toml", "_default"


def looked_at(engine: Engine | None) -> bool:
    """Does that daemon look there?"""
    return engine is not None and engine.image_store and engine.version >= SINCE


def layers(certs: PurePath, scope: Scope, *, own_folder: bool) -> tuple[Layer, ...]:
    """Docker Hub's file, and the one for what has no folder; dockerd passes over what it can't read."""
    ignored = sentence("{registry} has a folder of its own", registry=HUB) if own_folder else None
    return (
        Layer(HUB, certs / HUB / _FILE, scope, optional=True, part=True),
        Layer(_DEFAULT, certs / _DEFAULT / _FILE, ignored=ignored, optional=True),
    )


def document(text: str) -> Mapping[str, Any] | None:
    """What stands in a file of hosts; None where it is none, but a daemon.json."""
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", ""):
        return None
    try:
        found = formats.toml.read(text)
    except FormatError:
        return None
    return found if isinstance(found.get(_FAMILY, {}), dict) else None


def read(found: Mapping[str, Any]) -> Mapping[str, Value]:
    """The hosts in their order, and the CA that they share."""
    hosts = {key: host for key, host in found.get(_FAMILY, {}).items() if isinstance(host, dict)}
    cas = {str(host["ca"]) for host in hosts.values() if isinstance(host.get("ca"), str)}
    trusted: Mapping[str, Value] = {_CA: cas.pop()} if len(cas) == 1 else {}
    return {HOSTS: tuple(hosts), **trusted} if hosts else {}


def asked(readings: Sequence[Reading]) -> Reading | None:
    """The file whose hosts are asked, if one has any."""
    having = (each for each in readings if each.layer.ignored is None and HOSTS in each.values)
    return next(having, None)


def needed(readings: Sequence[Reading], settings: Settings) -> Layer | None:
    """The file for mirrors with a CA, where this daemon looks there and the user has no hosts of his own."""
    layer = next((each.layer for each in readings if each.layer.name == HUB), None)
    return (
        layer
        if layer and settings.get(_CA) and settings.get("registry-mirrors") and not asked(readings)
        else None
    )


def edit(text: str, urls: Sequence[str], certs: PurePath) -> str:
    """Those hosts, each with the CA that is put beside it (`certs/HOST/ca.crt`)."""
    old, wanted = formats.toml_tables.blocks(text, _FAMILY), {}
    for url in urls:
        block = old.get(url) or f"[{_FAMILY}.{json.dumps(url)}]{newline(text)}"
        ca = str(certs / urlsplit(url).netloc / "ca.crt")
        changes: Mapping[Any, Any] = {
            (_FAMILY, url, "capabilities"): ["pull", "resolve"],
            (_FAMILY, url, "ca"): ca,
        }
        wanted[url] = formats.toml.edit(block, changes)
    return formats.toml_tables.put(text, _FAMILY, wanted)


def revert(text: str, left: str, target: str) -> str:
    """`text` with the hosts as `target` has them."""
    return formats.toml_tables.revert(text, left, target, _FAMILY)
