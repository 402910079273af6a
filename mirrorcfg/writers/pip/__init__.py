"""pip: pip.conf (pip.ini on Windows), merged over files first and over sections second.

Source of the rules: pip's documentation, "Configuration", and its source. `places` has where the files are,
`merging` what pip makes of them, `site` which pip it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirrorcfg import formats
from mirrorcfg.formats import KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past, given_back
from mirrorcfg.model.layer import Source
from mirrorcfg.model.machine import Machine
from mirrorcfg.model.settings import Key, Kind, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.writers import Question
from mirrorcfg.writers import besides as besides
from mirrorcfg.writers import ca_file as ca_file
from mirrorcfg.writers.pip import site
from mirrorcfg.writers.pip.client import client as client
from mirrorcfg.writers.pip.merging import COMMANDS, LISTS, OPTIONS, VARIABLES, spellings
from mirrorcfg.writers.pip.merging import effective as effective
from mirrorcfg.writers.pip.places import layers as layers

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
    "probe": Key(Kind.PROJECT, "a project that the index has, to judge it by", aside=True),
}
_SECTIONS = ("global", *COMMANDS, VARIABLES)


def read(text: str) -> Mapping[str, Value]:
    """Every option of every section as `section.option`, names as pip normalises them."""
    return {
        f"{section}.{option}": value
        for section, options in formats.ini.read(text).items()
        for option, value in options.items()
    }


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """`[global]` with index-url as `settings` says, and of the other options those that it names.

    What other sections say of these goes: pip takes a command's own, and the variables', over `[global]`.
    """
    others = [path for path in _paths(text, *(past or ())) if _key(path) not in ("index-url", *settings)]
    changes: dict[KeyPath, Leaf | Raw | None] = dict(given_back(formats.ini, text, past, others))
    changes |= _elsewhere(text, settings)
    changes[_path("index-url")] = settings.get("index-url")
    changes |= {_path(key): settings[key] for key in OPTIONS if key in settings}
    return formats.ini.edit(text, changes)


def revert(text: str, left: str, target: str) -> str:
    """`text` with our options as `target` has them, in each section that is ours to change."""
    return formats.keys.revert(formats.ini, text, left, target, _paths(left, target))


def give_way(text: str, settings: Settings) -> str:
    """What the sections that pip takes over any `[global]` say of these settings goes."""
    return formats.ini.edit(text, _elsewhere(text, settings))


def sources(settings: Settings) -> tuple[Source, ...]:
    """The indexes, and those find-links that are addresses."""
    found = [("index-url", settings.get("index-url"))]
    found += [(key, url) for key in LISTS for url in _sequence(settings.get(key))]
    return tuple(Source("pip", key, str(url)) for key, url in found if url)


def environment(settings: Settings) -> Mapping[str, str | None]:
    """PIP_*, which win over every section of every file; a list is separated by spaces."""
    found: dict[str, str | None] = {"PIP_INDEX_URL": None}
    for key, option in OPTIONS.items():
        if (value := settings.get(key)) is not None:
            found[_variable(option)] = _words(value)
    return found


def questions(machine: Machine) -> Mapping[str, Question]:
    """pip's own default index, asked of the pip that is here."""
    pip = site.found(machine)
    if pip is None:
        return {}
    python = machine.which(str(pip.python or pip.program.parent / "python3")) or machine.which("python3")
    script = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return {"index-url": Question((str(python), "-I", "-c", script))} if python else {}


def _variable(option: str) -> str:
    return "PIP_" + option.upper().replace("-", "_")


def _words(value: Value) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return " ".join(_sequence(value)) if isinstance(value, tuple) else str(value)


def _path(key: str) -> KeyPath:
    return ("global", OPTIONS[key])


def _key(path: KeyPath) -> str | None:
    return next((key for key in OPTIONS if path[1] in spellings(key)), None)


def _paths(*texts: str) -> list[KeyPath]:
    """Ours in `[global]`, and those of ours that stand in a section of a command's in one of these texts."""
    found = {_path(key): None for key in OPTIONS}
    for text in texts:
        for section, options in formats.ini.read(text).items():
            if section in _SECTIONS:
                found |= {(section, option): None for option in options if _key((section, option))}
    return list(found)


def _elsewhere(text: str, settings: Settings) -> dict[KeyPath, Leaf | Raw | None]:
    """Changes with which nothing but `[global]` says what `settings` say, and which index is asked.

    All sections inherit what `[DEFAULT]` says: there the wanted value has to be set over it.
    """
    changes: dict[KeyPath, Leaf | Raw | None] = {}
    for path in _paths(text):
        key, option = _key(path), str(path[1])
        if key is None or key not in ("index-url", *settings) or path == _path(key):
            continue
        inherited = formats.ini.raw(text, ("DEFAULT", option)) is not None
        changes[path] = settings.get(key) if inherited else None
    return changes


def _sequence(value: Value | None) -> Sequence[str]:
    return value if isinstance(value, tuple) else ()
