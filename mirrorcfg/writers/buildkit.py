"""buildkit: the buildkitd.toml of a buildkitd of its own, or of a builder that buildx makes.

Source of the rules: BuildKit's docs/buildkitd.toml.md, util/resolver and cmd/buildkitd. A mirror is a name
with a path behind it, which is a project: it is asked for below /v2/. Its CA stands in a table of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from mirrorcfg import formats
from mirrorcfg.errors import FormatError
from mirrorcfg.formats import KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past, given_back
from mirrorcfg.formats.toml_scan import line_of, tables
from mirrorcfg.model import golang
from mirrorcfg.model.client import Client, Logins
from mirrorcfg.model.layer import Effective, Layer, Reading, Source
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.sentence import sentence
from mirrorcfg.writers import besides as besides
from mirrorcfg.writers import ca_file as ca_file
from mirrorcfg.writers import docker
from mirrorcfg.writers import environment as environment
from mirrorcfg.writers import give_way as give_way
from mirrorcfg.writers import questions as questions
from mirrorcfg.writers.containerd import hosts

TOOL = Tool(("buildkitd", "buildctl"), follows="docker", images=True)
_AGENT = "buildkit/v0.25"  # of the time of docker 28.5
KEYS = golang.MIRRORS

_HUB, _FAMILY, _MIRRORS, _CA = "docker.io", "registry", "mirrors", "ca"
_UNSAFE = ("http", "insecure")
_OTHERS: Mapping[Scope, str] = {
    "system": sentence("it belongs to another buildkitd (the system's)"),
    "user": sentence("it belongs to another buildkitd (the user's)"),
}


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """The system's file, and that of a rootless buildkitd; each reads one. Root's is the system's."""
    if machine.platform != "linux":
        return ()
    scope = scope or ("system" if machine.root_user else "user")
    folders: Mapping[Scope, PurePath] = {
        "user": machine.directory("XDG_CONFIG_HOME", "~/.config"),
        "system": machine.path("/etc"),
    }
    return tuple(
        Layer(
            each,
            folder / "buildkit" / "buildkitd.toml",
            each,
            ignored=None if each == scope else _OTHERS[each],
            target=each == scope,
        )
        for each, folder in folders.items()
    )


def read(text: str) -> Mapping[str, Value]:
    """Docker Hub's mirrors, and the first one of each other registry. Raises FormatError for a wrong type."""
    found: dict[str, Value] = {}
    others: dict[str, str] = {}
    data = _tables(text)
    for name, table in data.items():
        urls = tuple(map(_address, table.get(_MIRRORS, [])))
        if urls and name == _HUB:
            found["registry-mirrors"] = urls
        elif urls:
            others[name] = urls[0]
    if others:
        found["registries"] = others
    mirrors = {urlsplit(url).netloc for url in (*_listed(found), *others.values())}
    cas = {tuple(data.get(host, {}).get(_CA, [])) for host in mirrors}
    only = cas.pop() if len(cas) == 1 else ()
    return {**found, "ca-file": only[0]} if len(only) == 1 else found


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """The mirrors as `settings` says, and their CA; `http` and `insecure` go for a mirror of ours."""
    data, wanted = _tables(text), _wanted(settings)
    changes: dict[KeyPath, Leaf | Raw | None] = {(_FAMILY, _HUB, _MIRRORS): None}
    for name, urls in wanted.items():
        changes[_FAMILY, name, _MIRRORS] = [_named(url) for url in urls]
    for host in {urlsplit(url).netloc for urls in wanted.values() for url in urls}:
        changes |= {(_FAMILY, host, key): None for key in _UNSAFE if key in data.get(host, {})}
        if isinstance(ca := settings.get("ca-file"), str):
            changes[_FAMILY, host, _CA] = [ca]
    earlier = [path for path in _ours(past.origin, past.left) if path not in changes] if past else []
    changes = {**given_back(formats.toml, text, past, earlier), **changes}
    after = _emptied(data, formats.toml.edit(text, changes))
    return after if after.strip() or not text.strip() else ""  # what is ours whole is left empty


