"""hosts.toml: the hosts that serve one registry, asked in the order of their headers.

Source of the rules: containerd's docs/hosts.md, tried on 1.6, 1.7 and 2.1. What it can't take one value of is
passed over as a whole, without a word. A host's path is the whole of its API's with `override_path`; a host
without the capability `resolve` is never asked what a tag means; for content every one is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from mirrorcfg import formats
from mirrorcfg.errors import CannotSayError, FormatError
from mirrorcfg.formats import KeyPath, Leaf, Raw
from mirrorcfg.formats.past import Past
from mirrorcfg.formats.text import newline
from mirrorcfg.formats.toml_scan import line_of
from mirrorcfg.model.settings import Settings, Value
from mirrorcfg.sentence import sentence

FAMILY = "host"
SERVER, ALONE, REFUSED, FILES = "server", "server-alone", "refused-by-some", "files"
_KEYS = frozenset(
    (FAMILY, SERVER, "capabilities", "ca", "client", "skip_verify", "header", "override_path", "dial_timeout")
)
_CAPABILITIES = ("pull", "resolve", "push")
_DURATION = re.compile(r"[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)")


def read(text: str, document: Mapping[str, Any]) -> Mapping[str, Value]:
    """The hosts as a profile names them, and whether all of them may resolve; `server`, if it says one.

    Raises FormatError for what no containerd takes.
    """
    require(text, document)
    hosts = _hosts(document)
    found: dict[str, Value] = {}
    if hosts:
        found["registry-mirrors"] = tuple(_named(key, host) for key, host in hosts.items())
        found["resolve"] = all("resolve" in _capabilities(host) for host in hosts.values())
    if document.get(SERVER):
        found[SERVER] = _whole(str(document[SERVER]))
        if FAMILY not in document:
            found[ALONE] = True
    if some := _refused_by_some(text, document, hosts):
        found[REFUSED] = some
    cas = {str(host["ca"]) for host in hosts.values() if isinstance(host.get("ca"), str)}
    if len(cas) == 1:
        found["ca-file"] = cas.pop()
    files = tuple(each for each in _files(document, hosts) if each != found.get("ca-file"))
    return {**found, FILES: files} if files else found


def is_hosts(document: Mapping[str, Any]) -> bool:
    """Is it a file of hosts, and not containerd's own?"""
    return not document or not _KEYS.isdisjoint(document)


def edit(text: str, settings: Settings, past: Past | None) -> str:
    """The hosts as `settings` says; what else stands in the table of one that stays is kept."""
    document = formats.toml.read(text)
    require(text, document)
    old = formats.toml_tables.blocks(text, FAMILY)
    earlier = _hosts(formats.toml.read(past.left)) if past else {}
    mirrors = settings.get("registry-mirrors")
    wanted = {}
    for url in mirrors if isinstance(mirrors, tuple) else ():
        key = _key(url)
        block = old.get(key) or f"[{FAMILY}.{json.dumps(key)}]{newline(text)}"
        wanted[key] = formats.toml.edit(block, _changes(key, settings, earlier.get(key, {})))
    after = formats.toml_tables.put(text, FAMILY, wanted)
    return after if after.strip() or not text.strip() else ""  # what is ours whole is left empty


def registries(settings: Settings, tool: str) -> Mapping[str, str]:
    """The mirrors of other registries. Raises CannotSayError for a part of one: a file is of a whole one."""
    others = settings.get("registries")
    found = others if isinstance(others, Mapping) else {}
    for name in found:
        if "/" in name:
            whole = name.partition("/")[0]
            what = sentence(
                "{tool} can have a mirror for a whole registry, and none for {part}.", tool=tool, part=name
            )
            hint = sentence("name {registry} in registries", registry=whole)
            raise CannotSayError("cannot-say", what, hint=hint)
    return found


def require(text: str, document: Mapping[str, Any]) -> None:
    """Raises FormatError for what makes containerd pass over the whole file."""
    if not isinstance(document.get(SERVER, ""), str):
        raise _refused(text, (SERVER,), sentence("is no address"))
    found = document.get(FAMILY, {})
    if not isinstance(found, dict):
        what = sentence('is no table: a host has one of its own, [host."https://…"]')
        raise _refused(text, (FAMILY,), what)
    for path, table in (((), document), *(((FAMILY, key), host) for key, host in found.items())):
        if not isinstance(table, dict):
            raise _refused(text, path, sentence("is no table"))
        for key, what in _amiss(table):
            raise _refused(text, (*path, key), what)


