"""The text of a new profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mirrorcfg.errors import ProfileError
from mirrorcfg.formats.toml_scan import remark
from mirrorcfg.model.profile import Profile, is_name
from mirrorcfg.profiles.check import SCHEMA, Catalogue
from mirrorcfg.profiles.document import parse
from mirrorcfg.profiles.draft import Draft, Table, draft, merge
from mirrorcfg.profiles.load import Filling, settable
from mirrorcfg.profiles.search import Directory, Found, find
from mirrorcfg.sentence import Bilingual, sentence
from mirrorcfg.wording import shown

if TYPE_CHECKING:
    from tomlkit.items import Item

Content = dict[str, Any]

_HOST = "mirror.example.com"


class Composed(NamedTuple):
    """A new profile's text, and what it says; its `needs` are the variables that lack a value."""

    text: str
    profile: Profile


class Question(NamedTuple):
    """A variable of a template, the remark behind it there, and the value that it has without an answer."""

    name: str
    remark: str
    default: str


def questions(
    base: str, catalogue: Catalogue, directories: Sequence[Directory], home: Path | None = None
) -> tuple[Question, ...]:
    """What may be said of a profile that builds upon `base`. Raises ProfileError."""
    variables = draft(find(base, directories, home), catalogue, directories).variables
    return tuple(
        Question(name, remark(said.document.text, said.keys), said.value) for name, said in variables.items()
    )


def new(
    name: str,
    base: str | None,
    sets: Mapping[str, str],
    catalogue: Catalogue,
    directories: Sequence[Directory],
    home: Path | None = None,
    layer: str = "user",
) -> Composed:
    """A profile called `name`, checked as if it stood in that layer's directory already.

    A `base` that is a name is extended, so that later corrections of it arrive; one that is a path is
    copied. Without a base it is a start, to be edited. `sets` gives variables of the base their values.
    Raises ProfileError.
    """
    if not is_name(name):
        what = sentence(
            "{name} is not a name: lower-case letters, digits and hyphens, 64 at most.", name=shown(name)
        )
        raise ProfileError("profile-name", what)
    content: Content = {"schema": SCHEMA, "name": name, "title": {"en": name}}
    found, below = _place(name, directories, layer)
    if base is None:
        content |= {"variables": {"host": _HOST}, **_start(catalogue)}
        hosts = settable(merge(parse(_text(content).encode(), found), catalogue, directories), sets)
    else:
        original = draft(find(base, below if base == name else directories, home), catalogue, directories)
        hosts = settable(original, sets)
        found_by_name = original.document.found.layer not in ("path", "address")
        content |= {"extends": original.document.found.name} if found_by_name else _copy(original)
    if sets:
        content["variables"] = {**content.get("variables", {}), **sets, **hosts}
    text = _text(content)
    filling = Filling(merge(parse(text.encode(), found), catalogue, directories), {}, catalogue)
    profile = filling.profile()
    return Composed(text, profile._replace(needs=tuple(sorted(filling.missing)), hosts=hosts))


def whole(profile: Profile) -> str:
    """The text of a profile that hangs on nothing else: `extends` followed, every variable filled in."""
    content: Content = {"schema": SCHEMA, "name": profile.name, "title": profile.titles}
    content |= {"homepage": profile.homepage} if profile.homepage else {}
    content |= {"failure-domain": profile.failure_domain} if profile.failure_domain else {}
    content |= {"checked": profile.checked} if profile.checked else {}
    tls: dict[str, object] = {"ca-file": profile.ca_file} if profile.ca_file else {}
    tls |= {"system-store": True} if profile.system_store else {}
    content |= {"tls": tls} if tls else {}
    for tool, offer in profile.offers.items():
        if offer.default or offer.unavailable is not None:
            content[tool] = {"default": True} if offer.default else {"unavailable": _why(offer.unavailable)}
        else:
            content[tool] = dict(offer.settings)
    return _text(content)


def _why(text: str | None) -> object:
    return {"en": str(text), "zh": text.chinese} if isinstance(text, Bilingual) else text


def _start(catalogue: Catalogue) -> Content:
    """What a profile without a base begins with: the keys that have an example."""
    tables = {
        tool: {name: key.example for name, key in keys.items() if key.example is not None}
        for tool, keys in catalogue.items()
    }
    return {tool: table for tool, table in tables.items() if table}


def _place(name: str, directories: Sequence[Directory], layer: str) -> tuple[Found, Sequence[Directory]]:
    """The file it would be, and the directories that are searched after that one."""
    for index, directory in enumerate(directories):
        if directory.layer == layer:
            return Found(name, directory.path / f"{name}.toml", layer), directories[index + 1 :]
    return Found(name, Path(f"{name}.toml").absolute(), "path"), directories


def _copy(original: Draft) -> Content:
    def values(table: Table) -> Content:
        return {key: said.value for key, said in table.items()}

    tables = {"variables": original.variables, "tls": original.tls, **original.tools}
    return values(original.top) | {key: values(table) for key, table in tables.items() if table}


def _text(content: Content) -> str:
    import tomlkit

    document = tomlkit.document()
    for key, value in sorted(content.items(), key=lambda pair: _is_section(*pair)):  # sections end the top
        document.add(key, _section(value) if _is_section(key, value) else _item(value))
    text = tomlkit.dumps(document)
    # What nobody would see is written as an escape; it can only stand in a string.
    return "".join(char if char.isprintable() or char == "\n" else f"\\U{ord(char):08x}" for char in text)


def _is_section(key: str, value: Any) -> bool:
    return isinstance(value, Mapping) and key != "title"


def _section(values: Mapping[str, Any]) -> Item:
    import tomlkit

    table = tomlkit.table()
    for key, value in values.items():
        table.add(key, _item(value))
    return table


def _item(value: Any) -> Item:
    import tomlkit

    if isinstance(value, Mapping):
        pairs = [f"{tomlkit.key(key).as_string()} = {_item(each).as_string()}" for key, each in value.items()]
        return tomlkit.value(f"{{ {', '.join(pairs)} }}")
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        array.extend(value)
        array.multiline(len(value) > 1)
        return array
    item: Item = tomlkit.item(value)
    return item
