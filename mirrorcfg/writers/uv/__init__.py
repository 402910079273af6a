"""uv: uv.toml, where the index marked `default = true` takes the place of PyPI.

Source of the rules: uv's documentation, "Configuration files" and "Package indexes", tried on uv 0.13.
uv reads neither pip.conf nor PIP_*.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from mirrorcfg import formats
from mirrorcfg.formats import Entry, KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past, given_back
from mirrorcfg.model.layer import Layer, Source, of_variables
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Key, Kind, Settings
from mirrorcfg.model.tool import Folder, Tool
from mirrorcfg.writers import Besides, Case, Question
from mirrorcfg.writers import ca_file as ca_file
from mirrorcfg.writers import give_way as give_way
from mirrorcfg.writers.uv import fields, indexes, installed, project, variables
from mirrorcfg.writers.uv.client import client as client
from mirrorcfg.writers.uv.contents import MIRRORS, TRUST
from mirrorcfg.writers.uv.contents import read as read
from mirrorcfg.writers.uv.lock import LOCK
from mirrorcfg.writers.uv.merged import effective as effective
from mirrorcfg.writers.uv.merged import is_remote

_STORE = "system-store"
_LIST = ("python", "list", "--only-downloads", "--show-urls", "--offline", "--no-config")
_FOLDERS = {  # what follows the mirror's address in that of a Python: the newest of all that aren't previews
    "python-install-mirror": Folder(_LIST, r"/releases/download/(\d+/cpython-[\d.]+%2B\d+-\S+)"),
    "pypy-install-mirror": Folder(_LIST, r"/pypy/(pypy[\d.]+-\S+)"),
}
TOOL = Tool(("uv",), follows="pip", alone=True, lock=LOCK, trusts=(_STORE,), folders=_FOLDERS)
KEYS = {
    "index-url": Key(Kind.URL, "the index that takes the place of PyPI", always=True),
    "find-links": Key(Kind.LINKS, "directories or pages with files to install from"),
    "no-index": Key(Kind.FLAG, "look in find-links only"),
    "python-install-mirror": Key(Kind.URL, "where `uv python install` takes CPython from"),
    "pypy-install-mirror": Key(Kind.URL, "where it takes PyPy from"),
    "probe": Key(Kind.PROJECT, "a project that the index has, to judge it by", aside=True),
}

_INDEX: KeyPath = ("index", Entry("default", True))
_PATHS: Mapping[str, KeyPath] = {
    name: _INDEX if name == "index-url" else (name,) for name, key in KEYS.items() if not key.aside
}


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """uv's files and variables, weak to strong; a project's file is read, never written."""
    known = installed.version(machine)
    files = [
        Layer("system", project.system(machine), "system"),
        Layer("user", project.user(machine), "user"),
        *project.candidates(machine),
    ]
    if named := machine.environ.get("UV_CONFIG_FILE"):
        files.append(Layer("UV_CONFIG_FILE", (project.working(machine) or PurePath()) / machine.path(named)))
    strict = known is not None and known <= fields.NEWEST
    reader = ".".join(map(str, known)) if known else None
    scope = scope or "user"
    placed = [each._replace(target=each.scope == scope, strict=strict, reader=reader) for each in files]
    placed = [variables.marked(machine, layer) for layer in placed]
    return (*placed, *of_variables(machine, variables.KEYS), *variables.refused(machine))


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """The default index as `settings` says, and of find-links and no-index those that it names."""
    fields.require(text, formats.toml.read(text))
    others = [path for key, path in _PATHS.items() if key != "index-url" and key not in settings]
    others += [] if settings.get(_STORE) else [(name,) for name in TRUST]
    changes: dict[KeyPath, Leaf | Raw | None] = dict(given_back(formats.toml, text, past, others))
    changes |= {_PATHS[key]: settings[key] for key in _PATHS if key in settings and key != "index-url"}
    if store := settings.get(_STORE):
        changes[(store if isinstance(store, str) else TRUST[1],)] = True
    url = settings.get("index-url")
    changes |= {_INDEX: None} if url is None else {(*_INDEX, "url"): url}
    return formats.toml.edit(text, changes)


def revert(text: str, left: str, target: str) -> str:
    """`text` with our keys as `target` has them."""
    return formats.keys.revert(
        formats.toml, text, left, target, [*_PATHS.values(), *((name,) for name in TRUST)]
    )


def besides(case: Case) -> Besides:
    """The newer name of the field for the system's store, where the uv that is here is known to take it."""
    known = next((each.layer.reader for each in case.own if each.layer.reader), None)
    new = known is not None and installed.numbers(known) >= fields.SYSTEM_CERTS
    return Besides({_STORE: TRUST[0]}) if new and _STORE in case.settings else Besides()


def sources(settings: Settings) -> tuple[Source, ...]:
    """The index, those find-links that are addresses, and where Pythons come from."""
    found = [("index-url", settings.get("index-url"))]
    found += [("find-links", link) for link in indexes.sequence(settings.get("find-links"))]
    found += [(key, settings.get(key)) for key in MIRRORS]
    return tuple(Source("uv", role, str(url)) for role, url in found if url)


def environment(settings: Settings) -> Mapping[str, str | None]:
    """UV_*, which win over every file; UV_OFFLINE stands for no-index where no link needs the network.

    uv has no variable for no-index.
    """
    url, links = settings.get("index-url"), settings.get("find-links")
    found: dict[str, str | None] = {"UV_DEFAULT_INDEX": str(url) if url else None}
    if url is None:
        found["UV_INDEX_URL"] = None  # the old name, which UV_DEFAULT_INDEX wins over
    if isinstance(links, tuple):
        found["UV_FIND_LINKS"] = ",".join(link.replace(",", "%2C") for link in links)
    if settings.get("no-index") is True and not (isinstance(links, tuple) and any(map(is_remote, links))):
        found["UV_OFFLINE"] = "1"
    found |= {f"UV_{key.replace('-', '_').upper()}": str(settings[key]) for key in MIRRORS if key in settings}
    if _STORE in settings:
        found |= {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}  # the second is what uv up to 0.10 knows
    return found


def questions(machine: Machine) -> Mapping[str, Question]:
    """uv's own default index, as its help tells it."""
    if (program := machine.which("uv")) is None:
        return {}
    return {"index-url": Question((str(program), "pip", "install", "--help"), r"by default: <([^>]+)>")}
