"""config.toml: where the CRI plugin is told which folder has the hosts.

Source of the rules: containerd's docs/cri/registry.md, cmd/containerd/server/config and plugins/cri; tried on
1.6, 1.7 and 2.1 by CRI. Each version of the file has its registry's settings at another place. `mirrors` and
`config_path` exclude each other: with both the plugin doesn't load.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mirrorcfg import formats
from mirrorcfg.errors import FormatError
from mirrorcfg.formats import KeyPath
from mirrorcfg.formats.toml_scan import line_of
from mirrorcfg.model.layer import Layer, Reading
from mirrorcfg.model.settings import Settings, Value
from mirrorcfg.sentence import sentence

VERSION, TOLD, IMPORTS, DISABLED = "version", "version-said", "imports", "disabled-plugins"
FOLDER = "config-path"
_PLUGINS: Mapping[int, tuple[str, ...]] = {
    1: ("plugins", "cri"),
    2: ("plugins", "io.containerd.grpc.v1.cri"),
    3: ("plugins", "io.containerd.cri.v1.images"),
}
"""Where the plugin's table stands, by the version that the file says it has; none is 1."""
_OFF = frozenset(
    ("cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime")
)
_LOCAL = {
    "use_local_image_pull": False, "discard_unpacked_layers": False, "disable_snapshot_annotations": True,
    "max_concurrent_downloads": 3, "image_pull_with_sync_fs": False,
}  # fmt: skip
"""Another value than these has 2.1 and later pull images as versions before did."""

_NEW = 2  # the version of a file that isn't there yet: every containerd reads it

Number = tuple[int, ...]


class Registry(NamedTuple):
    """What all the files make of the registry's settings, and the one that has the last word.

    `mirrors` are the endpoints by registry that stand in config.toml itself; `there` is whether the file has
    a table for all that.
    """

    layer: Layer
    version: int = 0
    folder: str = ""
    mirrors: Mapping[str, str] = {}
    tls: bool = False
    local: bool = False
    there: bool = False
    disabled: Layer | None = None


def read(text: str, document: Mapping[str, Any]) -> Mapping[str, Value]:
    """What of the file matters: its version, imports, what is disabled, and each place of the registry's."""
    found: dict[str, Value] = {}
    for key, name in (("imports", IMPORTS), ("disabled_plugins", DISABLED)):
        if isinstance(value := document.get(key), list):
            found[name] = tuple(map(str, value))
    found |= {VERSION: str(_version(document)), TOLD: "version" in document}
    for version, path in _PLUGINS.items():
        if (plugin := _table(document, path)) is not None:
            found |= {f"{version}.{key}": value for key, value in _registry(text, plugin, path).items()}
    return found


def edit(text: str, settings: Settings) -> str:
    """The folder set at the place that the file's version has for it; a new file is of version 2."""
    document = formats.toml.read(text)
    folder = str(settings[FOLDER])
    if not text.strip():
        lines = [f"version = {_NEW}", "", *lines_of(_NEW, folder)]
        return text + "\n".join(lines) + "\n"
    return formats.toml.edit(text, {_place(_version(document)): folder})


def revert(text: str, left: str, target: str) -> str:
    """`text` with the folder as `target` has it."""
    return formats.keys.revert(formats.toml, text, left, target, [_place(each) for each in _PLUGINS])


def lines_of(version: int, folder: str) -> list[str]:
    """The lines that a person would add."""
    plugins, plugin = _PLUGINS[min(max(version, 1), 3)]
    quoted = plugin if plugin.isalpha() else f'"{plugin}"'
    return [f"[{plugins}.{quoted}.registry]", f'  config_path = "{folder}"']


