"""What containerd makes of all its files: whose hosts it asks, and what has to be written for it to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirrorcfg.model.layer import Effective, Layer, Reading
from mirrorcfg.model.result import Finding
from mirrorcfg.model.settings import Settings, Value
from mirrorcfg.sentence import sentence
from mirrorcfg.writers import Besides, Case, Part
from mirrorcfg.writers.containerd import barred, config, hosts, places
from mirrorcfg.writers.containerd.config import Number, Registry

_HUBS = ("docker.io", "registry-1.docker.io", "index.docker.io")


def effective(readings: Sequence[Reading]) -> Effective:
    """Docker Hub's hosts and those of other registries, where nothing keeps CRI from looking for them."""
    ours = [each for each in readings if each.layer.ignored is None and each.layer.path is not None]
    files = [each for each in ours if places.is_config(each.layer)]
    daemon = places.version(files[0].layer) if files else ()
    registry = config.merged(files, daemon)
    target = next((each for each in ours if each.layer.target), None)
    found = _of_hosts(ours, daemon)
    if registry is None or target is None:
        return found
    served, _ = _served(ours)
    kept = barred.by(registry, daemon, served or target, places.folder(target.layer, files[0].layer))
    if kept is None:
        return found
    settings = _inline(registry) if registry.mirrors and not registry.folder else {}
    origins = dict.fromkeys(("registry-mirrors", *settings, *found.settings), (kept.layer,))
    return Effective(settings, origins, barred=kept, doubts=found.doubts)


def besides(case: Case) -> Besides:
    """The files of other registries, and config_path where nothing is set that it would exclude."""
    target = next((each.layer for each in case.own if each.layer.target), None)
    if target is None or not case.settings:
        return Besides()
    trust = {key: value for key, value in case.settings.items() if key in ("resolve", "ca-file")}
    parts = [
        Part(places.beside(target, name), {"registry-mirrors": (url,), **trust})
        for name, url in hosts.registries(case.settings, "containerd").items()
    ]
    files = [each for each in case.own if places.is_config(each.layer) and each.layer.ignored is None]
    daemon = places.version(files[0].layer) if files else ()
    registry = config.merged(files, daemon)
    if registry is not None and _can_be_told(registry, daemon):
        main = files[0].layer
        parts.append(Part(main, {config.FOLDER: places.folder(target, main)}, name=True))
    return Besides(parts=tuple(parts))


def _can_be_told(registry: Registry, daemon: Number) -> bool:
    """May config_path be set in config.toml itself, and would it count?"""
    free = not (registry.folder or registry.mirrors or registry.tls or registry.disabled)
    old = registry.version <= 1 and daemon >= (2,)
    return free and not old and registry.layer.scope == "system"


def _of_hosts(readings: Sequence[Reading], daemon: Number) -> Effective:
    """What stands in the files of hosts; `_default` serves Docker Hub where that has no folder."""
    settings: dict[str, Value] = {}
    origins: dict[str, tuple[Layer, ...]] = {}
    others: dict[str, str] = {}
    doubts: list[Finding] = []
    served, displaced = _served(readings)
    for reading in readings:
        layer, values, _ = reading
        if places.is_config(layer) or not values:
            continue
        said, doubt = _said(reading, daemon)
        doubts += doubt
        if reading is served:
            settings |= {
                key: value for key, value in said.items() if key in ("registry-mirrors", "resolve", "ca-file")
            }
            if _elsewhere(said.get(hosts.SERVER)):
                settings[hosts.SERVER] = said[hosts.SERVER]
            origins |= dict.fromkeys(settings, (layer,))
        elif not layer.target and layer.name != places.DEFAULT:
            mirrors = said.get("registry-mirrors")
            if isinstance(mirrors, tuple) and mirrors:
                others[places.registry(layer)] = mirrors[0]
                origins["registries"] = (layer, *origins.get("registries", ()))
    if others:
        settings["registries"] = others
    if displaced is not None and displaced.values.get("registry-mirrors"):
        doubts.append(_displaced(displaced))
    return Effective(settings, origins, doubts=doubts)


def _served(readings: Sequence[Reading]) -> tuple[Reading | None, Reading | None]:
    """Whose hosts are Docker Hub's, and `_default` where it isn't that one."""
    hub = next((each for each in readings if each.layer.target), None)
    default = next((each for each in readings if each.layer.name == places.DEFAULT and each.values), None)
    if default is None:
        return hub, None
    return (hub, default) if (hub and hub.values) or places.is_displaced(default.layer) else (default, None)


def _said(reading: Reading, daemon: Number) -> tuple[Mapping[str, Value], list[Finding]]:
    """What this version takes of a file of hosts, and what it may pass over it for."""
    layer, values, _ = reading
    some = values.get(hosts.REFUSED)
    doubts = []
    for line, which in some.items() if isinstance(some, Mapping) else ():
        if not daemon or _meant(which, daemon):
            place = f"{layer.path}:{line}"
            doubts.append(Finding("doubtful", _passing(which), "containerd --version", "containerd", place))
            values = {} if daemon else values
    if values.get(hosts.ALONE) and daemon and daemon < (2,):
        what = sentence(
            "containerd before 2.0 passes over a file with `server` alone; write its address as a host."
        )
        doubts.append(Finding("doubtful", what, None, "containerd", str(layer.path)))
        values = {}
    return values, doubts


def _passing(which: str) -> str:
    if which[0] == "<":
        return sentence(
            "containerd before {version} passes over the whole file for what stands there.", version=which[1:]
        )
    return sentence(
        "containerd from {version} on passes over the whole file for what stands there.", version=which[2:]
    )


def _meant(which: str, daemon: Number) -> bool:
    number = tuple(map(int, which.lstrip("<>=").split(".")))
    return daemon < number if which[0] == "<" else daemon >= number


def _elsewhere(server: Value | None) -> bool:
    """Is what is asked last another place than Docker Hub?"""
    return isinstance(server, str) and server.partition("://")[2].partition("/")[0] not in _HUBS


def _displaced(default: Reading) -> Finding:
    mirrors = default.values.get("registry-mirrors")
    urls = ", ".join(mirrors) if isinstance(mirrors, tuple) else ""
    path, url = str(default.layer.path), urls.partition(", ")[0]
    what = sentence(
        "{path} ({urls}) doesn't serve docker.io, which has a folder of its own.", path=path, urls=urls
    )
    hint = sentence(
        'to have it asked after the mirrors: server = "{url}", at the head of docker.io/hosts.toml', url=url
    )
    return Finding("displaced", what, hint, "containerd", path)


def _inline(registry: Registry) -> Settings:
    """The mirrors that stand in config.toml itself: no folder is looked into then."""
    named = registry.mirrors.get(places.HUB, registry.mirrors.get("*", ""))
    others = {
        name: urls.split()[0]
        for name, urls in registry.mirrors.items()
        if name not in (places.HUB, "*") and urls
    }
    found: dict[str, Value] = {"registry-mirrors": tuple(named.split())} if named else {}
    return {**found, "registries": others} if others else found
