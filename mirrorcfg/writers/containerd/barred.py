"""What keeps containerd's CRI from looking into the folder that has the hosts, and the lines that mend it."""

from __future__ import annotations

from mirrorcfg.model.layer import Barred, Reading
from mirrorcfg.sentence import sentence
from mirrorcfg.writers.containerd import config, places
from mirrorcfg.writers.containerd.config import Number, Registry

_RESTART = "sudo systemctl restart containerd"


def by(registry: Registry, daemon: Number, served: Reading, folder: str) -> Barred | None:
    """The first thing that does, as that version has it; `served` are Docker Hub's hosts, below `folder`."""
    path, said = registry.layer.path, registry.folder

    def bar(option: str, value: str, why: str, mend: str) -> Barred:
        return Barred(option, value, registry.layer, why, mend)

    if registry.disabled is not None:
        path = registry.disabled.path
        why = sentence(
            "{path} disables the CRI plugin: only nerdctl, and ctr with --hosts-dir, look into {folder}.",
            path=path,
            folder=folder,
        )
        mend = sentence(
            "take the plugin out of disabled_plugins in {path}; {restart}", path=path, restart=_RESTART
        )
        return Barred("disabled_plugins", "cri", registry.disabled, why, mend)
    if said and (both := _excluded(registry, daemon)):
        why = sentence(
            "{path} has config_path and registry.{key}, which exclude each other:"
            " the CRI plugin doesn't load.",
            path=path,
            key=both,
        )
        mend = sentence("take registry.{key} out of {path}; {restart}", key=both, path=path, restart=_RESTART)
        return bar(both, "set", why, mend)
    if registry.mirrors and not said:
        why = sentence("{path} has registry.mirrors, with which containerd looks into no folder.", path=path)
        lines = _lines(registry, folder)
        mend = sentence("take them out of {path}, and then {lines}", path=path, lines=lines)
        return bar("mirrors", "set", why, mend)
    if registry.version <= 1 and daemon >= (2,):
        why = sentence(
            "{path} is of version 1, of which containerd 2 takes no settings of registries.", path=path
        )
        return bar("version", "1", why, "containerd config migrate prints it as version 3")
    if not said and not config.folders(registry, daemon):
        why = sentence(
            "{path} has no config_path, without which containerd's CRI looks into no folder.", path=path
        )
        return bar("config_path", "not set", why, _lines(registry, folder))
    if not config.folders(registry, daemon):
        why = sentence(
            "{path} has a list for config_path, which containerd 2.1 and later take for the name"
            " of one folder.",
            path=path,
        )
        return bar("config_path", said or "a list", why, _lines(registry, folder))
    if places.is_stale(registry.layer):
        why = sentence("{path} was changed since containerd started, which reads it only then.", path=path)
        return bar("config_path", "not read yet", why, _RESTART)
    if missing := places.lacks(served):
        path = served.layer.path
        why = sentence(
            "{path} names {missing}, which isn't there: nothing can be pulled from docker.io.",
            path=path,
            missing=missing,
        )
        mend = sentence("put it there, or take it out of {path}", path=path)
        return Barred("ca", missing, served.layer, why, mend)
    return None


def _excluded(registry: Registry, daemon: Number) -> str | None:
    """What the plugin doesn't load with beside config_path."""
    if registry.mirrors:
        return "mirrors"
    old = daemon < (2,) if daemon else registry.version < 3
    return "configs" if registry.tls and old else None


def _lines(registry: Registry, folder: str) -> str:
    path = registry.layer.path
    header, line = config.lines_of(registry.version, folder)
    if registry.there:
        return sentence(
            "in {path}, below {header}: {line}; {restart}",
            path=path,
            header=header,
            line=line.strip(),
            restart=_RESTART,
        )
    lines = f"{header}\n{line}"
    return sentence("add to {path}, then {restart}:\n{lines}", path=path, restart=_RESTART, lines=lines)
