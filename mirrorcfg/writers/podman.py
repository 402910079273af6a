"""podman, and whatever else reads registries.conf (skopeo, buildah, CRI-O): a drop-in of our own.

Source of the rules: containers-registries.conf(5) and containers-registries.conf.d(5), tried on podman 4.3.
Tables of one prefix replace each other whole, the last file read wins; the home is `$HOME`, never XDG's.
On macOS and Windows podman runs in a machine of its own, whose files are not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from mirrorcfg import formats
from mirrorcfg.formats import Entry, KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past, given_back
from mirrorcfg.model.client import Client, Pull, named
from mirrorcfg.model.layer import Effective, Layer, Reading, Source
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Key, Kind, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.writers import Besides, Case, Question, docker

_ENGINE = (
    "CONTAINER_HOST", "CONTAINER_CONNECTION", "CONTAINER_SSHKEY", "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF", "CONTAINERS_REGISTRIES_CONF", "REGISTRY_AUTH_FILE", "STORAGE_DRIVER",
    "STORAGE_OPTS",
)  # fmt: skip
TOOL = Tool(("podman", "buildah", "skopeo"), follows="docker", images=True, engine=_ENGINE)
KEYS = {
    "registry-mirrors": Key(
        Kind.URLS, "mirrors of Docker Hub, asked in this order before it; a path names a project", always=True
    ),
    "probe": docker.KEYS["probe"],
    "registries": Key(Kind.URL_MAP, "mirrors of other registries, by the registry's name (ghcr.io)"),
}

_AGENT = "containers/5.34.2 (github.com/containers/image)"  # the newest that was tried: podman 5.4's
_HUB = "docker.io"
_FILE = "50-mirrorcfg.conf"
_VARIABLE = "CONTAINERS_REGISTRIES_CONF"


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """registries.conf, then the drop-ins by name: the system's, then the user's.

    Without a scope root's is the system's drop-in, anyone else's the user's.
    """
    if machine.platform != "linux":
        return ()
    scope = scope or ("system" if machine.root_user else "user")
    system, user = machine.path("/etc/containers"), machine.home / ".config" / "containers"
    named, own = machine.environ.get(_VARIABLE), user / "registries.conf"
    theirs = f"{own} is there, so that no file of the system's is read"
    hidden = theirs if not named and machine.is_file(own) else None
    main = [
        Layer("system", system / "registries.conf", ignored=_passed_over(named) or hidden),
        Layer("user", own, ignored=_passed_over(named)),
        *([Layer(_VARIABLE, machine.path(named))] if named else []),
    ]
    return (
        *main,
        *_drop_ins(machine, system / "registries.conf.d", "system", scope, hidden),
        *_drop_ins(machine, user / "registries.conf.d", "user", scope, None),
    )


def read(text: str) -> Mapping[str, Value]:
    """Every `[[registry]]`: Docker Hub's mirrors (none: an empty list), the first one of the others."""
    hub: tuple[str, ...] | None = None
    others: dict[str, str] = {}
    for entry in _entries(text):
        mirrors = tuple(f"https://{mirror['location']}" for mirror in _mirrors(entry))
        if (prefix := _prefix(entry)) == _HUB:
            hub = mirrors
        else:
            others[prefix] = mirrors[0] if mirrors else ""
    found: dict[str, Value] = {} if hub is None else {"registry-mirrors": hub}
    return {**found, "registries": others} if others else found


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """The table of docker.io as `settings` says, and those of the other registries that it names."""
    wanted = _wanted(settings)
    earlier = [_prefix(entry) for entry in _entries(past.left if past else "")]
    others = [prefix for prefix in earlier if prefix not in (*wanted, _HUB)]
    changes: dict[KeyPath, Leaf | Raw | None] = dict(
        given_back(formats.toml, text, past, [_path(text, prefix) for prefix in others])
    )
    changes[_path(text, _HUB)] = None
    for prefix, urls in wanted.items():
        changes[_path(text, prefix)] = _table(_entry(text, prefix), prefix, urls)
    after = formats.toml.edit(text, changes)
    return after if after.strip() or not text.strip() else ""  # what is ours whole is left empty


def revert(text: str, left: str, target: str) -> str:
    """`text` with our tables as `target` has them."""
    names = {_prefix(entry): each for each in (target, left) for entry in _entries(each)}
    paths = [_path(each, name) for name, each in names.items()]
    return formats.keys.revert(formats.toml, text, left, target, paths)


def give_way(text: str, settings: Settings) -> str:
    """No file has to."""
    return text


def besides(case: Case) -> Besides:
    """Nothing."""
    return Besides()


