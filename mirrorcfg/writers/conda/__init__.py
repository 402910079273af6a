"""conda: .condarc files, all of which are merged; a list or a map is the union of every layer's.

Source of the rules: conda's documentation, "Using the .condarc file", and conda/base/constants.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from mirrorcfg import formats
from mirrorcfg.errors import FormatError
from mirrorcfg.formats import KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past, given_back
from mirrorcfg.model.layer import Effective, Layer, Reading, Source, of_variables
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Key, Kind, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.writers import Question
from mirrorcfg.writers.conda import channels
from mirrorcfg.writers.conda.client import client as client

_START = ("https://${host}/conda/pkgs/main",)
TOOL = Tool(("conda", "mamba", "micromamba"))
KEYS = {
    "default-channels": Key(Kind.LINKS, "what the channel named `defaults` stands for", True, example=_START),
    "channel-alias": Key(Kind.URL, "the address that is put before a channel's bare name", always=True),
    "custom-channels": Key(Kind.URL_MAP, "the base address of single channels, by name"),
    "channels": Key(Kind.NAMES, "the channels to search, the first one first"),
    "show-channel-urls": Key(Kind.FLAG, "show where each package comes from"),
}

_OPTION = {
    "default-channels": "default_channels",
    "channel-alias": "channel_alias",
    "custom-channels": "custom_channels",
    "channels": "channels",
    "show-channel-urls": "show_channel_urls",
    "ca-file": "ssl_verify",
}
_LISTS = ("default-channels", "channels")
_FINALS = "#!final"
_FILES = (".condarc", "condarc")
_TRUE = frozenset({"true", "yes", "on", "y", "1"})


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """conda's search path and variables, weak to strong."""
    files = tuple(_files(machine))
    target = _target(files, scope or "user", machine)
    return (
        *(layer._replace(target=target is not None and layer.path == target) for layer in files),
        *of_variables(machine, _VARIABLES),
    )


def read(text: str) -> Mapping[str, Value]:
    """conda's own keys that concern us, and under `#!final` the names of those marked so."""
    data = formats.yaml.read(text)
    found: dict[str, Value] = {}
    for key, option in _OPTION.items():
        if (value := data.get(option)) is not None:
            found[option] = _checked(key, option, value)
    found[_FINALS] = tuple(option for option in found if _is_final(text, option))
    found |= channels.marks(text)
    return found


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """default_channels and channel_alias as `settings` says, and of the rest what it names."""
    settable = {path: value for key, value in settings.items() for path, value in _spread(key, value)}
    optional = [path for path in _optional(past, settable) if path not in settable]
    changes: dict[KeyPath, Leaf | Raw | None] = dict(given_back(formats.yaml, text, past, optional))
    changes |= {(_OPTION[name],): None for name, key in KEYS.items() if key.always}
    changes.update(settable)
    return formats.yaml.edit(text, changes)


def revert(text: str, left: str, target: str) -> str:
    """`text` with our keys as `target` has them, entry by entry in custom_channels."""
    paths: list[KeyPath] = [(option,) for key, option in _OPTION.items() if key != "custom-channels"]
    return formats.keys.revert(formats.yaml, text, left, target, [*paths, *_entries(left, target)])


def give_way(text: str, settings: Settings) -> str:
    """`defaults` in the place of the addresses that an installer writes for it into its own .condarc."""
    said = formats.yaml.read(text).get("channels")
    if "default-channels" not in settings or not isinstance(said, list):
        return text
    wanted = channels.without_addresses([str(item) for item in said])
    return formats.yaml.edit(text, {("channels",): wanted})


def effective(readings: Sequence[Reading]) -> Effective:
    """Every layer merged: the strongest scalar, the union of lists and maps; `#!final` ends the search."""
    settings: dict[str, Value] = {}
    origins: dict[str, tuple[Layer, ...]] = {}
    for key in _OPTION:
        for value, layer in _strong_to_weak(key, readings):
            settings[key], added = _union(settings.get(key), value)
            if added:
                origins[key] = (*origins.get(key, ()), layer)
    lists = {
        key: channels.merged(_OPTION[key], [*_strong_to_weak(key, readings)], readings)
        for key in _LISTS
        if key in settings
    }
    settings |= {key: tuple(items) for key, items in lists.items()}
    return Effective(settings, origins, asked=channels.asked(settings, lists))


