"""What keeps containerd's CRI from looking into the folder that has the hosts, and the lines that mend it."""

from __future__ import annotations

from mirrorcfg.model.layer import Barred, Reading
from mirrorcfg.sentence import sentence
from mirrorcfg.writers.containerd import config, places
from mirrorcfg.writers.containerd.config import Number, Registry

_RESTART = "sudo systemctl restart containerd"


def by(registry: Registry, daemon: Number, served: Reading, folder: str) -> Barred | None:
    """The first thing that does, as that version has it; `served` are Docker Hub's hosts, below `folder`."""
    at, said = registry.layer.path, registry.folder

    def bar(option: str, value: str, why: str, mend: str) -> Barred:
        return Barred(option, value, registry.layer, f"{at} {why}", mend)

    if registry.disabled is not None:
        place = registry.disabled.path
        why = sentence(
            "{place} disables the CRI plugin: only nerdctl, and ctr with --hosts-dir, look into {folder}.",
            place=place,
            folder=folder,
        )
        mend = sentence(
            "take the plugin out of disabled_plugins in {place}; {restart}", place=place, restart=_RESTART
        )
        return Barred("disabled_plugins", "cri", registry.disabled, why, mend)
    if said and (both := _excluded(registry, daemon)):
        why = sentence(
            "has config_path and registry.{both}, which exclude each other: the CRI plugin doesn't load.",
            both=both,
        )
        return bar(
            both,
            "set",
            why,
            sentence("take registry.{both} out of {at}; {restart}", both=both, at=at, restart=_RESTART),
        )
    if registry.mirrors and not said:
        why = "has registry.mirrors, with which containerd looks into no folder."
        return bar(
            "mirrors",
            "set",
            why,
            sentence("take them out of {at}, and then {lines}", at=at, lines=_lines(registry, folder)),
        )
    if registry.version <= 1 and daemon >= (2,):
        why = "is of version 1, of which containerd 2 takes no settings of registries."
        return bar("version", "1", why, "containerd config migrate prints it as version 3")
    if not said and not config.folders(registry, daemon):
        why = "has no config_path, without which containerd's CRI looks into no folder."
        return bar("config_path", "not set", why, _lines(registry, folder))
    if not config.folders(registry, daemon):
        why = "has a list for config_path, which containerd 2.1 and later take for the name of one folder."
        return bar("config_path", said or "a list", why, _lines(registry, folder))
    if places.is_stale(registry.layer):
        why = "was changed since containerd started, which reads it only then."
        return bar("config_path", "not read yet", why, _RESTART)
    if missing := places.lacks(served):
        place = served.layer.path
        why = sentence(
            "{place} names {missing}, which isn't there: nothing can be pulled from docker.io.",
            place=place,
            missing=missing,
        )
        return Barred(
            "ca", missing, served.layer, why, sentence("put it there, or take it out of {place}", place=place)
        )
    return None


def _excluded(registry: Registry, daemon: Number) -> str | None:
    """What the plugin doesn't load with beside config_path."""
    if registry.mirrors:
        return "mirrors"
    old = daemon < (2,) if daemon else registry.version < 3
    return "configs" if registry.tls and old else None


def _lines(registry: Registry, folder: str) -> str:
    header, line = config.lines_of(registry.version, folder)
    if registry.there:
        return sentence(
            "in {path}, below {header}: {strip}; {restart}",
            path=registry.layer.path,
            header=header,
            strip=line.strip(),
            restart=_RESTART,
        )
    return f"add to {registry.layer.path}, then {_RESTART}:\n{header}\n{line}"
