"""pip: pip.conf (pip.ini on Windows), merged over files first and over sections second.

Source of the rules: pip's documentation, "Configuration", and pip/_internal/configuration.py (23.2 to 26).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath

from mirrorcfg import formats
from mirrorcfg.formats import KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past, given_back
from mirrorcfg.model.layer import Effective, Layer, Reading, Source, of_variables
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Key, Kind, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.writers import Besides, Question
from mirrorcfg.writers.pip.client import client as client

TOOL = Tool(("pip", "pip3"), locale=True, alone=True)
KEYS = {
    "index-url": Key(
        Kind.URL,
        "the index that every package is looked up in",
        always=True,
        example="https://${host}/pypi/simple",
    ),
    "extra-index-urls": Key(Kind.URLS, "further indexes; pip gives none of them priority"),
    "find-links": Key(Kind.LINKS, "directories or pages with files to install from"),
    "no-index": Key(Kind.FLAG, "look in find-links only"),
}

_OPTION = {
    "index-url": "index-url",
    "extra-index-urls": "extra-index-url",
    "find-links": "find-links",
    "no-index": "no-index",
    "ca-file": "cert",
}
_LISTS = ("extra-index-urls", "find-links")
_COMMANDS = ("install", "download", "wheel")
_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})  # distutils' strtobool, which pip uses


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """pip's files and variables, weak to strong."""
    files = (*_system(machine), *_user(machine), *_site(machine))
    named = machine.environ.get("PIP_CONFIG_FILE")
    if named is not None:
        files = (*files, Layer("PIP_CONFIG_FILE", machine.path(named)))
    target = _target(files, scope or "user", machine)
    return (
        *(_marked(layer, machine, named, target) for layer in files),
        *of_variables(machine, _VARIABLES),
    )


def read(text: str) -> Mapping[str, Value]:
    """Every option of every section as `section.option`, names as pip normalises them."""
    return {
        f"{section}.{option}": value
        for section, options in formats.ini.read(text).items()
        for option, value in options.items()
    }


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """`[global]` with index-url as `settings` says, and of the other options those that it names."""
    others = [_path(key) for key in _OPTION if key != "index-url" and key not in settings]
    changes: dict[KeyPath, Leaf | Raw | None] = dict(given_back(formats.ini, text, past, others))
    changes[_path("index-url")] = settings.get("index-url")
    changes |= {_path(key): settings[key] for key in _OPTION if key in settings}
    return formats.ini.edit(text, changes)


def revert(text: str, left: str, target: str) -> str:
    """`text` with our options of `[global]` as `target` has them."""
    return formats.keys.revert(formats.ini, text, left, target, [_path(key) for key in _OPTION])


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
    """What `pip install` uses; a warning where another command that downloads would use something else."""
    merged = _merged(readings)
    install = _resolved(merged, "install")
    warnings = tuple(
        f"[{command}] in {layer} gives `pip {command}` another {key}."
        for command in _COMMANDS[1:]
        for key, layer in _differences(install, _resolved(merged, command))
    )
    return Effective(install.settings, install.origins, warnings)


def sources(settings: Settings) -> tuple[Source, ...]:
    """The indexes, and those find-links that are addresses."""
    found = [("index-url", settings.get("index-url"))]
    found += [(key, url) for key in _LISTS for url in _sequence(settings.get(key))]
    return tuple(Source("pip", key, str(url)) for key, url in found if url)


def environment(settings: Settings) -> Mapping[str, str | None]:
    """PIP_*, which win over every section of every file; a list is separated by spaces."""
    found: dict[str, str | None] = {"PIP_INDEX_URL": None}
    for key, option in _OPTION.items():
        if (value := settings.get(key)) is not None:
            found[_variable(option)] = _words(value)
    return found


def ca_file(machine: Machine, place: str, scope: Scope | None = None) -> PurePath | None:
    """No such place."""
    return None


def questions(machine: Machine) -> Mapping[str, Question]:
    """pip's own default index, asked of the pip that is here."""
    program = machine.which("pip") or machine.which("pip3")
    if program is None:
        return {}
    python = machine.which(str(program.parent / "python3")) or machine.which("python3")
    script = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return {"index-url": Question((str(python), "-I", "-c", script))} if python else {}


def _variable(option: str) -> str:
    return "PIP_" + option.upper().replace("-", "_")


def _words(value: Value) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return " ".join(_sequence(value)) if isinstance(value, tuple) else str(value)


# Weak to strong. The last two are those of requests, with which pip speaks: they win over any `cert` (tried).
_VARIABLES = {_variable(option): option for option in _OPTION.values()}
_VARIABLES |= {"CURL_CA_BUNDLE": "cert", "REQUESTS_CA_BUNDLE": "cert"}


