"""uv: uv.toml, where the index marked `default = true` takes the place of PyPI.

Source of the rules: uv's documentation, "Configuration files" and "Package indexes", tried on uv 0.13.
uv reads neither pip.conf nor PIP_*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from mirrorcfg import formats
from mirrorcfg.formats import Entry, KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past, given_back
from mirrorcfg.model.agent import linehaul
from mirrorcfg.model.client import Client, named, netrc
from mirrorcfg.model.layer import Effective, Layer, Reading, Source
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Key, Kind, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.writers import Question

TOOL = Tool(("uv",), follows="pip", alone=True)
KEYS = {
    "index-url": Key(Kind.URL, "the index that takes the place of PyPI", always=True),
    "find-links": Key(Kind.LINKS, "directories or pages with files to install from"),
    "no-index": Key(Kind.FLAG, "look in find-links only"),
}

_INDEX: KeyPath = ("index", Entry("default", True))
_PATHS: Mapping[str, KeyPath] = {
    "index-url": _INDEX,
    "find-links": ("find-links",),
    "no-index": ("no-index",),
}
_VARIABLES = {
    "UV_FIND_LINKS": "find-links",
    "UV_OFFLINE": "no-index",
    "UV_INDEX_URL": "index-url",  # the old name of the next one, which wins over it
    "UV_DEFAULT_INDEX": "index-url",
    "SSL_CERT_FILE": "ca-file",  # what uv trusts in the place of everything else; no file says that
}
# What may name a setting in a file, weak to strong; an `[[index]]` beats an index-url of any layer (tried).
_SPELLINGS = {
    "index-url": ("index-url", "pip.index-url", "index"),
    "find-links": ("find-links", "pip.find-links"),
    "no-index": ("no-index", "pip.no-index"),
}
_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
_VERSION = "0.9.5"


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """uv's files and variables, weak to strong; a project's file is read, never written."""
    files = [
        Layer("system", _system(machine), "system"),
        Layer("user", _user(machine), "user"),
        *_project(machine),
    ]
    ignored, ignored_by = _ignored(machine)
    if ignored_by == "UV_CONFIG_FILE":
        files.append(Layer("UV_CONFIG_FILE", machine.path(machine.environ["UV_CONFIG_FILE"])))
    return (
        *(
            Layer(
                layer.name,
                layer.path,
                layer.scope,
                ignored=None if layer.name == ignored_by else ignored,
                ignored_by=None if layer.name == ignored_by else ignored_by,
                target=layer.scope == (scope or "user"),
            )
            for layer in files
        ),
        *(
            Layer(name, variable=name, value=machine.environ[name])
            for name in _VARIABLES
            if name in machine.environ
        ),
    )


def read(text: str) -> Mapping[str, Value]:
    """The settings of `uv` itself and, with `pip.` in front, those that only `uv pip` takes."""
    document = formats.toml.read(text)
    data = _table(_table(document, "tool"), "uv") if "tool" in document else document  # a pyproject.toml
    pip = {f"pip.{key}": value for key, value in _settings(_table(data, "pip")).items()}
    return {**_settings(data), **pip}


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """The default index as `settings` says, and of find-links and no-index those that it names."""
    others = [path for key, path in _PATHS.items() if key != "index-url" and key not in settings]
    changes: dict[KeyPath, Leaf | Raw | None] = dict(given_back(formats.toml, text, past, others))
    changes |= {_PATHS[key]: settings[key] for key in _PATHS if key in settings and key != "index-url"}
    url = settings.get("index-url")
    if url is None:
        changes[_INDEX] = None
    else:
        changes[(*_INDEX, "url")] = url
    return formats.toml.edit(text, changes)


def revert(text: str, left: str, target: str) -> str:
    """`text` with our keys as `target` has them."""
    return formats.keys.revert(formats.toml, text, left, target, list(_PATHS.values()))


def effective(readings: Sequence[Reading]) -> Effective:
    """What `uv pip install` uses."""
    settings: dict[str, Value] = {}
    origins: dict[str, tuple[Layer, ...]] = {}
    for key in (*_PATHS, "ca-file"):
        for value, layer in _found(key, readings):
            merged = settings.get(key)
            if isinstance(merged, tuple) and isinstance(
                value, tuple
            ):  # find-links of all layers are searched
                settings[key], origins[key] = (*value, *merged), (layer, *origins[key])
            else:
                settings[key], origins[key] = value, (layer,)
    if settings.get("no-index") is True:
        settings.pop("index-url", None)
        origins["index-url"] = origins["no-index"]
    return Effective(settings, origins)


def sources(settings: Settings) -> tuple[Source, ...]:
    """The index, and those find-links that are addresses."""
    found = [("index-url", settings.get("index-url"))]
    links = settings.get("find-links")
    found += [("find-links", link) for link in links] if isinstance(links, tuple) else []
    return tuple(Source("uv", role, str(url)) for role, url in found if url)


def environment(settings: Settings) -> Mapping[str, str | None]:
    """UV_*, which win over every file; UV_OFFLINE stands for no-index where no link needs the network.

    uv has no variable for no-index, nor for a CA beside the others: SSL_CERT_FILE replaces them all, those
    of other programs too. So a profile with a CA sends uv to the system's store, where that CA may be.
    """
    url, links = settings.get("index-url"), settings.get("find-links")
    found: dict[str, str | None] = {"UV_DEFAULT_INDEX": str(url)} if url else {"UV_DEFAULT_INDEX": None}
    if url is None:
        found["UV_INDEX_URL"] = None  # the old name, which UV_DEFAULT_INDEX wins over
    if isinstance(links, tuple):
        found["UV_FIND_LINKS"] = ",".join(link.replace(",", "%2C") for link in links)
    if settings.get("no-index") is True and not (isinstance(links, tuple) and any(map(_is_remote, links))):
        found["UV_OFFLINE"] = "1"
    if "ca-file" in settings:
        found["UV_SYSTEM_CERTS"] = "1"
    return found


def ca_file(machine: Machine, place: str, scope: Scope | None = None) -> PurePath | None:
    """No such place."""
    return None


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """It speaks HTTP/2 itself, and has its credentials from netrc."""
    return Client(
        "uv",
        "index",
        linehaul("uv", _VERSION),
        http2=True,
        bundles=named(machine, "SSL_CERT_FILE"),
        environ=machine.environ,
        logins=netrc(machine),
    )


def questions(machine: Machine) -> Mapping[str, Question]:
    """uv's own default index, as its help tells it."""
    program = machine.which("uv")
    return (
        {"index-url": Question((str(program), "pip", "install", "--help"), r"by default: <([^>]+)>")}
        if program
        else {}
    )