def sources(settings: Settings) -> tuple[Source, ...]:
    """The addresses of every channel: defaults, the alias' own, custom ones by name, further addresses."""
    found = [("default-channels", url) for url in _sequence(settings.get("default-channels"))]
    if isinstance(alias := settings.get("channel-alias"), str):
        found.append(("channel-alias", alias))
    custom = settings.get("custom-channels")
    if isinstance(custom, Mapping):
        found += [("custom-channels", f"{base.rstrip('/')}/{name}") for name, base in custom.items()]
    found += [("channels", url) for url in _sequence(settings.get("channels")) if "://" in url]
    return tuple(Source("conda", role, url) for role, url in found)


def environment(settings: Settings) -> Mapping[str, str | None]:
    """CONDA_*: scalars win over every file, lists join theirs; conda reads no map from a variable."""
    found: dict[str, str | None] = {
        _variable(_OPTION[name]): None for name, key in KEYS.items() if key.always
    }
    for key, value in settings.items():
        if isinstance(value, tuple):
            found[_variable(_OPTION[key])] = ",".join(item.replace(",", "%2C") for item in value)
        elif not isinstance(value, Mapping):
            found[_variable(_OPTION[key])] = str(value).lower() if isinstance(value, bool) else value
    return found


def ca_file(machine: Machine, place: str, scope: Scope | None = None) -> PurePath | None:
    """No such place."""
    return None


def questions(machine: Machine) -> Mapping[str, Question]:
    """The channel alias that conda ships with; a list can't be set back over another layer's."""
    program = machine.which("conda")
    if program is None:
        return {}
    argv = (str(program), "config", "--describe", "channel_alias", "--json")
    return {"channel-alias": Question(argv, r'"default_value":\s*"([^"]+)"')}


def _variable(option: str) -> str:
    return "CONDA_" + option.upper()


# Weak to strong. The last two are those of requests, with which conda speaks: they win over `ssl_verify`.
_VARIABLES = {_variable(option): key for key, option in _OPTION.items() if key != "custom-channels"}
_VARIABLES |= {"CURL_CA_BUNDLE": "ca-file", "REQUESTS_CA_BUNDLE": "ca-file"}


def _files(machine: Machine) -> Iterable[Layer]:
    if machine.platform == "win32":
        yield from _folder("system", machine.path("C:/ProgramData/conda"), "system", machine)
    else:
        yield from _folder("system", machine.path("/etc/conda"), "system", machine)
        yield from _folder("system", machine.path("/var/lib/conda"), None, machine)
    if root := _root(machine):
        for layer in _folder("installation", root, None, machine):
            yield layer._replace(gives_way=layer.path is not None and layer.path.name in _FILES)
    homes = [machine.path("~/.config/conda"), machine.path("~/.conda")]
    if xdg := machine.environ.get("XDG_CONFIG_HOME"):
        homes.insert(0, machine.path(xdg) / "conda")
    for folder in dict.fromkeys(homes):
        yield from _folder("user", folder, "user", machine)
    yield Layer("user", machine.home / ".condarc", "user")
    if prefix := machine.environ.get("CONDA_PREFIX"):
        yield from _folder("environment", machine.path(prefix), "venv", machine)
    if named := machine.environ.get("CONDARC"):
        yield Layer("CONDARC", machine.path(named), "user")


def _folder(name: str, folder: PurePath, scope: Scope | None, machine: Machine) -> Iterable[Layer]:
    for file in _FILES:
        yield Layer(name, folder / file, scope)
    drop_ins = folder / "condarc.d"
    for file in sorted(machine.names(drop_ins)):
        if file.endswith((".yml", ".yaml")):
            yield Layer(name, drop_ins / file, None)