def effective(readings: Sequence[Reading]) -> Effective:
    """The last table of each prefix."""
    settings: dict[str, Value] = {}
    origins: dict[str, tuple[Layer, ...]] = _hiders(readings)
    others: dict[str, str] = {}
    warnings = []
    for layer, values in ((each.layer, each.values) for each in readings if each.layer.ignored is None):
        if "registry-mirrors" in values:
            settings["registry-mirrors"], origins["registry-mirrors"] = values["registry-mirrors"], (layer,)
        if isinstance(found := values.get("registries"), Mapping):
            others |= found
            origins["registries"] = (layer, *origins.get("registries", ()))
            narrower = [prefix for prefix in found if prefix.startswith(f"{_HUB}/")]
            warnings += [f"{layer.label} has a table of its own for {prefix}." for prefix in narrower]
    if settings.get("registry-mirrors") == ():
        del settings["registry-mirrors"]
    if reached := {prefix: url for prefix, url in others.items() if url}:
        settings["registries"] = reached
    return Effective(settings, origins, warnings)


def sources(settings: Settings) -> tuple[Source, ...]:
    """Every mirror."""
    mirrors, others = settings.get("registry-mirrors"), settings.get("registries")
    found = [("registry-mirrors", url, _HUB) for url in mirrors] if isinstance(mirrors, tuple) else []
    found += (
        [("registries", url, name) for name, url in others.items()] if isinstance(others, Mapping) else []
    )
    return tuple(Source("podman", role, url, name) for role, url, name in found)


def environment(settings: Settings) -> Mapping[str, str | None]:
    """None: no variable names a mirror."""
    return {}


def ca_file(machine: Machine, place: str, scope: Scope | None = None) -> PurePath | None:
    """`certs.d`: the system's for root, the user's own otherwise (containers-certs.d(5))."""
    scope = scope or ("system" if machine.root_user else "user")
    if machine.platform != "linux" or scope == "venv":
        return None
    folder = machine.path("/etc") if scope == "system" else machine.home / ".config"
    return folder / "containers" / "certs.d" / place / "ca.crt"


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """It goes with docker's logins, to which it falls back."""
    return Client(
        "podman",
        "registry",
        _AGENT,
        also=named(machine, "SSL_CERT_FILE"),
        ca_by_host=True,
        environ=machine.environ,
        manner="go",
        pull=Pull(ping="met", head="", stays="parts"),
        logins=(docker.logins(machine),),
    )


def questions(machine: Machine) -> Mapping[str, Question]:
    """None: without a mirror the registry itself is asked."""
    return {}


def _passed_over(named: str | None) -> str | None:
    return f"{_VARIABLE} names {named}, which is read in its place" if named else None


def _drop_ins(
    machine: Machine, folder: PurePath, scope: Scope, wanted: Scope, hidden: str | None
) -> Iterable[Layer]:
    for name in sorted({_FILE, *(name for name in machine.names(folder) if name.endswith(".conf"))}):
        ours = name == _FILE
        yield Layer(
            f"{scope} {name}",
            folder / name,
            scope if ours else None,
            ignored=hidden,
            target=ours and scope == wanted,
        )


def _hiders(readings: Sequence[Reading]) -> dict[str, tuple[Layer, ...]]:
    """The user's registries.conf, where it keeps the drop-in that is meant from being read."""
    if not any(each.layer.target and each.layer.ignored for each in readings):
        return {}
    main = tuple(each.layer for each in readings if each.layer.name == "user")
    return {"registry-mirrors": main, "registries": main}


def _entries(text: str) -> list[Mapping[str, object]]:
    found = formats.toml.read(text).get("registry")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _entry(text: str, prefix: str) -> Mapping[str, object]:
    return next((entry for entry in _entries(text) if _prefix(entry) == prefix), {})


def _prefix(entry: Mapping[str, object]) -> str:
    """A table without a prefix has its location as one."""
    return str(entry.get("prefix") or entry.get("location") or "")


def _path(text: str, prefix: str) -> KeyPath:
    entry = _entry(text, prefix)
    return ("registry", Entry("location" if entry and not entry.get("prefix") else "prefix", prefix))


def _mirrors(entry: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = entry.get("mirror")
    mirrors = found if isinstance(found, list) else []
    return [mirror for mirror in mirrors if isinstance(mirror, dict) and mirror.get("location")]


def _wanted(settings: Settings) -> Mapping[str, Sequence[str]]:
    mirrors, others = settings.get("registry-mirrors"), settings.get("registries")
    hub = {_HUB: mirrors} if isinstance(mirrors, tuple) and mirrors else {}
    named = {name: (url,) for name, url in others.items()} if isinstance(others, Mapping) else {}
    return {**named, **hub}


def _table(old: Mapping[str, object], prefix: str, urls: Sequence[str]) -> Mapping[str, object]:
    """A mirror is written without `insecure`: it must prove who it is."""
    place = {} if old else {"prefix": prefix, "location": prefix}
    return {**place, **old, "mirror": [{"location": url.removeprefix("https://")} for url in urls]}
