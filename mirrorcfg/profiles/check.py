"""Is a document shaped as a profile is? What variables stand for is looked at once they are filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from mirrorcfg.errors import ProfileError
from mirrorcfg.model.profile import is_name
from mirrorcfg.model.settings import Key, Kind
from mirrorcfg.profiles.document import Document
from mirrorcfg.profiles.variables import VariableError, is_variable, references
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import cut, kind_of, listed, meant, shown

SCHEMA = 1
Catalogue = Mapping[str, Mapping[str, Key]]
"""The keys that each tool's table may have: `{"pip": {"index-url": Key(…), …}, …}`."""

TOP: Mapping[str, type] = {
    "schema": int,
    "name": str,
    "title": dict,
    "homepage": str,
    "failure-domain": str,
    "checked": date,
    "extends": str,
    "failover": list,
    "aliases": list,
    "variables": dict,
    "tls": dict,
}
TLS: Mapping[str, type] = {"ca-file": str, "system-store": bool}
OFFER: Mapping[str, type] = {"default": bool, "unavailable": str}  # the latter by language, too
LISTS = (Kind.URLS, Kind.LINKS, Kind.NAMES)
_WANTED = {
    str: sentence("a string"),
    int: sentence("a number"),
    bool: sentence("true or false"),
    dict: sentence("a table"),
    list: sentence("a list of strings"),
    date: sentence("a date such as 2026-08-08, without quotes"),
}


def check(document: Document, catalogue: Catalogue) -> None:
    """Raise a ProfileError about the first thing in `document` that no profile may say."""
    content = document.content
    _schema(document)
    _known(document, content, (*TOP, *catalogue))
    for key, kind in TOP.items():
        if key in content:
            _typed(document, content[key], kind, key)
    _name(document)
    _names(document, "failover")
    _names(document, "aliases")
    _title(document)
    _known(document, content.get("tls", {}), TLS, "tls")
    for key, value in content.get("tls", {}).items():
        _typed(document, value, TLS[key], "tls", key)
    _variables(document)
    for tool in catalogue:
        if tool in content:
            _tool(document, tool, catalogue[tool])
    _syntax(document, content)


