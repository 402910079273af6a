"""uv: uv.toml, where the index marked `default = true` takes the place of PyPI.

Source of the rules: uv's documentation, "Configuration files" and "Package indexes", tried on uv 0.13.
uv reads neither pip.conf nor PIP_*.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath

from mirrorcfg import formats
from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Entry, KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past, given_back
from mirrorcfg.model.layer import Beside, Effective, Layer, Reading, Source, of_variables
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Key, Kind, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.writers import Besides, Question
from mirrorcfg.writers.uv.client import client as client

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
    "UV_EXTRA_INDEX_URL": "extra-index-url",
    "UV_INDEX": "indexes",
    "SSL_CERT_FILE": "ca-file",  # what uv trusts in the place of everything else; no file says that
}
# What may name a setting in a file, weak to strong; an `[[index]]` beats an index-url of any layer (tried).
_SPELLINGS = {
    "index-url": ("index-url", "pip.index-url", "index"),
    "find-links": ("find-links", "pip.find-links"),
    "no-index": ("no-index", "pip.no-index"),
}
_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
# What is asked before the default index, in this order (tried on 0.13.9); one is taken once for each name.
_FIRST = ("indexes", "pip.extra-index-url", "extra-index-url")
_NAMED = re.compile(r"([\w.-]+)=(?=\w+:)")
_FOREIGN = ("tool", "project", "build-system")  # of a pyproject.toml; uv takes nothing that it doesn't know
_FIRST_VARIABLES = ("UV_INDEX", "UV_EXTRA_INDEX_URL")
_TOOL = "tool.uv"  # is in what a pyproject.toml says, if it says anything of uv
_PROJECT = ("uv.toml", "pyproject.toml")


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
    marked = [
        layer._replace(ignored=ignored, ignored_by=ignored_by) if layer.name != ignored_by else layer
        for layer in files
    ]
    placed = [layer._replace(target=layer.scope == (scope or "user")) for layer in marked]
    return (*placed, *of_variables(machine, _VARIABLES))


def read(text: str) -> Mapping[str, Value]:
    """The settings of `uv` itself and, with `pip.` in front, those that only `uv pip` takes."""
    document = formats.toml.read(text)
    if "tool" not in document:
        return _read(document)
    found = _table(document, "tool").get("uv")  # of a pyproject.toml
    return {_TOOL: True, **_read(found)} if isinstance(found, Mapping) else {}


def _read(data: Mapping[str, object]) -> Mapping[str, Value]:
    pip = {f"pip.{key}": value for key, value in _settings(_table(data, "pip")).items()}
    return {**_settings(data), **pip}


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """The default index as `settings` says, and of find-links and no-index those that it names."""
    for name in _FOREIGN:
        if name in formats.toml.read(text):
            what = f"[{name}] is no field of uv.toml, and uv refuses the whole file for it."
            raise FormatError("unknown-field", what, key=name, hint="it belongs into a pyproject.toml")
    others = [path for key, path in _PATHS.items() if key != "index-url" and key not in settings]
    changes: dict[KeyPath, Leaf | Raw | None] = dict(given_back(formats.toml, text, past, others))
    changes |= {_PATHS[key]: settings[key] for key in _PATHS if key in settings and key != "index-url"}
    url = settings.get("index-url")
    changes |= {_INDEX: None} if url is None else {(*_INDEX, "url"): url}
    return formats.toml.edit(text, changes)


def revert(text: str, left: str, target: str) -> str:
    """`text` with our keys as `target` has them."""
    return formats.keys.revert(formats.toml, text, left, target, list(_PATHS.values()))


def give_way(text: str, settings: Settings) -> str:
    """No file has to."""
    return text


def besides(
    text: str,
    own: Sequence[Reading],
    after: Sequence[Reading],
    settings: Settings,
    mirrors: Callable[[], Sequence[Settings]],
) -> Besides:
    """Nothing."""
    return Besides()


def effective(readings: Sequence[Reading]) -> Effective:
    """What `uv pip install` uses."""
    readings = _with_one_project(readings)
    settings: dict[str, Value] = {}
    origins: dict[str, tuple[Layer, ...]] = {}
    for key in (*_PATHS, "ca-file"):
        for value, layer in _found(key, readings):
            merged = settings.get(key)
            if isinstance(merged, tuple) and isinstance(value, tuple):  # those of all layers are searched
                settings[key], origins[key] = (*value, *merged), (layer, *origins[key])
            else:
                settings[key], origins[key] = value, (layer,)
    if settings.get("no-index") is True:
        settings.pop("index-url", None)
        origins["index-url"] = origins["no-index"]
        return Effective(settings, origins)
    return Effective(settings, origins, first=_asked_first(readings))


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
    found: dict[str, str | None] = {"UV_DEFAULT_INDEX": str(url) if url else None}
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


def questions(machine: Machine) -> Mapping[str, Question]:
    """uv's own default index, as its help tells it."""
    if (program := machine.which("uv")) is None:
        return {}
    return {"index-url": Question((str(program), "pip", "install", "--help"), r"by default: <([^>]+)>")}


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
    """Where a project may have its settings, farthest first: a pyproject.toml may say nothing of uv.

    In one folder uv.toml is taken before pyproject.toml, and above a uv.toml nothing is looked for.
    """
    found: list[Layer] = []
    for folder in (machine.cwd, *machine.cwd.parents) if machine.cwd else ():
        name = next((name for name in _PROJECT if machine.is_file(folder / name)), None)
        found = [Layer("project", folder / name), *found] if name else found
        if name == _PROJECT[0]:
            break
    return found


def _with_one_project(readings: Sequence[Reading]) -> Sequence[Reading]:
    """Without the files of projects but the nearest that says something of uv."""
    found = [each for each in readings if each.layer.name == "project"]
    found = [each for each in found if _TOOL in each.values or not str(each.layer.path).endswith(_PROJECT[1])]
    return [each for each in readings if each.layer.name != "project" or each in found[-1:]]


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
        elif isinstance(index, dict) and index.get("explicit") is not True and "url" in index:
            name = f"{index['name']}=" if "name" in index else ""
            found["indexes"] = (*_sequence(found.get("indexes")), f"{name}{index['url']}")
    if isinstance(url := data.get("index-url"), str):
        found["index-url"] = url
    if isinstance(extra := data.get("extra-index-url"), list):
        found["extra-index-url"] = tuple(map(str, extra))
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


def _asked_first(readings: Sequence[Reading]) -> list[Beside]:
    """Those of the variables, then those of the files, the strongest first; each name counts once."""
    set_ = {reading.layer.variable: reading.layer for reading in readings if reading.layer.value}
    files = [each for each in reversed(readings) if each.layer.variable is None and not each.layer.ignored]
    said = [((set_[name].value or "").split(), set_[name]) for name in _FIRST_VARIABLES if name in set_]
    said += [([*_sequence(each.values.get(key))], each.layer) for key in _FIRST for each in files]
    found: dict[str, Beside] = {}
    for texts, layer in said:
        for text in texts:
            name = _NAMED.match(text)
            url = text[name.end() :] if name else text
            found.setdefault(name[1] if name else url, Beside(Source("uv", "index", url), layer))
    return list(found.values())


def _sequence(value: Value | None) -> Sequence[str]:
    return value if isinstance(value, tuple) else ()


def _from_variable(key: str, text: str) -> Value:
    if key == "find-links":
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text.lower() in _TRUE if key == "no-index" else text


def _is_remote(link: str) -> bool:
    return "://" in link and not link.startswith("file:")
