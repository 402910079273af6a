"""The options of dockerd 20.10, which has no `--validate`: what its daemon.json may hold, and its flags.

Source of the rules: docker's documentation, "dockerd", and moby's source; each was tried on dockerd 20.10.24.
A key counts by its exact name, the field that it fills by its name in any case; the keys of an object that
isn't one of `_OBJECTS` count as keys themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from mirrorcfg.activation import logdrivers, together
from mirrorcfg.activation.goform import is_switch
from mirrorcfg.activation.process import values
from mirrorcfg.activation.shapes import (
    NUMBER,
    SWITCH,
    TEXT,
    Misfit,
    Shape,
    folded,
    listed,
    made_of,
    mapped,
    whole,
)
from mirrorcfg.activation.values import LASTING, LASTING_TO_26, RULES, Rule
from mirrorcfg.sentence import sentence

_LISTS = """allow-nondistributable-artifacts authorization-plugins dns dns-opts dns-search exec-opts hosts
insecure-registries labels node-generic-resources registry-mirrors storage-opts"""
_TEXTS = """api-cors-header bip bridge cgroup-parent cluster-advertise cluster-store containerd
containerd-namespace data-root default-cgroupns-mode default-gateway default-gateway-v6 default-ipc-mode
default-runtime deprecated-key-path exec-root fixed-cidr fixed-cidr-v6 graph group host-gateway-ip
init-path ip log-driver log-level metrics-addr pidfile seccomp-profile storage-driver
swarm-default-advertise-addr tlscacert tlscert tlskey userland-proxy-path userns-remap"""
_NUMBERS = """cpu-rt-period cpu-rt-runtime max-concurrent-downloads max-concurrent-uploads
max-download-attempts mtu network-control-plane-mtu network-diagnostic-port oom-score-adjust
shutdown-timeout"""
_SWITCHES = """cri-containerd debug experimental icc init ip-forward ip-masq ip6tables iptables ipv6
live-restore no-new-privileges raw-logs rootless selinux-enabled tls tlsverify userland-proxy"""
_IGNORED = """add-runtime authorization-plugin cluster-store-opt config-file containerd-plugins-namespace
default-address-pool default-ulimit dns-opt exec-opt help host insecure-registry label log-opt
node-generic-resource registry-mirror restart storage-opt version"""
_TOGETHER = """bip bridge cgroup-parent cluster-store containerd-namespace containerd-plugins-namespace
fixed-cidr-v6 log-driver storage-driver"""
_NO_FLAGS = {
    "containerd-plugin-namespace": TEXT,
    "default-init": TEXT,
    "resolv-conf": TEXT,
    "swarm-raft-election-tick": whole(0, 2**32 - 1),
    "swarm-raft-heartbeat-tick": whole(0, 2**32 - 1),
}
"""Fields that no key stands for but by an object under their name."""


def _size(value: Any) -> Misfit | None:
    """A text; here a null isn't passed over."""
    return None if isinstance(value, str) else Misfit("", sentence("a size like 64M"))


def _filter(value: Any) -> Misfit | None:
    """A list, or an object as docker wrote it once."""
    return (mapped(mapped(SWITCH)) if isinstance(value, Mapping) else listed(TEXT))(value)


_OBJECTS: Mapping[str, Shape] = {
    "builder": made_of(
        {
            "gc": made_of(
                {
                    "enabled": SWITCH,
                    "defaultKeepStorage": TEXT,
                    "policy": listed(made_of({"all": SWITCH, "keepStorage": TEXT, "filter": _filter})),
                }
            ),
            "entitlements": made_of({"network-host": SWITCH, "security-insecure": SWITCH}),
        }
    ),
    "cluster-store-opts": mapped(TEXT),
    "default-ulimits": mapped(made_of({"name": TEXT, "hard": NUMBER, "soft": NUMBER})),
    "features": mapped(SWITCH),
    "log-opts": mapped(TEXT),
    "runtimes": mapped(made_of({"path": TEXT, "runtimeArgs": listed(TEXT)})),
}
SHAPES: Mapping[str, Shape] = {
    **dict.fromkeys(_LISTS.split(), listed(TEXT)),
    **dict.fromkeys(_TEXTS.split(), TEXT),
    **dict.fromkeys(_NUMBERS.split(), NUMBER),
    **dict.fromkeys(_SWITCHES.split(), SWITCH),
    **_OBJECTS,
    "default-address-pools": listed(made_of({"base": TEXT, "size": NUMBER})),
    "default-shm-size": _size,
}
"""Keys to the shape of their value."""

_FIELDS = {folded(name): (name, shape) for name, shape in {**SHAPES, **_NO_FLAGS}.items()}
_KNOWN = {*SHAPES, *_IGNORED.split()}