def strings(content: Any, *keys: str | int) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every string in it, with where it stands."""
    if isinstance(content, str):
        yield keys, content
    elif isinstance(content, Mapping):
        for key, value in content.items():
            yield from strings(value, *keys, key)
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from strings(value, *keys, index)


def _schema(document: Document) -> None:
    schema = document.content.get("schema")
    if schema is None:
        what = sentence("A profile begins with schema = {schema}; this one doesn't.", schema=SCHEMA)
        raise document.error("profile-schema", what)
    if type(schema) is not int or schema != SCHEMA:
        said = cut(str(schema)) if type(schema) is int else shown(schema)
        what = sentence(
            "The profile is written in schema {said}; this mirrorcfg reads schema {schema}.",
            said=said,
            schema=SCHEMA,
        )
        raise document.error("profile-schema", what, "schema")


def _known(document: Document, table: Mapping[str, Any], known: Any, *keys: str) -> None:
    for key in table:
        if key not in known:
            raise _unknown(document, key, known, *keys)


def _unknown(document: Document, key: str, known: Any, *keys: str) -> ProfileError:
    near = meant(key, known)
    if keys:
        where = f"[{keys[0]}]"
        what = sentence("There is no key {key} in {where}.{meant}", key=shown(key), where=where, meant=near)
        hint = sentence("the keys in {where} are {keys}", where=where, keys=listed(known))
    else:
        what = sentence("There is no key {key} in a profile.{meant}", key=shown(key), meant=near)
        hint = sentence("the keys in a profile are {keys}", keys=listed(known))
    return document.error("unknown-key", what, *keys, key, hint=hint)


def _typed(document: Document, value: Any, kind: type, *keys: str | int) -> None:
    # By type() rather than isinstance: a bool is an int, and a date with a time is a date, to Python.
    if type(value) is not kind:
        what = sentence(
            "The value of {key} must be {wanted}, not {said}.",
            key=shown(_last(keys)),
            wanted=_WANTED[kind],
            said=kind_of(value),
        )
        raise document.error("wrong-type", what, *keys)


def _last(keys: tuple[str | int, ...]) -> str:
    return next(key for key in reversed(keys) if isinstance(key, str))


def _name(document: Document) -> None:
    name, stem = document.content.get("name"), document.found.name
    if name is None:
        raise document.error(
            "missing-key", sentence("The profile does not say its name: name = {stem}.", stem=shown(stem))
        )
    if not is_name(name):
        what = sentence(
            "{name} is not a name: lower-case letters, digits and hyphens, 64 at most.", name=shown(name)
        )
        raise document.error("profile-name", what, "name")
    if name != stem:
        what = sentence(
            "The profile is named {name}, but its file is named {stem}.",
            name=shown(name),
            stem=shown(stem + ".toml"),
        )
        raise document.error(
            "profile-name", what, "name", hint=sentence("name the file {name}.toml", name=name)
        )
    extends = document.content.get("extends")
    if extends is not None and not is_name(extends):
        what = sentence("{name} is not the name of a profile.", name=shown(extends))
        raise document.error("profile-name", what, "extends")


def _names(document: Document, key: str) -> None:
    """Names; whether there are such profiles shows when one is needed."""
    if key not in document.content:
        return
    _value(document, document.content[key], Kind.NAMES, key)
    for index, name in enumerate(document.content[key]):
        if not is_name(name):
            what = sentence("{name} is not the name of a profile.", name=shown(name))
            raise document.error("profile-name", what, key, index)


def _title(document: Document) -> None:
    if "title" in document.content:
        _languages(document, document.content["title"], "title")


def _languages(document: Document, texts: Mapping[str, Any], *keys: str) -> None:
    """A text by language, English among them."""
    for language, text in texts.items():
        if not (language.isascii() and language.replace("-", "").isalnum()):
            what = sentence("{language} is not a language.", language=shown(language))
            raise document.error("bad-text", what, *keys, language)
        _typed(document, text, str, *keys, language)
    if "en" not in texts:
        what = sentence("The value of {key} has no English form, 'en'.", key=shown(keys[-1]))
        raise document.error("missing-key", what, *keys)


def _variables(document: Document) -> None:
    for name, value in document.content.get("variables", {}).items():
        if not is_variable(name):
            what = sentence(
                "{name} is not the name of a variable: lower-case letters, digits, '-' and '_'.",
                name=shown(name),
            )
            raise document.error("variable-name", what, "variables", name)
        _typed(document, value, str, "variables", name)


def _tool(document: Document, tool: str, keys: Mapping[str, Key]) -> None:
    table = document.content[tool]
    _typed(document, table, dict, tool)
    _known(document, table, (*keys, *OFFER), tool)
    for key, value in table.items():
        if key == "unavailable" and type(value) is dict:
            _languages(document, value, tool, key)
        elif key in OFFER:
            _typed(document, value, OFFER[key], tool, key)
        else:
            _value(document, value, keys[key].kind, tool, key)
    _syntax(document, table, tool)
    _offer(document, tool, table)


def _offer(document: Document, tool: str, table: Mapping[str, Any]) -> None:
    keys = [key for key in table if key not in OFFER]
    if "default" in table and not table["default"]:
        raise document.error("wrong-type", "The only value of 'default' is true.", tool, "default")
    if "default" in table and "unavailable" in table:
        what = sentence("[{tool}] says both 'default' and 'unavailable'; it can only be one.", tool=tool)
        raise document.error("default-and-unavailable", what, tool, "unavailable")
    if "default" in table and keys:
        key = shown(keys[0])
        what = sentence(
            "[{tool}] says 'default', and {key} beside it; it can only be one.", tool=tool, key=key
        )
        raise document.error("default-with-keys", what, tool, keys[0])
    if not table:
        what = sentence("[{tool}] says nothing.", tool=tool)
        hint = sentence('say default = true, or unavailable = "why", or leave [{tool}] out', tool=tool)
        raise document.error("empty-value", what, tool, hint=hint)
    fillable = any(references(text) for key in keys for _, text in strings(table[key]))
    if "unavailable" in table and keys and not fillable:
        what = sentence(
            "[{tool}] says 'unavailable', and {key} beside it; it can only be one.",
            tool=tool,
            key=shown(keys[0]),
        )
        hint = "beside keys it is for those that hang on a variable: it holds while that has no value"
        raise document.error("unavailable-with-keys", what, tool, keys[0], hint=hint)


def _value(document: Document, value: Any, kind: Kind, *keys: str) -> None:
    if kind is Kind.FLAG:
        return _typed(document, value, bool, *keys)
    if kind in LISTS:
        _typed(document, value, list, *keys)
        seen: set[str] = set()
        for index, item in enumerate(value):
            _typed(document, item, str, *keys, index)
            if item in seen:
                key = shown(keys[-1])
                what = sentence("{name} is in the list of {key} twice.", name=shown(item), key=key)
                raise document.error("duplicate-value", what, *keys, index)
            seen.add(item)
    elif kind is Kind.URL_MAP:
        _typed(document, value, dict, *keys)
        for name, item in value.items():
            _typed(document, item, str, *keys, name)
    else:
        _typed(document, value, str, *keys)
    if not value:
        raise document.error(
            "empty-value", sentence("The value of {key} is empty.", key=shown(keys[-1])), *keys
        )
    return None


def _syntax(document: Document, content: Mapping[str, Any], *above: str) -> None:
    for keys, text in strings(content, *above):
        try:
            references(text)
        except VariableError as error:
            raise document.error(error.code, error.what, *keys, hint=error.hint) from None