def _amiss(table: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The keys with a value that containerd doesn't take, and why."""
    found = []
    capabilities = table.get("capabilities", [])
    if not _texts(capabilities):
        found.append(("capabilities", sentence("is no list of words")))
    elif unknown := [each for each in capabilities if each.lower() not in (*_CAPABILITIES, "referrers")]:
        known = ", ".join(_CAPABILITIES)
        what = sentence("has {word}, which is no capability: {known}", word=unknown[0], known=known)
        found.append(("capabilities", what))
    for key in ("skip_verify", "override_path"):
        if not isinstance(table.get(key, False), bool):
            found.append((key, sentence("is neither true nor false")))
    ca, client, header = table.get("ca"), table.get("client"), table.get("header")
    if ca is not None and not isinstance(ca, str) and not _texts(ca):
        found.append(("ca", sentence("is neither a path nor a list of paths")))
    if client is not None and not isinstance(client, str) and not _pairs(client):
        found.append(("client", sentence("is neither a path nor a list of paths or pairs of them")))
    if header is not None and not (
        isinstance(header, dict) and all(isinstance(each, str) or _texts(each) for each in header.values())
    ):
        found.append(("header", sentence("has a value that is neither a text nor a list of texts")))
    return found


def _refused_by_some(
    text: str, document: Mapping[str, Any], hosts: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """What only some versions take: by line, `<` or `>=` and the version of those that pass over it."""
    found: dict[str, str] = {}
    tables: list[tuple[tuple[str, ...], Mapping[str, Any]]] = [((), document)]
    for path, table in [*tables, *(((FAMILY, key), host) for key, host in hosts.items())]:
        if any(each.lower() == "referrers" for each in table.get("capabilities", [])):
            found[str(line_of(text, (*path, "capabilities")) or 1)] = "<2.2"
        if not _DURATION.fullmatch(str(table.get("dial_timeout", "0"))):
            found[str(line_of(text, (*path, "dial_timeout")) or 1)] = ">=2.0"
    if text.startswith("\ufeff") or len(_headed(text)) < len(hosts):
        found[str(line_of(text, (FAMILY,)) or 1)] = ">=2.0"
    return found


def _headed(text: str) -> Mapping[str, str]:
    """The hosts that have headers of their own: later versions know no others."""
    try:
        return formats.toml_tables.blocks(text, FAMILY)
    except FormatError:
        return {}


def _refused(text: str, path: Sequence[str], what: str) -> FormatError:
    where = ".".join(path)
    return FormatError(
        "hosts-refused",
        sentence("{key} {what}; containerd passes over the whole file for it.", key=where, what=what),
        line=line_of(text, path),
        key=where,
        hint="mend this line by hand, or take it out",
    )


def _hosts(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = document.get(FAMILY)
    hosts = found if isinstance(found, dict) else {}
    return {key: host for key, host in hosts.items() if isinstance(host, dict)}


def _capabilities(host: Mapping[str, Any]) -> set[str]:
    return {str(each).lower() for each in host.get("capabilities") or _CAPABILITIES}


def _files(document: Mapping[str, Any], hosts: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The files that must be there for any pull: certificates and keys."""
    found: dict[str, None] = {}
    for table in (document, *hosts.values()):
        for value in (table.get("ca"), table.get("client")):
            for each in [value] if isinstance(value, str) else value or ():
                found |= dict.fromkeys([each] if isinstance(each, str) else each)
    return tuple(found)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _pairs(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, str) or (_texts(each) and len(each) == 2) for each in value
    )


def _whole(address: str) -> str:
    return address if address.startswith("http") else f"https://{address}"


def _key(url: str) -> str:
    """The address of the API that serves a project: Harbor has it below /v2/."""
    parts = urlsplit(url)
    return url if parts.path in ("", "/") else parts._replace(path=f"/v2{parts.path}").geturl()


def _named(key: str, host: Mapping[str, Any]) -> str:
    parts = urlsplit(_whole(key))
    if host.get("override_path") is True and parts.path.startswith("/v2/"):
        return parts._replace(path=parts.path.removeprefix("/v2")).geturl()
    return _whole(key)


def _changes(key: str, settings: Settings, earlier: Mapping[str, Any]) -> dict[KeyPath, Leaf | Raw | None]:
    """A CA goes only if it was ours; `skip_verify` goes always: a mirror must prove who it is."""
    ca, path = settings.get("ca-file"), (FAMILY, key)
    changes: dict[KeyPath, Leaf | Raw | None] = {
        (*path, "capabilities"): ["pull", "resolve"] if settings.get("resolve") is True else ["pull"],
        (*path, "override_path"): True if urlsplit(key).path not in ("", "/") else None,
        (*path, "skip_verify"): None,
    }
    if isinstance(ca, str):
        changes[*path, "ca"] = ca
    elif "ca" in earlier:
        changes[*path, "ca"] = None
    return changes