class Fault(NamedTuple):
    """What dockerd wouldn't start with: the key of the file, the place in it, and what must stand there."""

    of: Literal["key", "type", "value"]
    key: str
    where: str
    wanted: str


def fault(content: Mapping[str, Any], flags: Mapping[str, Any]) -> Fault | None:
    """The first thing that keeps dockerd 20.10 from starting with this content, beside `said_by_flags`."""
    for key, inner in _named(content):
        if inner not in _KNOWN:
            return Fault("key", key, inner, "")
    held: dict[str, Any] = {}
    for key, value in content.items():
        name, shape = _FIELDS.get(folded(key), (key, None))
        if shape is not None and (misfit := shape(value)):
            return Fault("type", key, f"{key}{misfit.where}", misfit.wanted)
        if shape is not None and value is not None:
            held[name] = value
    if found := _ruled(held, RULES):
        return found
    return next(_apart(held, flags), None)


def lasting_fault(content: Mapping[str, Any], flags: Mapping[str, Any], *, tried: bool) -> Fault | None:
    """The same for a newer dockerd, whose `--validate` has taken the content.

    One that was `tried`, up to 26.1, is known to keep more of those rules.
    """
    fits = {key: each for key, each in content.items() if key in SHAPES and each and not SHAPES[key](each)}
    if found := _ruled(fits, {**LASTING, **(LASTING_TO_26 if tried else {})}):
        return found
    shaped = {key: each for key, each in content.items() if key in SHAPES and each is not None}
    right = {
        key: each for key, each in shaped.items() if not SHAPES[key](each) and not _ruled({key: each}, RULES)
    }
    if str(right.get("bip", "")).endswith(("/31", "/32")):  # they need no room any more
        del right["bip"]
    kept = (each for each in _apart(right, flags) if each.key in together.LASTING)
    if tried and (apart := next(kept, None)):
        return apart
    name = "log-opts"
    driver = fits.get("log-driver") or flags.get("log-driver") or "json-file"
    given = logdrivers.lasting(driver, {option: text or "" for option, text in fits.get(name, {}).items()})
    steady = logdrivers.STEADY | (logdrivers.STEADY_TO_26 if tried else set())
    misfit = logdrivers.misfit(driver, given) if given and driver in steady else None
    return Fault("value", name, f"{name}{misfit.where}", misfit.wanted) if misfit else None


def _apart(held: Mapping[str, Any], flags: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with options taken together."""
    for name, misfit in together.misfits(held, flags):
        yield Fault("value", name, f"{name}{misfit.where}", misfit.wanted)


def _ruled(held: Mapping[str, Any], rules: Mapping[str, Rule]) -> Fault | None:
    found = ((name, rule(held[name])) for name, rule in rules.items() if name in held)
    return next(
        (Fault("value", name, f"{name}{each.where}", each.wanted) for name, each in found if each), None
    )


def _named(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys that count, each with the one of the file that it stands under."""
    for key, value in content.items():
        if isinstance(value, Mapping) and key not in _OBJECTS:
            yield from ((key, inner) for inner in value)
        else:
            yield key, key


_SHORT = {
    "b": "bridge",
    "D": "debug",
    "G": "group",
    "H": "host",
    "l": "log-level",
    "p": "pidfile",
    "s": "storage-driver",
}
_PLURALS = {"insecure-registry": "insecure-registries"}


def keys_of_flags(argv: tuple[str, ...]) -> dict[str, str]:
    """The keys that the flags of a command line stand for, and the flag each."""
    found = {}
    for word in argv[1:]:
        if word.startswith("--"):
            name = word[2:].partition("=")[0]
        elif word[:1] == "-":
            name = _SHORT.get(word[1:2], "")
        else:
            continue
        plural = _PLURALS.get(name, f"{name}s")
        found[plural if plural in SHAPES else name] = word.partition("=")[0]
    return found


def said_by_flags(argv: Sequence[str]) -> dict[str, Any]:
    """What the flags give for the keys that are judged together with others."""
    if not argv:
        return {}
    shorts = {name: letter for letter, name in _SHORT.items()}
    texts = {name: values(argv, name, shorts.get(name, "")) for name in _TOGETHER.split()}
    found: dict[str, Any] = {name: given[-1] for name, given in texts.items() if given}
    if given := values(argv, "exec-opt"):
        found["exec-opts"] = given
    for word in argv:
        name, equals, text = word.removeprefix("--").partition("=")
        if name in _SWITCHES.split() and word.startswith("--") and (not equals or is_switch(text)):
            found[name] = not equals or text[0] in "1tT"
    return found
