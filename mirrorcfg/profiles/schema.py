"""The JSON schema of profiles, for editors; mirrorcfg itself checks with `profiles.check`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirrorcfg.model.profile import NAME
from mirrorcfg.model.settings import Key, Kind
from mirrorcfg.profiles.address import CHANNEL, IMAGE, PROJECT
from mirrorcfg.profiles.check import SCHEMA, Catalogue
from mirrorcfg.profiles.variables import VARIABLE

Json = dict[str, Any]

_FILLED = rf"\$\{{{VARIABLE}\}}"
_PLAIN = r"[A-Za-z0-9\-._~:/?#\[\]@!&()*+,;=%]"
_NO_QUERY = r"[A-Za-z0-9\-._~:/\[\]@!&()*+,;=%]"
_NO_USER = r"(?!https://[^/?#]*@)"
_NAMED: Json = {"type": "string", "pattern": f"^{NAME}$"}
_TEXT: Json = {"type": "string", "pattern": r"^[^\x00-\x1f\x7f-\x9f]*$"}
_BY_LANGUAGE: Json = {
    "type": "object",
    "required": ["en"],
    "patternProperties": {"^[A-Za-z0-9-]+$": _TEXT},
    "additionalProperties": False,
}


def schema(catalogue: Catalogue) -> Json:
    """The schema for profiles whose tools' tables may have the keys that `catalogue` names."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "mirrorcfg profile",
        "description": "Where each tool's packages come from.",
        "type": "object",
        "required": ["schema", "name"],
        "additionalProperties": False,
        "properties": _top() | {tool: _tool(tool, keys) for tool, keys in sorted(catalogue.items())},
    }


def _top() -> Json:
    variables: Json = {"type": "object", "patternProperties": {f"^{VARIABLE}$": _TEXT}}
    tls: Json = {
        "ca-file": _about(_path(), "certificates trusted besides the system's own"),
        "system-store": _about({"type": "boolean"}, "have each tool trust what the system's store does"),
    }
    names: Json = {"type": "array", "minItems": 1, "uniqueItems": True, "items": _NAMED}
    date: Json = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    return {
        "schema": _about({"const": SCHEMA}, "the version of this format"),
        "name": _about(_NAMED, "the profile's name, which is its file's name without .toml"),
        "title": _about(_BY_LANGUAGE, "what it is, by language"),
        "homepage": _about(_url(query=True), "where people can read about it"),
        "failure-domain": _about(_filled(NAME), "profiles that share it go down together"),
        "aliases": _about(names, "what it may be called as well, where no profile has that name"),
        "failover": _about(names, "the profiles to go on with when this one stops working, in order"),
        "checked": _about(date, "when it was last compared with the mirror's own help page"),
        "extends": _about(_NAMED, "the profile that says what isn't said here"),
        "variables": _about({**variables, "additionalProperties": False}, 'for ${...}; "" is no value'),
        "tls": {"type": "object", "additionalProperties": False, "properties": tls},
    }


def _tool(tool: str, keys: Mapping[str, Key]) -> Json:
    known = {name: _about(_value(key), key.help) for name, key in sorted(keys.items())}
    offers: Json = {
        "default": _about({"const": True}, f"what {tool} ships with"),
        "unavailable": _about(
            {"anyOf": [_TEXT, _BY_LANGUAGE]},
            "why there is nothing here; beside keys: while a variable has no value",
        ),
    }
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": known | offers,
        "if": {"required": ["default"]},
        "then": {"maxProperties": 1},
    }


def _value(key: Key) -> Json:
    single = _single(key)
    if key.kind in (Kind.URLS, Kind.LINKS, Kind.NAMES):
        return {"type": "array", "minItems": 1, "uniqueItems": True, "items": single}
    if key.kind is Kind.URL_MAP:
        named = {f"^{CHANNEL}$": single}
        return {
            "type": "object",
            "minProperties": 1,
            "patternProperties": named,
            "additionalProperties": False,
        }
    return single


def _single(key: Key) -> Json:
    if key.kind is Kind.FLAG:
        return {"type": "boolean"}
    if key.kind is Kind.PATH:
        return _path()
    if key.kind is Kind.PROJECT:
        return _filled(PROJECT)
    if key.kind is Kind.IMAGE:
        return _filled(IMAGE)
    url = _url(query=key.query)
    if key.kind is Kind.LINKS:
        return {"anyOf": [url, _path(), _local()]}
    if key.kind is Kind.NAMES:
        return {"anyOf": [url, _local(), _filled(CHANNEL)]}
    return url


def _url(*, query: bool) -> Json:
    characters = _PLAIN if query else _NO_QUERY
    pattern = rf"^{_NO_USER}(?:https://|{_FILLED})(?:{characters}|{_FILLED})*$"
    return {"type": "string", "pattern": pattern}


def _local() -> Json:
    return _filled(f"file://{_PLAIN}*")


def _path() -> Json:
    pattern = rf"""^(?:/|\\\\|[A-Za-z]:[\\/]|{_FILLED})(?:[^\x00-\x1f\x7f-\uffff"'$`]|{_FILLED})*$"""
    return {"type": "string", "pattern": pattern}


def _filled(pattern: str) -> Json:
    """A string of that pattern, or one that a variable is part of."""
    return {"type": "string", "pattern": rf"^(?:{pattern}|.*{_FILLED}.*)$"}


def _about(value: Json, description: str) -> Json:
    return {**value, "description": description}