def merged(readings: Sequence[Reading], daemon: Number) -> Registry | None:
    """What a containerd of that version (empty: as the file has it) makes of its files, in their order."""
    if not readings:
        return None
    main = int(str(readings[0].values.get(VERSION, _NEW)))
    modern = daemon >= (2,) if daemon else main >= 3
    by_place: dict[int, Registry] = {}
    disabled = None
    for layer, values, _ in readings:
        own = int(str(values.get(VERSION, main))) if modern and values.get(TOLD) else main
        for place in _places(own, modern=modern):
            if f"{place}.there" in values:
                before = by_place.get(place, Registry(layer, main))
                by_place[place] = _with(before, layer, values, place, whole=not modern)
        disabled = layer if _disables(values.get(DISABLED)) else disabled
    counts = [each for place in (2, 3, 1) if (each := by_place.get(place))]
    found = next((each for each in counts if each.there), Registry(readings[0].layer, main))
    return found._replace(local=any(each.local for each in counts), disabled=disabled)


def folders(registry: Registry, daemon: Number) -> tuple[str, ...]:
    """Where hosts are looked for, the first that has the registry's counts; none where nobody looks.

    2.1 and later take a list for the name of one folder, but where they pull as versions before did; 2.2 and
    later have one of their own.
    """
    said = registry.folder
    if not said and not registry.mirrors and daemon >= (2, 2):
        said = "/etc/containerd/certs.d:/etc/docker/certs.d"
    modern = daemon >= (2, 1) if daemon else registry.version >= 3
    if ":" in said and modern and not registry.local:
        return ()
    return tuple(each for each in said.split(":") if each)


def _places(version: int, *, modern: bool) -> tuple[int, ...]:
    """Which places count, weak to strong: 2.x brings a file of version 2 to its own form."""
    if modern:
        return (3, 2) if version == 2 else (3,)
    return (2,) if version >= 2 else (1,)


def _with(found: Registry, layer: Layer, values: Mapping[str, Value], place: int, *, whole: bool) -> Registry:
    """One more file over the others; before 2.0 its plugin's table takes the place of theirs `whole`."""

    def said(key: str) -> Value | None:
        return values.get(f"{place}.{key}")

    mirrors, folder = said("mirrors"), str(said(FOLDER) or "")
    ours = {} if whole else found.mirrors
    return found._replace(
        layer=layer if whole or folder or mirrors else found.layer,
        folder=folder if whole else folder or found.folder,
        mirrors={**ours, **mirrors} if isinstance(mirrors, Mapping) else ours,
        tls=bool(said("tls")) or (found.tls and not whole),
        local=bool(said("local")) or (found.local and not whole),
        there=bool(said("registry")) or (found.there and not whole),
    )


def _registry(text: str, plugin: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Value]:
    registry = plugin.get("registry")
    found: dict[str, Value] = {"there": True, "registry": isinstance(registry, dict)}
    table = registry if isinstance(registry, dict) else {}
    folder, mirrors, configs = (table.get(key) for key in ("config_path", "mirrors", "configs"))
    if not isinstance(folder or "", str):
        where = (*path, "registry", "config_path")
        what = sentence("config_path is no text; containerd doesn't start with it.")
        raise FormatError("wrong-type", what, line=line_of(text, where), key=".".join(where))
    if folder:
        found[FOLDER] = folder
    if isinstance(mirrors, dict) and mirrors:
        found["mirrors"] = {name: " ".join(_endpoints(each)) for name, each in mirrors.items()}
    known = configs.values() if isinstance(configs, dict) else ()
    found["tls"] = any(isinstance(each, dict) and "tls" in each for each in known)
    others = any(plugin.get(key, usual) != usual for key, usual in _LOCAL.items())
    found["local"] = bool(mirrors or configs or table.get("auths") or others)
    return found


def _endpoints(mirror: object) -> list[str]:
    found = mirror.get("endpoint") if isinstance(mirror, dict) else None
    named = [str(each) for each in found] if isinstance(found, list) else []
    return [each if "://" in each else f"https://{each}" for each in named]


def _disables(names: Value | None) -> bool:
    return isinstance(names, tuple) and not _OFF.isdisjoint(names)


def _table(document: Mapping[str, Any], path: Sequence[str]) -> Mapping[str, Any] | None:
    found: Any = document
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _version(document: Mapping[str, Any]) -> int:
    found = document.get("version")
    return found if isinstance(found, int) else 1


def _place(version: int) -> KeyPath:
    return (*_PLUGINS[min(max(version, 1), 3)], "registry", "config_path")
