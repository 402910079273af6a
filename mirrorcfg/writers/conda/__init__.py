"""conda: .condarc files, all of which are merged; a list or a map is the union of every layer's.

Source of the rules: conda's documentation, "Using the .condarc file", and conda/base/constants.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mirrorcfg import formats
from mirrorcfg.formats import KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past, given_back
from mirrorcfg.model.layer import Effective, Layer, Reading, Source
from mirrorcfg.model.machine import Machine
from mirrorcfg.model.settings import Key, Kind, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.writers import Besides, Case, Question
from mirrorcfg.writers import ca_file as ca_file
from mirrorcfg.writers.conda import channels, installed, mamba, merging, reading, search_path, switching
from mirrorcfg.writers.conda.client import client as client
from mirrorcfg.writers.conda.options import OPTION, TRUSTSTORE, spellings, spelt
from mirrorcfg.writers.conda.reading import read as read
from mirrorcfg.writers.conda.search_path import layers as layers
from mirrorcfg.writers.conda.switching import give_way as give_way

_START = ("https://${host}/conda/pkgs/main",)
TOOL = Tool(installed.PROGRAMS, places=installed.PLACES, expands=True, trusts=("ca-file", "system-store"))
KEYS = {
    "default-channels": Key(Kind.LINKS, "what the channel named `defaults` stands for", True, example=_START),
    "channel-alias": Key(Kind.URL, "the address that is put before a channel's bare name", always=True),
    "custom-channels": Key(Kind.URL_MAP, "the base address of single channels, by name"),
    "channels": Key(Kind.NAMES, "the channels to search, the first one first"),
    "show-channel-urls": Key(Kind.FLAG, "show where each package comes from"),
}

_STORE = "system-store"
_SETTABLE = ("channels", "show-channel-urls", "ca-file")


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """default_channels and channel_alias as `settings` says, and of the rest what it names."""
    settable = {path: value for key, value in settings.items() for path, value in _spread(text, key, value)}
    ours = [*_plain(_SETTABLE), *(_entries(past.origin, past.left) if past else ())]
    optional = [path for path in ours if path not in settable]
    changes: dict[KeyPath, Leaf | Raw | None] = dict(given_back(formats.yaml, text, past, optional))
    changes |= dict.fromkeys(_plain(name for name, key in KEYS.items() if key.always))
    changes.update(settable)
    return formats.yaml.edit(text, changes)


def revert(text: str, left: str, target: str) -> str:
    """`text` with our keys as `target` has them, entry by entry in custom_channels."""
    paths = [*_plain(key for key in OPTION if key != "custom-channels"), ("mirrored_channels",)]
    return formats.keys.revert(formats.yaml, text, left, target, [*paths, *_entries(left, target)])


def besides(case: Case) -> Besides:
    """`channels` where conda would ask nothing, the user's alias, and no address of an old mirror's."""
    needs = effective(case.after).needs if "default-channels" in case.settings else {}
    return switching.besides(case.text, case.own, needs, case.settings, case.mirrors)


def effective(readings: Sequence[Reading]) -> Effective:
    """Every layer merged as conda does it, or mamba where that is what is here; and what it asks then."""
    client = next((each.layer for each in readings if each.layer.is_tool), None)
    reading.check(each.layer for each in readings)
    settings: dict[str, Value] = {}
    origins: dict[str, tuple[Layer, ...]] = {}
    for key, option in OPTION.items():
        if found := merging.matches(option, readings):
            settings[key] = merging.value(found)
            origins[key] = merging.origins(found)
    if settings.get("ca-file") == TRUSTSTORE:
        del settings["ca-file"]
        settings[_STORE], origins[_STORE] = True, origins.pop("ca-file")
    if client is not None and search_path.is_mamba(client):
        answer = mamba.answer(readings)
    else:
        answer = channels.answer(readings, channels.Version.named(client.value if client else None))
    unasked = not answer.asked and not answer.barred and "default-channels" in settings
    needs: Settings = {"channels": (channels.DEFAULTS,)} if unasked else {}
    return Effective(settings, origins, mamba.apart(readings), (), answer.asked, answer.barred, needs)


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
    found: dict[str, str | None] = {_variable(OPTION[name]): None for name, key in KEYS.items() if key.always}
    for key, value in settings.items():
        if isinstance(value, tuple):
            found[_variable(OPTION[key])] = ",".join(item.replace(",", "%2C") for item in value)
        elif key == _STORE:
            found[_variable(OPTION["ca-file"])] = TRUSTSTORE
        elif not isinstance(value, Mapping):
            found[_variable(OPTION[key])] = str(value).lower() if isinstance(value, bool) else value
    return found


def questions(machine: Machine) -> Mapping[str, Question]:
    """The channel alias that conda ships with; a list can't be set back over another layer's."""
    program = machine.which("conda")
    if program is None:
        return {}
    argv = (str(program), "config", "--describe", "channel_alias", "--json")
    return {"channel-alias": Question(argv, r'"default_value":\s*"([^"]+)"')}


def _variable(option: str) -> str:
    return "CONDA_" + option.upper()


def _spread(text: str, key: str, value: Value) -> Iterable[tuple[KeyPath, Value]]:
    """custom-channels entry by entry: the user's own entries beside ours are none of our business."""
    if key == _STORE:
        key, value = "ca-file", TRUSTSTORE
    option = spelt(OPTION[key], formats.yaml.read(text))
    if isinstance(value, Mapping):
        return [((option, name), base) for name, base in value.items()]
    return [((option,), value)]


def _plain(keys: Iterable[str]) -> list[KeyPath]:
    return [(name,) for key in keys for name in spellings(OPTION[key])]


def _entries(*texts: str) -> list[KeyPath]:
    found: dict[KeyPath, None] = {}
    for text in texts:
        data = formats.yaml.read(text)
        for option in spellings(OPTION["custom-channels"]):
            if isinstance(custom := data.get(option), dict):
                found |= dict.fromkeys((option, str(name)) for name in custom)
    return list(found)


def _sequence(value: Value | None) -> Sequence[str]:
    return value if isinstance(value, tuple) else ()
