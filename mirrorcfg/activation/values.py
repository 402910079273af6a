"""What dockerd 20.10 refuses in a value of the right type, key by key.

Source of the rules: docker's documentation, "dockerd", and moby's source; each was tried on dockerd 20.10.24.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mirrorcfg.activation import builder, goform
from mirrorcfg.activation.shapes import Misfit, field
from mirrorcfg.sentence import sentence

Rule = Callable[[Any], Misfit | None]
"""Takes a value that isn't null, of the key's shape."""

_LEVELS = {"", "panic", "fatal", "error", "warn", "warning", "info", "debug", "trace"}
_RESERVED = ("com.docker.", "io.docker.", "org.dockerproject.")
_NAME = "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)"
_DOMAIN = re.compile(rf"(:{{0,2}}{_NAME}(?::?\.:?{_NAME})*)\.?[\t\n\f\r ]*")
_HOST = re.compile(rf"{_NAME}(?:\.{_NAME})*(?::[0-9]+)?")
_LONGEST_SOCKET = 107
_STORAGE = {"aufs", "btrfs", "devicemapper", "fuse-overlayfs", "overlay", "overlay2", "vfs", "zfs"}


def _value(right: Callable[[Any], bool], wanted: str) -> Rule:
    return lambda value: None if right(value) else Misfit("", wanted)


def _each(right: Callable[[str], bool], wanted: str) -> Rule:
    """Of a list of texts; one that is null is an empty one."""

    def rule(value: Sequence[str | None]) -> Misfit | None:
        wrong = (index for index, each in enumerate(value) if not right(each or ""))
        return next((Misfit(f"[{index}]", wanted) for index in wrong), None)

    return rule


def _is_ip(text: str) -> bool:
    return goform.ip(text) is not None


def _is_domain(text: str) -> bool:
    text = text.strip(" ")
    found = _DOMAIN.fullmatch(text)
    return text == "." or (
        found is not None and len(found[1]) < 255 and re.search("[A-Za-z]", text) is not None
    )


def _is_label(text: str) -> bool:
    return "=" in text and not text.lower().startswith(_RESERVED)


def _labels(value: Sequence[str | None]) -> Misfit | None:
    seen: dict[str, str] = {}
    for index, each in enumerate(value):
        if not _is_label(each or ""):
            return Misfit(f"[{index}]", sentence("KEY=VALUE, and no key of docker's own"))
        key, _, text = (each or "").partition("=")
        if seen.setdefault(key, text) != text:
            return Misfit(f"[{index}]", sentence("left out: the key has another value before"))
    return None


def _is_bare(text: str) -> bool:
    address = goform.address(text)
    return (
        address is not None
        and address.scheme in {"http", "https"}
        and (address.query, address.fragment, address.user) == ("", "", None)
    )


def _is_mirror(text: str) -> bool:
    return _is_bare(text) and goform.Address(text).path in {"", "/"}


def _is_registry(text: str) -> bool:
    if text.startswith("-") or text.endswith("-") or "://" in text:
        return False
    if goform.network(text):
        return True
    host, port = goform.host_port(text) or (text, "")
    if not _HOST.fullmatch(text) and not _is_ip(host):
        return False
    number = goform.integer(port or "0")
    return number is not None and 0 <= number <= 65535


def _is_insecure(text: str) -> bool:
    if text.startswith("-"):
        return False
    return _is_registry(re.sub("(?i)^https?://", "", text, count=1))


def _is_host(text: str) -> bool:
    """An address that dockerd can listen on."""
    text = text.strip(goform.SPACES)
    scheme, found, rest = text.partition("://")
    if not text or scheme == "fd":
        return True
    if not found:
        scheme, rest = "tcp", text
    if scheme == "unix":
        socket = rest.removeprefix("unix://")
        return "://" not in socket and len(socket.encode()) <= _LONGEST_SOCKET
    return scheme == "tcp" and _is_tcp(rest)


def _is_tcp(text: str) -> bool:
    if text in {"", "tcp://"}:
        return True
    text = text.removeprefix("tcp://")
    if not text or "://" in text:
        return False
    address = goform.address(f"tcp://{text}2375" if text.endswith("]:") else f"tcp://{text}")
    if address is None or address.path:
        return False
    found = goform.host_port(address.host)
    if found is None and ":" in address.host:
        return _is_ip(address.host)
    return _is_port(found[1] if found else "")


def _is_port(text: str) -> bool:
    number = goform.integer(text or "2375")
    return number is not None and 0 <= number <= 65535


def _is_metrics(text: str) -> bool:
    found = goform.host_port(text)
    return not text or (found is not None and "" not in found and _is_port(found[1]))


def _resources(value: Sequence[str | None]) -> Misfit | None:
    found: dict[str, list[str]] = {}
    for index, each in enumerate(value):
        if (each or "").count("=") != 1:
            return Misfit(f"[{index}]", "NAME=VALUE")
        name, _, text = (each or "").partition("=")
        found.setdefault(name.strip(goform.SPACES), []).append(text.strip(goform.SPACES))
    for name, texts in found.items():
        numbers = [number for text in texts if (number := goform.integer(text)) is not None]
        if len(texts) == 1 and numbers and numbers[0] < 0:
            return Misfit("", sentence("given with a {name} that isn't negative", name=name))
        if len(texts) > 1 and numbers:
            return Misfit("", sentence("given with one number for {name}, or with names alone", name=name))
    return None


def cgroup_driver(value: Sequence[str | None] | None) -> str:
    """What exec-opts say of native.cgroupdriver, the first time that they do."""
    for each in value or ():
        name, found, text = (each or "").partition("=")
        if found and name.strip(goform.SPACES).lower() == "native.cgroupdriver":
            return text.strip(goform.SPACES)
    return ""


def _pools(value: Sequence[Mapping[str, Any] | None]) -> Misfit | None:
    for index, each in enumerate(value):
        found = goform.network(field(each or {}, "base") or "")
        if found is None:
            return Misfit(f"[{index}].base", sentence("a network like 10.10.0.0/16"))
        size = field(each or {}, "size") or 0
        if size <= 0 or size < found[1].prefixlen:
            return Misfit(
                f"[{index}].size", sentence("the length of a prefix, no shorter than that of the base")
            )
    return None


def _runtimes(value: Mapping[str, Any]) -> Misfit | None:
    if "runc" in value:
        return Misfit(".runc", sentence("left out: the name is docker's own"))
    for name, each in value.items():
        if field(each or {}, "runtimeargs") and (name in {"", ".", ".."} or "/" in name):
            return Misfit(f".{name}", sentence("named as a file can be"))
    return None


_ADDRESS = _value(lambda text: not text or _is_ip(text), sentence("an address like 192.0.2.1"))
_NOT_NEGATIVE = _value(lambda number: number >= 0, sentence("0 or more"))
_REGISTRY = sentence("a host, HOST:PORT or a network like 10.0.0.0/8")

RULES: Mapping[str, Rule] = {
    "allow-nondistributable-artifacts": _each(_is_registry, _REGISTRY),
    "authorization-plugins": _each(bool, sentence("the name of a plugin")),
    "builder": builder.misfit,
    "default-address-pools": _pools,
    "default-cgroupns-mode": _value(
        lambda text: text in {"", "host", "private"}, sentence("host or private")
    ),
    "default-gateway": _ADDRESS,
    "default-gateway-v6": _ADDRESS,
    "default-shm-size": _value(goform.is_size, sentence("a size like 64M")),
    "default-ipc-mode": _value(
        lambda text: text in {"", "private", "shareable"}, sentence("private or shareable")
    ),
    "dns": _each(lambda text: _is_ip(text.strip(goform.SPACES)), sentence("an address like 192.0.2.1")),
    "dns-search": _each(_is_domain, sentence("the name of a domain, or a dot")),
    "exec-opts": _value(
        lambda opts: cgroup_driver(opts) in {"", "cgroupfs", "systemd"},
        sentence("given with cgroupfs or systemd as native.cgroupdriver"),
    ),
    "host-gateway-ip": _ADDRESS,
    "hosts": _each(_is_host, sentence("an address like unix:///run/docker.sock or tcp://127.0.0.1:2375")),
    "insecure-registries": _each(_is_insecure, _REGISTRY),
    "ip": _ADDRESS,
    "labels": _labels,
    "log-level": _value(lambda text: text.lower() in _LEVELS, sentence("debug, info, warn, error or fatal")),
    "max-concurrent-downloads": _NOT_NEGATIVE,
    "max-concurrent-uploads": _NOT_NEGATIVE,
    "max-download-attempts": _value(lambda number: number > 0, sentence("1 or more")),
    "metrics-addr": _value(_is_metrics, "HOST:PORT"),
    "node-generic-resources": _resources,
    "oom-score-adjust": _value(
        lambda number: -1000 <= number <= 1000, sentence("a number from -1000 to 1000")
    ),
    "registry-mirrors": _each(_is_mirror, sentence("http:// or https:// and a host, with nothing behind it")),
    "runtimes": _runtimes,
    "seccomp-profile": _value(
        lambda text: text not in {"builtin", "unconfined"}, sentence("the path of a file")
    ),
    "storage-driver": _value(
        lambda text: text == text.lower() or text.lower() not in _STORAGE,
        sentence("written in small letters"),
    ),
}
"""Keys to what their value must be besides."""

_SIX = re.compile(r"(?i)(?:https?://)?\[[0-9a-f:]+\](?::[0-9]+)?")
LASTING: Mapping[str, Rule] = {
    "registry-mirrors": _each(
        _is_bare, sentence("http:// or https:// and a host, without user, query or fragment")
    ),
    "insecure-registries": _each(lambda text: _is_insecure(text) or bool(_SIX.fullmatch(text)), _REGISTRY),
    **{key: RULES[key] for key in ("exec-opts", "metrics-addr")},
}
"""Those of them that newer versions keep, and their `--validate` doesn't look at; tried on dockerd 26.1.5."""


def _started(value: Mapping[str, Any]) -> Misfit | None:
    """23 and later take nothing for what to start."""
    if "runc" in value:
        return Misfit(".runc", sentence("left out: the name is docker's own"))
    without = (name for name, each in value.items() if not any(field(each or {}, key) for key in _PROGRAM))
    return next((Misfit(f".{name}", sentence("given with path or runtimeType")) for name in without), None)


_PROGRAM = ("path", "runtimetype")
_KEPT = ("allow-nondistributable-artifacts", "authorization-plugins", "default-gateway", "default-gateway-v6")
LASTING_TO_26: Mapping[str, Rule] = {
    **{key: RULES[key] for key in (*_KEPT, "storage-driver")},
    "default-address-pools": _pools,
    "builder": builder.lasting,
    "runtimes": _started,
    "mtu": _value(lambda number: not number or 68 <= number <= 65535, sentence("from 68 to 65535")),
    "hosts": _each(
        lambda text: _is_host(text) or "[" in text, sentence("an address like unix:///run/docker.sock")
    ),
}
"""The same of 26.1.5 and before; newer ones weren't asked."""