def _system(machine: Machine) -> PurePath:
    if machine.platform == "win32":
        return machine.directory("PROGRAMDATA", r"C:\ProgramData") / "uv" / "uv.toml"
    for folder in (machine.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":"):
        path = machine.path(folder) / "uv" / "uv.toml"
        if folder and machine.is_file(path):
            return path
    return machine.path("/etc/uv/uv.toml")


def _user(machine: Machine) -> PurePath:
    if machine.platform == "win32":
        return machine.directory("APPDATA", str(machine.home / "AppData" / "Roaming")) / "uv" / "uv.toml"
    return machine.directory("XDG_CONFIG_HOME", "~/.config") / "uv" / "uv.toml"


def _project(machine: Machine) -> Iterable[Layer]:
    """The file of the nearest project; in one folder uv.toml is taken before pyproject.toml."""
    for folder in (machine.cwd, *machine.cwd.parents) if machine.cwd else ():
        for name in ("uv.toml", "pyproject.toml"):
            if machine.is_file(folder / name):
                return (Layer("project", folder / name),)
    return ()


def _ignored(machine: Machine) -> tuple[str | None, str | None]:
    if machine.environ.get("UV_NO_CONFIG", "").lower() in _TRUE:
        return "UV_NO_CONFIG is set, so uv reads no file at all", "UV_NO_CONFIG"
    if named := machine.environ.get("UV_CONFIG_FILE"):
        return f"UV_CONFIG_FILE names {named}, so uv reads no other file", "UV_CONFIG_FILE"
    return None, None


def _table(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def _settings(data: Mapping[str, object]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    indexes = data.get("index")
    for index in indexes if isinstance(indexes, list) else ():
        if isinstance(index, dict) and index.get("default") is True:
            found.setdefault("index", str(index.get("url")))
    if isinstance(url := data.get("index-url"), str):
        found["index-url"] = url
    if isinstance(links := data.get("find-links"), list):
        found["find-links"] = tuple(map(str, links))
    if isinstance(no_index := data.get("no-index"), bool):
        found["no-index"] = no_index
    return found


def _found(key: str, readings: Sequence[Reading]) -> Iterable[tuple[Value, Layer]]:
    """Weak to strong."""
    files = [each for each in readings if each.layer.variable is None and each.layer.ignored is None]
    for spelling in _SPELLINGS.get(key, ()):
        for reading in files:
            if spelling in reading.values:
                yield reading.values[spelling], reading.layer
    set_ = {reading.layer.variable: reading.layer for reading in readings if reading.layer.value}
    for variable, layer in ((name, set_[name]) for name in _VARIABLES if name in set_):
        if _VARIABLES[variable] == key:
            yield _from_variable(key, layer.value or ""), layer


def _from_variable(key: str, text: str) -> Value:
    if key == "find-links":
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text.lower() in _TRUE if key == "no-index" else text


def _is_remote(link: str) -> bool:
    return "://" in link and not link.startswith("file:")
