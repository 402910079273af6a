"""Where containerd's files are: config.toml with what it imports, and the folders that have the hosts.

Source of the rules: containerd's docs/hosts.md and cmd/containerd/server/config. Of the folders that
config_path names the first one that has the registry, or `_default`, counts. nerdctl looks there by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath

from mirrorcfg import formats
from mirrorcfg.errors import FormatError
from mirrorcfg.model.layer import Layer, Reading
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Value
from mirrorcfg.sentence import sentence
from mirrorcfg.writers.containerd import config, hosts

HUB, DEFAULT, FILE, CONFIG = "docker.io", "_default", "hosts.toml", "config.toml"
SOCKET = "/run/containerd/containerd.sock"
_CERTS, _ETC = "certs.d", "/etc/containerd"
_BY_CRI = ("kubelet", "crictl")
_LIMIT = 64  # imported files; a real machine has a handful
_PORT = re.compile(r"(.+)_(\d+)_")
_ANOTHERS = {
    "user": sentence("it belongs to another containerd (the user's)"),
    "system": sentence("it belongs to another containerd (the system's)"),
}
_STALE, _DISPLACED, _LACKS = "stale", "displaced", "lacks "
"""What is seen of a layer's file on the machine, in its `value`."""


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """The system's files; rootless nerdctl has a folder of the user's. Each containerd reads one of them.

    config.toml comes first, then `_default`, Docker Hub's own file, and those of other registries.
    """
    if machine.platform != "linux":
        return ()
    scope = scope or "system"
    home = machine.directory("XDG_CONFIG_HOME", "~/.config") / "containerd" / _CERTS
    usual = machine.path(_ETC) / _CERTS
    files = list(_configs(machine)) if scope == "system" else []
    known = list(_known(machine, files)) or [usual]
    here = home if scope == "user" else _first(machine, known)
    others = {"user": home, "system": usual if scope != "system" else here}
    found = [*files, _seen(machine, Layer(DEFAULT, here / DEFAULT / FILE))]
    if machine.is_dir(here / HUB):
        found[-1] = found[-1]._replace(value=_DISPLACED)
    found += [
        _seen(
            machine,
            Layer(
                each,
                folder / HUB / FILE,
                "user" if each == "user" else "system",
                ignored=None if each == scope else _ANOTHERS[each],
                target=each == scope,
            ),
        )
        for each, folder in others.items()
    ]
    found += [
        Layer(HUB, folder / HUB / FILE, ignored=sentence("{folder} is looked into first", folder=here))
        for folder in known
        if scope == "system" and folder != here and machine.is_file(folder / HUB / FILE)
    ]
    return (*found, *_others(machine, here))


def registry(layer: Layer) -> str:
    """Whose hosts stand in a file, by its folder's name."""
    name = layer.path.parent.name if layer.path is not None else ""
    met = _PORT.fullmatch(name)
    return f"{met[1]}:{met[2]}" if met else name


def beside(target: Layer, name: str) -> Layer:
    """The file of another registry, in the folder that has Docker Hub's."""
    place = re.sub(r":(\d+)$", r"_\1_", name)
    above = target.path.parent.parent if target.path is not None else PurePath(_ETC, _CERTS)
    return Layer(name, above / place / FILE, target.scope, part=True)


def folder(hosts_of: Layer, main: Layer) -> str:
    """The folder that has a file of hosts, as containerd itself names it (`main` is its config.toml)."""
    if hosts_of.path is None or main.path is None:
        return ""
    root = main.path.parents[len(PurePath(_ETC).parts) - 1]
    return str(PurePath("/") / hosts_of.path.parents[1].relative_to(root))


def is_config(layer: Layer) -> bool:
    """Is it config.toml, or a file that it imports?"""
    return layer.name == CONFIG


