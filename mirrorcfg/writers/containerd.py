"""containerd: the hosts.toml of Docker Hub, which its clients read at every pull.

Source of the rules: containerd's docs/hosts.md, tried on ctr 1.6. Hosts are asked in the order of their
headers, then the registry itself. A host's path is the whole of its API's with `override_path`; a host
without the capability `resolve` is never asked what a tag means.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from mirrorcfg import formats
from mirrorcfg.formats import KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past
from mirrorcfg.formats.text import newline
from mirrorcfg.model.client import Client, named, netrc
from mirrorcfg.model.layer import Effective, Layer, Reading, Source
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Key, Kind, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.writers import Besides, Case, Question, docker

# containerd itself may be there for docker alone
TOOL = Tool(("nerdctl", "crictl", "kubelet"), follows="docker", images=True)
KEYS = {
    "registry-mirrors": Key(
        Kind.URLS, "mirrors of Docker Hub, asked in this order before it; a path names a project", always=True
    ),
    "probe": docker.KEYS["probe"],
    "resolve": Key(Kind.FLAG, "whether the mirrors may say what a tag means: for mirrors of your own"),
}

_AGENT = "containerd/2.1.9"  # the newest that was tried
_FAMILY = "host"
_NOTE = "containerd reads its hosts.toml only where config_path, or --hosts-dir, names {folder}."


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """The system's file; rootless nerdctl has one of the user's. Each containerd reads one."""
    if machine.platform != "linux":
        return ()
    scope = scope or "system"
    folders: Mapping[Scope, PurePath] = {
        "user": machine.directory("XDG_CONFIG_HOME", "~/.config"),
        "system": machine.path("/etc"),
    }
    return tuple(
        Layer(
            each,
            folder / "containerd" / "certs.d" / "docker.io" / "hosts.toml",
            each,
            ignored=None if each == scope else f"it belongs to another containerd (the {each}'s)",
            target=each == scope,
        )
        for each, folder in folders.items()
    )


def read(text: str) -> Mapping[str, Value]:
    """The hosts as a profile names them, and whether all of them may resolve."""
    hosts = _hosts(text)
    if not hosts:
        return {}
    resolve = all("resolve" in host.get("capabilities", ["resolve"]) for host in hosts.values())
    found: dict[str, Value] = {
        "registry-mirrors": tuple(_named(key, host) for key, host in hosts.items()),
        "resolve": resolve,
    }
    cas = {str(host["ca"]) for host in hosts.values() if isinstance(host.get("ca"), str)}
    return {**found, "ca-file": cas.pop()} if len(cas) == 1 else found


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """The hosts as `settings` says; what else stands in the table of one that stays is kept."""
    formats.toml.read(text)
    old = formats.toml_tables.blocks(text, _FAMILY)
    earlier = _hosts(past.left) if past else {}
    mirrors = settings.get("registry-mirrors")
    wanted = {}
    for url in mirrors if isinstance(mirrors, tuple) else ():
        key = _key(url)
        block = old.get(key) or f"[{_FAMILY}.{json.dumps(key)}]{newline(text)}"
        wanted[key] = formats.toml.edit(block, _changes(key, settings, earlier.get(key, {})))
    after = formats.toml_tables.put(text, _FAMILY, wanted)
    return after if after.strip() or not text.strip() else ""  # what is ours whole is left empty


def revert(text: str, left: str, target: str) -> str:
    """`text` with the hosts as `target` has them."""
    return formats.toml_tables.revert(text, left, target, _FAMILY)


def give_way(text: str, settings: Settings) -> str:
    """No file has to."""
    return text


def besides(case: Case) -> Besides:
    """Nothing."""
    return Besides()


def effective(readings: Sequence[Reading]) -> Effective:
    """What stands in the one file that is meant."""
    for layer, values, _ in readings:
        if layer.ignored is None and values and layer.path is not None:
            note = _NOTE.format(folder=layer.path.parent.parent)
            return Effective(dict(values), dict.fromkeys(values, (layer,)), [note])
    return Effective()


def sources(settings: Settings) -> tuple[Source, ...]:
    """Every mirror."""
    mirrors = settings.get("registry-mirrors")
    urls = mirrors if isinstance(mirrors, tuple) else ()
    resolves = settings.get("resolve") is True
    return tuple(Source("containerd", "registry-mirrors", url, resolves=resolves) for url in urls)


def environment(settings: Settings) -> Mapping[str, str | None]:
    """None: no variable names a mirror."""
    return {}


def ca_file(machine: Machine, place: str, scope: Scope | None = None) -> PurePath | None:
    """None: a host's table names its own."""
    return None


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """It has no logins of its own."""
    return Client(
        "containerd",
        "registry",
        _AGENT,
        also=named(machine, "SSL_CERT_FILE"),
        ca_by_host=True,
        environ=machine.environ,
        manner="go",
        pull=docker.BY_CONTAINERD,
        logins=netrc(machine),
    )


def questions(machine: Machine) -> Mapping[str, Question]:
    """None: without a mirror the registry itself is asked."""
    return {}


def _hosts(text: str) -> dict[str, dict[str, Any]]:
    found = formats.toml.read(text).get(_FAMILY)
    hosts = found if isinstance(found, dict) else {}
    return {key: host for key, host in hosts.items() if isinstance(host, dict)}


def _key(url: str) -> str:
    """The address of the API that serves a project: Harbor has it below /v2/."""
    parts = urlsplit(url)
    return url if parts.path in ("", "/") else parts._replace(path=f"/v2{parts.path}").geturl()


def _named(key: str, host: Mapping[str, Any]) -> str:
    parts = urlsplit(key)
    if host.get("override_path") is True and parts.path.startswith("/v2/"):
        return parts._replace(path=parts.path.removeprefix("/v2")).geturl()
    return key


def _changes(key: str, settings: Settings, earlier: Mapping[str, Any]) -> dict[KeyPath, Leaf | Raw | None]:
    """A CA goes only if it was ours; `skip_verify` is never written."""
    ca, path = settings.get("ca-file"), (_FAMILY, key)
    changes: dict[KeyPath, Leaf | Raw | None] = {
        (*path, "capabilities"): ["pull", "resolve"] if settings.get("resolve") is True else ["pull"],
        (*path, "override_path"): True if urlsplit(key).path not in ("", "/") else None,
    }
    if isinstance(ca, str):
        changes[*path, "ca"] = ca
    elif "ca" in earlier:
        changes[*path, "ca"] = None
    return changes
