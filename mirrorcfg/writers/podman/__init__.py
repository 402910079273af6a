"""podman, and whatever else reads registries.conf (skopeo, buildah, CRI-O): a drop-in of our own.

Tables of one prefix replace each other whole, the last file read wins; so ours says what the user's in its
place said besides its mirrors. On macOS and Windows podman runs in a machine of its own, whose files are not
here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from mirrorcfg import formats
from mirrorcfg.formats import Entry, KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past, given_back
from mirrorcfg.model import golang
from mirrorcfg.model.client import Client, Pull
from mirrorcfg.model.layer import Reading
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.writers import Besides, Case
from mirrorcfg.writers import environment as environment
from mirrorcfg.writers import give_way as give_way
from mirrorcfg.writers import questions as questions
from mirrorcfg.writers.podman import asked, location, own, places
from mirrorcfg.writers.podman.own import HUB
from mirrorcfg.writers.podman.tables import first_form, tables

_ENGINE = (
    "CONTAINER_HOST", "CONTAINER_CONNECTION", "CONTAINER_SSHKEY", "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF", "CONTAINERS_REGISTRIES_CONF", "REGISTRY_AUTH_FILE", "STORAGE_DRIVER",
    "STORAGE_OPTS", "REGISTRIES_CONFIG_PATH",
)  # fmt: skip
TOOL = Tool(("podman", "buildah", "skopeo"), follows="docker", images=True, engine=_ENGINE)
_AGENT = "containers/5.34.2 (github.com/containers/image)"  # the newest that was tried: podman 5.4's
KEYS = golang.MIRRORS

layers = places.layers
effective = asked.effective
sources = asked.sources


def read(text: str) -> Mapping[str, Value]:
    """Every `[[registry]]`: Docker Hub's mirrors (none: an empty list), the first one of the others.

    And what they say besides (`own.said`). Raises FormatError for what podman refuses.
    """
    found = tables(text)
    mirrors = {each.prefix: tuple(map(location.address, each.mirrors)) for each in found}
    others = {prefix: urls[0] if urls else "" for prefix, urls in mirrors.items() if prefix != HUB}
    values: dict[str, Value] = {"registry-mirrors": mirrors[HUB]} if HUB in mirrors else {}
    values |= {"registries": others} if others else {}
    return {**values, **own.said(found), **({asked.FIRST: True} if first_form(text) else {})}


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """The table of docker.io as `settings` says, and those of the other registries that it names.

    What `own.kept` has of them is said in them, too. Raises CannotSayError for an address that can't be.
    """
    tables(text)
    wanted = _wanted(settings)
    earlier = [_prefix(entry) for entry in _entries(past.left if past else "")]
    others = [prefix for prefix in earlier if prefix not in (*wanted, HUB)]
    changes: dict[KeyPath, Leaf | Raw | None] = dict(
        given_back(formats.toml, text, past, [_path(text, prefix) for prefix in others])
    )
    changes[_path(text, HUB)] = None
    for prefix, urls in wanted.items():
        changes[_path(text, prefix)] = _table(_theirs(text, prefix, past), prefix, urls, settings)
    after = formats.toml.edit(text, changes)
    return after if after.strip() or not text.strip() else ""  # what is ours whole is left empty


def revert(text: str, left: str, target: str) -> str:
    """`text` with our tables as `target` has them."""
    names = {_prefix(entry): each for each in (target, left) for entry in _entries(each)}
    paths = [_path(each, name) for name, each in names.items()]
    return formats.keys.revert(formats.toml, text, left, target, paths)


def besides(case: Case) -> Besides:
    """What the user's own tables say, which ours take the place of. Raises CannotSayError."""
    return Besides(own.kept(case.own, _wanted(case.settings)))


def ca_file(machine: Machine, place: str, scope: Scope | None = None) -> PurePath | None:
    """`certs.d`: the system's for root, the user's own otherwise (containers-certs.d(5))."""
    scope = scope or ("system" if machine.root_user else "user")
    if machine.platform != "linux" or scope == "venv":
        return None
    folder = machine.path("/etc") if scope == "system" else machine.home / ".config"
    return folder / "containers" / "certs.d" / place / "ca.crt"


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """With the shell's variables, and the logins of its own files and docker's."""
    found = golang.client("podman", _AGENT, machine, machine.environ)
    return found._replace(
        by_host=places.certs(machine),
        logins=tuple(places.logins(machine)),
        pull=Pull(ping="met", head="", stays="parts"),
    )


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


def _theirs(text: str, prefix: str, past: Past | None) -> Mapping[str, object]:
    """A table of this file without what an earlier profile, or the user's other files, had put into it."""
    entry = _entry(text, prefix)
    left, origin = (_entry(each, prefix) for each in ((past.left, past.origin) if past else ("", "")))
    put = [key for key in own.KEPT if key in left and left[key] != origin.get(key)]
    return {key: value for key, value in entry.items() if key not in put or value != left[key]}


def _wanted(settings: Settings) -> Mapping[str, Sequence[str]]:
    mirrors, others = settings.get("registry-mirrors"), settings.get("registries")
    hub = {HUB: mirrors} if isinstance(mirrors, tuple) and mirrors else {}
    named = {name: (url,) for name, url in others.items()} if isinstance(others, Mapping) else {}
    return {**named, **hub}


def _table(
    old: Mapping[str, object], prefix: str, urls: Sequence[str], settings: Settings
) -> Mapping[str, object]:
    """A mirror is written without `insecure`: it must prove who it is."""
    place = {} if old else {"prefix": prefix}
    mirrors = [{"location": location.spelt(url), **own.of_mirror(settings, prefix)} for url in urls]
    return {**place, "location": prefix, **old, **own.words(settings, prefix), "mirror": mirrors}