def _path(key: str) -> KeyPath:
    return ("global", _OPTION[key])


def _system(machine: Machine) -> tuple[Layer, ...]:
    match machine.platform:
        case "win32":
            programs = machine.directory("PROGRAMDATA", r"C:\ProgramData")
            return (Layer("global", programs / "pip" / "pip.ini", "system"),)
        case "darwin":
            support = machine.path("/Library/Application Support")
            return (Layer("global", support / "pip" / "pip.conf", "system"),)
        case _:
            dirs = [
                part for part in (machine.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":") if part
            ]
            xdg = tuple(Layer("global", machine.path(part) / "pip" / "pip.conf", None) for part in dirs)
            return (*xdg, Layer("global", machine.path("/etc/pip.conf"), "system"))


def _user(machine: Machine) -> tuple[Layer, ...]:
    if machine.platform == "win32":
        roaming = machine.directory("APPDATA", str(machine.home / "AppData" / "Roaming"))
        return (
            Layer("user (old place)", machine.home / "pip" / "pip.ini", "user"),
            Layer("user", roaming / "pip" / "pip.ini", "user"),
        )
    config = machine.directory("XDG_CONFIG_HOME", "~/.config") / "pip"
    if machine.platform == "darwin":
        support = machine.home / "Library" / "Application Support" / "pip"
        config = support if machine.is_dir(support) else machine.home / ".config" / "pip"
    return (
        Layer("user (old place)", machine.home / ".pip" / "pip.conf", "user"),
        Layer("user", config / "pip.conf", "user"),
    )


def _site(machine: Machine) -> tuple[Layer, ...]:
    """`sys.prefix` of the pip that is on PATH: the virtual environment's, where one is active."""
    name = "pip.ini" if machine.platform == "win32" else "pip.conf"
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if prefix := machine.environ.get(variable):
            return (Layer("venv", machine.path(prefix) / name, "venv"),)
    program = machine.which("pip")
    return (Layer("site", program.parent.parent / name, None),) if program else ()


def _target(files: Sequence[Layer], scope: Scope, machine: Machine) -> PurePath | None:
    """The strongest file of the scope that is there already, else the strongest one."""
    candidates = [layer.path for layer in files if layer.scope == scope and layer.path is not None]
    existing = [path for path in candidates if machine.is_file(path)]
    return next(reversed(existing or candidates), None)


def _marked(layer: Layer, machine: Machine, named: str | None, target: PurePath | None) -> Layer:
    ignored = None
    if named is not None:
        if named.lower() == ("nul" if machine.platform == "win32" else "/dev/null"):
            ignored = f"PIP_CONFIG_FILE is {named}, so pip reads no file at all"
        elif layer.scope == "user" and machine.is_file(machine.path(named)):
            ignored = f"PIP_CONFIG_FILE names {named}, so pip reads no user file"
    return layer._replace(
        ignored=ignored,
        ignored_by="PIP_CONFIG_FILE" if ignored else None,
        target=target is not None and layer.path == target,
    )


_Merged = Mapping[str, tuple[str, Layer]]


def _merged(readings: Sequence[Reading]) -> _Merged:
    """Files over one another first: a stronger empty value hides a weaker one, and is then passed over."""
    merged: dict[str, tuple[str, Layer]] = {}
    for reading in readings:
        layer = reading.layer
        if layer.variable is not None:
            merged[f":env:.{_VARIABLES[layer.variable]}"] = (layer.value or "", layer)
        elif layer.ignored is None:
            merged |= {key: (str(value), layer) for key, value in reading.values.items()}
    return {key: found for key, found in merged.items() if found[0]}


def _resolved(merged: _Merged, command: str) -> Effective:
    settings: dict[str, Value] = {}
    origins: dict[str, tuple[Layer, ...]] = {}
    for key, option in _OPTION.items():
        for section in ("global", command, ":env:"):
            if found := merged.get(f"{section}.{option}"):
                settings[key], origins[key] = _value(key, found[0]), (found[1],)
    if settings.get("no-index") is True:  # pip then asks no index, whatever is set
        for key in ("index-url", "extra-index-urls"):
            settings.pop(key, None)
            origins[key] = origins["no-index"]
    return Effective(settings, origins)


def _value(key: str, text: str) -> Value:
    if key in _LISTS:
        return tuple(text.split())
    return text.strip().lower() in _TRUE if key == "no-index" else text.strip()


def _differences(one: Effective, other: Effective) -> list[tuple[str, str]]:
    return [
        (key, other.origins[key][0].label)
        for key in _OPTION
        if one.settings.get(key) != other.settings.get(key) and key in other.origins
    ]


def _sequence(value: Value | None) -> Sequence[str]:
    return value if isinstance(value, tuple) else ()
