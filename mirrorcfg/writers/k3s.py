"""k3s and rke2: the registries.yaml from which they write their own containerd's hosts when they start.

Source of the rules: k3s' documentation, "Private Registry Configuration", and pkg/agent/containerd/config.go.
An endpoint's path is the whole of its API's. `*` serves every registry that has no endpoints of its own. Each
endpoint of a registry is asked for the names that `rewrite` makes, the registry itself never.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from mirrorcfg import formats
from mirrorcfg.formats import KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past, given_back
from mirrorcfg.model import golang
from mirrorcfg.model.client import Client
from mirrorcfg.model.layer import Effective, Layer, Reading, Source
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.result import Finding
from mirrorcfg.model.settings import Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.sentence import sentence
from mirrorcfg.writers import Besides, Case, docker
from mirrorcfg.writers import ca_file as ca_file
from mirrorcfg.writers import environment as environment
from mirrorcfg.writers import give_way as give_way
from mirrorcfg.writers import questions as questions
from mirrorcfg.writers.containerd import hosts

TOOL = Tool(
    ("k3s", "rke2"),
    follows="docker",
    places=("/etc/rancher/k3s/k3s.yaml", "/etc/rancher/rke2/rke2.yaml"),
    images=True,
)
_AGENT = "containerd/2.1.9"  # it pulls with the containerd that it brings along
KEYS = golang.MIRRORS

_HUB, _EVERY = "docker.io", "*"
_REWRITES = "rewrites"
_CA, _UNSAFE = "ca_file", "insecure_skip_verify"
_UNITS = {
    "k3s": sentence("k3s (k3s-agent on an agent)"),
    "rke2": sentence("rke2-server (rke2-agent on an agent)"),
}


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """The file of whichever of the two is here; it is the system's."""
    if machine.platform != "linux":
        return ()
    rke2 = machine.which("k3s") is None and (
        machine.which("rke2") is not None or machine.is_dir(machine.path("/etc/rancher/rke2"))
    )
    name = "rke2" if rke2 else "k3s"
    path = machine.path("/etc/rancher") / name / "registries.yaml"
    return (Layer(name, path, "system", target=scope in (None, "system")),)


def read(text: str) -> Mapping[str, Value]:
    """Docker Hub's endpoints, and the first of each other registry. Raises FormatError for a wrong type."""
    data = _data(text)
    found: dict[str, Value] = {}
    others: dict[str, str] = {}
    for name, mirror in _maps(data, "mirrors").items():
        urls = tuple(map(_address, mirror.get("endpoint") or ()))
        if urls and name in (_HUB, _EVERY):
            found["registry-mirrors" if name == _HUB else _EVERY] = urls
        elif urls:
            others[name] = urls[0]
        if name == _HUB and mirror.get("rewrite"):
            found[_REWRITES] = {str(key): str(value) for key, value in mirror["rewrite"].items()}
    if others:
        found["registries"] = others
    mirrors = {urlsplit(url).netloc for url in (*_listed(found), *others.values())}
    cas = {str(_tls(data, host).get(_CA, "")) for host in mirrors}
    only = cas.pop() if len(cas) == 1 else ""
    return {**found, "ca-file": only} if only else found


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """The endpoints as `settings` says, and their CA; a `rewrite` goes with the endpoints that it was for."""
    data, wanted = _data(text), _wanted(settings)
    changes: dict[KeyPath, Leaf | Raw | None] = {("mirrors", _HUB, "endpoint"): None}
    for name, urls in wanted.items():
        changes[("mirrors", name, "endpoint")] = [_endpoint(url) for url in urls]
        if "rewrite" in _maps(data, "mirrors").get(name, {}):
            changes[("mirrors", name, "rewrite")] = None
    for host in {urlsplit(url).netloc for urls in wanted.values() for url in urls}:
        if _UNSAFE in _tls(data, host):
            changes[("configs", host, "tls", _UNSAFE)] = None
        if isinstance(ca := settings.get("ca-file"), str):
            changes[("configs", host, "tls", _CA)] = ca
    earlier = [path for path in _ours(past.origin, past.left) if path not in changes] if past else []
    return formats.yaml.edit(text, {**given_back(formats.yaml, text, past, earlier), **changes})


def revert(text: str, left: str, target: str) -> str:
    """`text` with the endpoints, and their CA, as `target` has them."""
    return formats.keys.revert(formats.yaml, text, left, target, _ours(left, target))


def besides(case: Case) -> Besides:
    """Nothing; what goes with the old endpoints is said."""
    rewrites = read(case.text).get(_REWRITES) if case.settings.get("registry-mirrors") else None
    if not isinstance(rewrites, Mapping):
        return Besides()
    rules = ", ".join(f"{pattern} = {name}" for pattern, name in rewrites.items())
    note = sentence(
        "The rewrite of docker.io ({rules}) goes with the endpoints that it was for.", rules=rules
    )
    return Besides(notes=(note,))