def _configs(machine: Machine) -> Iterator[Layer]:
    """config.toml and all that it imports, in the order in which they count."""
    runtime = machine.runtime(machine.path(SOCKET), machine.path(_ETC) / CONFIG)
    ignored = None
    if machine.which("nerdctl") and not any(map(machine.which, _BY_CRI)):
        ignored = sentence("nerdctl, which is what pulls here, looks into the folder by itself")
    pending, seen = [machine.path(_ETC) / CONFIG], dict[PurePath, None]()
    while pending and len(seen) < _LIMIT:
        path = pending.pop(0)
        if path in seen:
            continue
        scope: Scope | None = None if seen else "system"
        seen[path] = None
        yield Layer(
            CONFIG, path, scope, ignored=ignored, shared=True, part=scope is not None,
            reader=".".join(map(str, runtime.version)) if runtime else None,
            value=_STALE if runtime and runtime.stale else None,
        )  # fmt: skip
        for pattern in _said(machine, path).get(config.IMPORTS, ()):
            pending += _matching(machine, path.parent / str(pattern))


def is_stale(layer: Layer) -> bool:
    """Does a daemon run that started before its config.toml was changed?"""
    return layer.value == _STALE


def is_displaced(layer: Layer) -> bool:
    """Has Docker Hub a folder of its own beside `_default`, even one with nothing in it?"""
    return layer.value == _DISPLACED


def lacks(reading: Reading) -> str | None:
    """A file that hosts in a file name, and that isn't there: then nothing can be pulled by any of them."""
    missing = (reading.layer.value or "").removeprefix(_LACKS)
    return missing if missing in _files(reading.values) else None


def _seen(machine: Machine, layer: Layer) -> Layer:
    """The layer, and which of the files that it names isn't there."""
    try:
        text = (machine.content(layer.path) or b"").decode() if layer.path else ""
        named = _files(hosts.read(text, formats.toml.read(text)))
    except (FormatError, UnicodeDecodeError):
        return layer
    missing = (each for each in named if layer.path and not machine.is_file(layer.path.parent / str(each)))
    first = next(missing, None)
    return layer if first is None else layer._replace(value=f"{_LACKS}{first}")


def _files(values: Mapping[str, Value]) -> Sequence[str]:
    """The certificates and keys that hosts name."""
    ca, more = values.get("ca-file"), values.get(hosts.FILES)
    return (*([ca] if isinstance(ca, str) else []), *(more if isinstance(more, tuple) else ()))


def _said(machine: Machine, path: PurePath) -> dict[str, tuple[str, ...]]:
    """The lists in a file that tell where others are; what is wrong with it is told where it is read."""
    try:
        text = (machine.content(path) or b"").decode()
        document = formats.toml.read(text)
    except (FormatError, UnicodeDecodeError):
        return {}
    found = document.get(config.IMPORTS)
    return {config.IMPORTS: tuple(map(str, found))} if isinstance(found, list) else {}


def _matching(machine: Machine, pattern: PurePath) -> Sequence[PurePath]:
    """The files that a path with `*` in its last part names, by name; without one it is the path."""
    if "*" not in pattern.name:
        return [pattern]
    names = sorted(name for name in machine.names(pattern.parent) if fnmatchcase(name, pattern.name))
    return [pattern.parent / name for name in names]


def _known(machine: Machine, files: Sequence[Layer]) -> Iterator[PurePath]:
    """The folders that config_path names."""
    readings = []
    for layer in files:
        try:
            text = (machine.content(layer.path) or b"").decode() if layer.path else ""
            readings.append(Reading(layer, config.read(text, formats.toml.read(text))))
        except (FormatError, UnicodeDecodeError):
            return
    number = version(files[0]) if files else ()
    if found := config.merged(readings, number):
        yield from map(machine.path, config.folders(found, number))


def version(layer: Layer) -> tuple[int, ...]:
    """That of the daemon that runs, as far as it is known."""
    return tuple(map(int, layer.reader.split("."))) if layer.reader else ()


def _first(machine: Machine, folders: Sequence[PurePath]) -> PurePath:
    having = (each for each in folders if any(machine.is_dir(each / name) for name in (HUB, DEFAULT)))
    return next(having, folders[0])


def _others(machine: Machine, folder: PurePath) -> Iterator[Layer]:
    for name in sorted(machine.names(folder)):
        if name not in (HUB, DEFAULT) and machine.is_file(folder / name / FILE):
            yield _seen(machine, Layer(name, folder / name / FILE, "system", part=True))