def _root(machine: Machine) -> PurePath | None:
    """Where conda itself is installed; conda puts it into CONDA_ROOT for its own use."""
    if root := machine.environ.get("CONDA_ROOT"):
        return machine.path(root)
    program = machine.environ.get("CONDA_EXE")
    found = machine.path(program) if program else machine.which("conda")
    return found.parent.parent if found else None


def _target(files: Sequence[Layer], scope: Scope, machine: Machine) -> PurePath | None:
    """As conda's own writer: $CONDARC or ~/.condarc for a user, .condarc in the folder otherwise."""
    candidates = [layer.path for layer in files if layer.scope == scope and layer.path is not None]
    if scope == "user":
        return candidates[-1]
    existing = [path for path in candidates if machine.is_file(path)]
    return next(iter(existing[-1:] or candidates), None)


def _checked(key: str, option: str, value: object) -> Value:
    if key in _LISTS:
        return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)
    if key == "custom-channels":
        if not isinstance(value, dict):
            raise FormatError("wrong-type", f"{option} is not a map of names to addresses.", key=option)
        return {str(name): str(base) for name, base in value.items()}
    return value if isinstance(value, bool) else str(value)


def _is_final(text: str, option: str) -> bool:
    """Is the key marked `#!final`, with which conda stops looking at stronger layers."""
    pattern = rf"^[ ]*[\"']?{option}[\"']?[ ]*:[^\n]*{_FINALS}"
    return _FINALS in text and re.search(pattern, text, re.MULTILINE) is not None


def _spread(key: str, value: Value) -> Iterable[tuple[KeyPath, Value]]:
    """custom-channels entry by entry: the user's own entries beside ours are none of our business."""
    if isinstance(value, Mapping):
        return [((_OPTION[key], name), base) for name, base in value.items()]
    return [((_OPTION[key],), value)]


def _optional(past: Past | None, settable: Mapping[KeyPath, Value]) -> Iterable[KeyPath]:
    plain: list[KeyPath] = [(_OPTION[key],) for key in ("channels", "show-channel-urls", "ca-file")]
    return [*plain, *(_entries(past.origin, past.left) if past else ())]


def _entries(*texts: str) -> list[KeyPath]:
    names: dict[str, None] = {}
    for text in texts:
        custom = formats.yaml.read(text).get("custom_channels")
        if isinstance(custom, dict):
            names |= dict.fromkeys(str(name) for name in custom)
    return [("custom_channels", name) for name in names]


def _strong_to_weak(key: str, readings: Sequence[Reading]) -> Iterable[tuple[Value, Layer]]:
    """The layers that set `key`, strong to weak, from the first one that is marked final upwards to weak."""
    option = _OPTION[key]
    found: list[tuple[Value, Layer]] = []
    for reading in readings:
        layer = reading.layer
        if layer.variable is not None:
            if _VARIABLES[layer.variable] == key and layer.value:
                found.append((_from_variable(key, layer.value), layer))
        elif option in reading.values:
            found.append((reading.values[option], layer))
            if option in _sequence(reading.values.get(_FINALS)):
                break
    return reversed(found)


def _from_variable(key: str, text: str) -> Value:
    if key in _LISTS:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text.strip().lower() in _TRUE if key == "show-channel-urls" else text


def _union(strong: Value | None, weak: Value) -> tuple[Value, bool]:
    """Both together, and whether the weaker one added anything."""
    if strong is None:
        return weak, True
    if isinstance(strong, tuple) and isinstance(weak, tuple):
        more = tuple(item for item in weak if item not in strong)
        return (*strong, *more), bool(more)
    if isinstance(strong, Mapping) and isinstance(weak, Mapping):
        more_entries = {name: base for name, base in weak.items() if name not in strong}
        return {**strong, **more_entries}, bool(more_entries)
    return strong, False


def _sequence(value: Value | None) -> Sequence[str]:
    return value if isinstance(value, tuple) else ()