def effective(readings: Sequence[Reading]) -> Effective:
    """What stands in the file: for Docker Hub its own endpoints, or else those of `*`."""
    for layer, values, _ in readings:
        if not values:
            continue
        settings = {key: value for key, value in values.items() if key in (*KEYS, "ca-file")}
        every, doubts = values.get(_EVERY), []
        if isinstance(every, tuple) and "registry-mirrors" in settings:
            doubts.append(_displaced(layer, every))
        elif isinstance(every, tuple):
            settings["registry-mirrors"] = every
        unit = _UNITS.get(layer.name, layer.name)
        note = sentence(
            "{path} is read only when {program} starts: sudo systemctl restart {unit}.",
            path=layer.path,
            program=layer.name,
            unit=unit,
        )
        return Effective(settings, dict.fromkeys(settings, (layer,)), [note], doubts=doubts)
    return Effective()


def sources(settings: Settings) -> tuple[Source, ...]:
    """Every mirror."""
    return tuple(golang.mirrors("k3s", settings))


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """As Go has it; a user's logins mean nothing to it."""
    return golang.client("k3s", _AGENT, machine, machine.given("k3s") or {})._replace(
        pull=docker.BY_CONTAINERD
    )


def _displaced(layer: Layer, every: Sequence[str]) -> Finding:
    urls = ", ".join(every)
    what = sentence("The endpoints of `*` ({urls}) don't serve docker.io, which has its own.", urls=urls)
    return Finding("displaced", what, None, "k3s", str(layer.path))


def _data(text: str) -> Mapping[str, Any]:
    """What the file holds. Raises FormatError for what k3s doesn't start with."""
    data = formats.yaml.read(text)
    for part in ("mirrors", "configs"):
        if not isinstance(data.get(part) or {}, dict):
            raise _refused(text, (part,), sentence("is no map"))
        for name, table in (data.get(part) or {}).items():
            if not isinstance(table or {}, dict):
                raise _refused(text, (part, name), sentence("is no map"))
    for name, mirror in _maps(data, "mirrors").items():
        endpoints = mirror.get("endpoint") or []
        if not isinstance(endpoints, list) or not all(isinstance(each, str) for each in endpoints):
            raise _refused(text, ("mirrors", name, "endpoint"), sentence("is no list of addresses"))
        if not isinstance(mirror.get("rewrite") or {}, dict):
            raise _refused(text, ("mirrors", name, "rewrite"), sentence("is no map"))
    for name, config in _maps(data, "configs").items():
        if not isinstance(config.get("tls") or {}, dict):
            raise _refused(text, ("configs", name, "tls"), sentence("is no map"))
    return data


def _refused(text: str, path: tuple[str, ...], what: str) -> Exception:
    said = sentence("{key} {what}; k3s does not start with it.", key=".".join(path), what=what)
    return formats.yaml.refused(text, path, "wrong-type", said, "mend this line by hand, or take it out")


def _maps(data: Mapping[str, Any], part: str) -> Mapping[str, Mapping[str, Any]]:
    return {str(name): table or {} for name, table in (data.get(part) or {}).items()}


def _tls(data: Mapping[str, Any], host: str) -> Mapping[str, Any]:
    return _maps(data, "configs").get(host, {}).get("tls") or {}


def _wanted(settings: Settings) -> Mapping[str, Sequence[str]]:
    found = {name: (url,) for name, url in hosts.registries(settings, "k3s").items()}
    return {**found, **({_HUB: hub} if (hub := _listed(settings)) else {})}


def _ours(*texts: str) -> list[KeyPath]:
    found: dict[KeyPath, None] = {}
    for data in map(_data, texts):
        found |= dict.fromkeys(_managed(data))
    return list(found)


def _managed(data: Mapping[str, Any]) -> Iterator[KeyPath]:
    for name in _maps(data, "mirrors"):
        yield from (("mirrors", name, "endpoint"), ("mirrors", name, "rewrite"))
    for host in _maps(data, "configs"):
        yield from (("configs", host, "tls", _CA), ("configs", host, "tls", _UNSAFE))


def _listed(settings: Settings) -> tuple[str, ...]:
    mirrors = settings.get("registry-mirrors")
    return mirrors if isinstance(mirrors, tuple) else ()


def _endpoint(url: str) -> str:
    """The address of the API that serves a project: Harbor has it below /v2/."""
    parts = urlsplit(url.rstrip("/"))
    return parts._replace(path=f"/v2{parts.path}").geturl() if parts.path else parts.geturl()


def _address(endpoint: str) -> str:
    parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    return parts._replace(path=parts.path.removeprefix("/v2").rstrip("/")).geturl()