def revert(text: str, left: str, target: str) -> str:
    """`text` with the mirrors, and their CA, as `target` has them."""
    if text == left:
        return target
    return formats.keys.revert(formats.toml, text, left, target, _ours(left, target))


def effective(readings: Sequence[Reading]) -> Effective:
    """What stands in the one file that is meant."""
    for layer, values, _ in readings:
        if layer.ignored is None and values:
            note = sentence(
                "buildkitd reads {path} only when it starts: sudo systemctl restart buildkit. A builder of"
                " buildx takes it when it is made: docker buildx create --buildkitd-config {path} (--config"
                " for an older buildx).",
                path=layer.path,
            )
            return Effective(dict(values), dict.fromkeys(values, (layer,)), [note])
    return Effective()


def sources(settings: Settings) -> tuple[Source, ...]:
    """Every mirror."""
    return tuple(golang.mirrors("buildkit", settings))


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """As Go has it; a build's logins are those of who starts it, docker's."""
    folder = machine.directory("DOCKER_CONFIG", "~/.docker")
    logins = Logins("auths", folder / "config.json", "docker-credential-", store=True)
    found = golang.client("buildkit", _AGENT, machine, machine.given("buildkitd") or {})
    return found._replace(logins=(logins,), pull=docker.BY_CONTAINERD)


def _tables(text: str) -> Mapping[str, Mapping[str, Any]]:
    """Each registry's table. Raises FormatError for what buildkitd doesn't start with."""
    found = formats.toml.read(text).get(_FAMILY, {})
    if not isinstance(found, dict):
        raise _refused(text, (_FAMILY,), sentence("is no table"))
    for name, table in found.items():
        if not isinstance(table, dict):
            raise _refused(text, (_FAMILY, name), sentence("is no table"))
        for key in (_MIRRORS, _CA, "tlsconfigdir"):
            value = table.get(key, [])
            if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
                raise _refused(text, (_FAMILY, name, key), sentence("is no list of texts"))
        for key in _UNSAFE:
            if not isinstance(table.get(key, False), bool):
                raise _refused(text, (_FAMILY, name, key), sentence("is neither true nor false"))
    return found


def _refused(text: str, path: Sequence[str], what: str) -> FormatError:
    where = ".".join(path)
    said = sentence("{key} {what}; buildkitd does not start with it.", key=where, what=what)
    hint = "mend this line by hand, or take it out"
    return FormatError("wrong-type", said, line=line_of(text, path), key=where, hint=hint)


def _wanted(settings: Settings) -> Mapping[str, Sequence[str]]:
    found = {name: (url,) for name, url in hosts.registries(settings, "buildkit").items()}
    return {**found, **({_HUB: hub} if (hub := _listed(settings)) else {})}


def _emptied(before: Mapping[str, Mapping[str, Any]], text: str) -> str:
    """`text` without the headers of tables of which nothing is left."""
    gone = [name for name, table in _tables(text).items() if not table and before.get(name) != {}]
    for table in reversed(tables(text)):
        if len(table.address) == 2 and table.address[0] == _FAMILY and table.address[1] in gone:
            start, end = text.rfind("\n", 0, table.start) + 1, text.find("\n", table.end) + 1
            text = text[:start] + (text[end:].lstrip("\r\n") if end else "")
    return text


def _ours(*texts: str) -> list[KeyPath]:
    return list(dict.fromkeys(_managed(texts)))


def _managed(texts: Iterable[str]) -> Iterator[KeyPath]:
    for text in texts:
        for name in _tables(text):
            for key in (_MIRRORS, _CA, *_UNSAFE):
                yield (_FAMILY, name, key)


def _listed(settings: Settings) -> tuple[str, ...]:
    mirrors = settings.get("registry-mirrors")
    return mirrors if isinstance(mirrors, tuple) else ()


def _named(url: str) -> str:
    return url.partition("://")[2].rstrip("/")


def _address(mirror: str) -> str:
    return mirror if "://" in mirror else f"https://{mirror}"
