"""What dockerd 20.10 refuses in options taken together: those of its file, over those that its flags give.

Source of the rules: moby's source; each was tried on dockerd 20.10.24.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mirrorcfg.activation import bridge, goform, logdrivers
from mirrorcfg.activation.shapes import Misfit
from mirrorcfg.activation.values import cgroup_driver
from mirrorcfg.sentence import sentence

Found = Iterator[tuple[str, Misfit]]

LASTING = {
    "icc", "ip6tables", "containerd-namespace", "default-runtime", "cgroup-parent", "storage-opts",
    "default-gateway", "default-gateway-v6", "fixed-cidr", "fixed-cidr-v6", "ipv6", "bip",
}  # fmt: skip
"""Of which dockerd 26.1.5 makes the same, and its `--validate` nothing."""

_RUNTIMES = {"runc", "io.containerd.runc.v2", "io.containerd.runtime.v1.linux"}
_STORES = {"etcd", "consul", "zk"}
_STORAGE: Mapping[str, Mapping[str, Callable[[str], bool]]] = {
    "btrfs": {"btrfs.min_space": goform.is_size},
    "overlay": {},
    "overlay2": {"overlay2.override_kernel_check": goform.is_switch, "overlay2.size": goform.is_size},
    "vfs": {"size": goform.is_size},
    "zfs": {"zfs.fsname": lambda text: True},
}


def misfits(file: Mapping[str, Any], flags: Mapping[str, Any]) -> Found:
    """The keys at fault and what is wrong with each.

    `file` are its values that aren't null, each right by itself; `flags` those that the command line gives.
    """
    every = dict(flags) | {
        key: value for key, value in file.items() if value not in ("", [], {}) or key not in flags
    }
    for rule in (_places(file), _runtimes(file), *(rule(every) for rule in _RULES)):
        yield from rule


def _places(file: Mapping[str, Any]) -> Found:
    if file.get("graph") and file.get("data-root"):
        yield "graph", Misfit("", sentence("left out, where data-root is"))


def _namespaces(every: Mapping[str, Any]) -> Found:
    own = every.get("containerd-namespace") or "moby"
    if own == (every.get("containerd-plugins-namespace") or "plugins.moby"):
        yield "containerd-namespace", Misfit("", sentence("another than that of the plugins"))


def _network(every: Mapping[str, Any]) -> Found:
    if every.get("bridge") and every.get("bip"):
        yield "bip", Misfit("", sentence("left out, where bridge is"))
    if every.get("iptables", True) is False and every.get("icc", True) is False:
        yield "icc", Misfit("", sentence("true, where iptables is false"))
    if every.get("ip6tables") and not every.get("experimental"):
        yield "ip6tables", Misfit("", sentence("false, where experimental isn't true"))
    if every.get("bridge") != "none":
        yield from bridge.misfits(every)


def _cgroups(every: Mapping[str, Any]) -> Found:
    parent = every.get("cgroup-parent") or ""
    is_slice = len(parent) > len(".slice") and parent.endswith(".slice")
    if parent and not is_slice and cgroup_driver(every.get("exec-opts")) == "systemd":
        yield "cgroup-parent", Misfit("", sentence("NAME.slice, as systemd has it"))


def _runtimes(file: Mapping[str, Any]) -> Found:
    default = file.get("default-runtime") or "runc"
    if default not in _RUNTIMES and default not in file.get("runtimes", {}):
        yield "default-runtime", Misfit("", sentence("runc, or one of runtimes"))


def _cluster(every: Mapping[str, Any]) -> Found:
    store, advertise = every.get("cluster-store") or "", every.get("cluster-advertise") or ""
    kind = store.partition("://")[0]
    if store.strip(goform.SPACES) and (kind not in _STORES or store.count("://") != 1):
        yield "cluster-store", Misfit("", sentence("an address like etcd://host:2379"))
    if not advertise:
        return
    if not store:
        yield "cluster-advertise", Misfit("", sentence("left out, where no cluster-store is"))
    if goform.host_port(advertise) is None:
        yield "cluster-advertise", Misfit("", "HOST:PORT")
    times = every.get("cluster-store-opts", {})
    beat, life = (_seconds(times.get(f"discovery.{name}")) for name in ("heartbeat", "ttl"))
    if 0 in (beat, life) or (life is not None and life <= (life // 3 if beat is None else beat)):
        yield (
            "cluster-store-opts",
            Misfit("", sentence("given with a discovery.ttl above discovery.heartbeat, both above 0")),
        )


def _seconds(text: str | None) -> int | None:
    """0 for what is no number above it."""
    return None if text is None else max(0, goform.integer(text) or 0)


def _storage(every: Mapping[str, Any]) -> Found:
    driver = every.get("storage-driver") or ""
    for index, each in enumerate(every.get("storage-opts", ())):
        if not _is_storage(driver, each or ""):
            yield (
                "storage-opts",
                Misfit(f"[{index}]", sentence("an option of the storage driver, NAME=VALUE")),
            )


def _is_storage(driver: str, text: str) -> bool:
    name, equals, value = text.partition("=")
    name, value = name.strip(goform.SPACES), value.strip(goform.SPACES)
    if not equals or (driver and driver not in _STORAGE) or name.lower().startswith("dm."):
        return bool(equals) and driver not in _STORAGE
    drivers: Sequence[str] = [driver] if driver else list(_STORAGE)
    forms = {option: form for each in drivers for option, form in _STORAGE[each].items()}
    form = forms.get(name if driver == "vfs" else name.lower())
    return form is not None and form(value)


def _logs(every: Mapping[str, Any]) -> Found:
    options = {name: text or "" for name, text in every.get("log-opts", {}).items()}
    if options and (wrong := logdrivers.misfit(every.get("log-driver") or "json-file", options)):
        yield "log-opts", wrong


_RULES = (_namespaces, _network, _cgroups, _cluster, _storage, _logs)
