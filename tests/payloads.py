"""What every command answers with: the types of its data, found in the source, and instances of them."""

from __future__ import annotations

import importlib
import pkgutil
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import mirrorcfg.demo.story
import mirrorcfg.ops
from mirrorcfg.cli.answer import Draw


@cache
def payloads() -> Mapping[str, type]:
    """Every named tuple of `ops` and the demo, by its name."""
    modules = [mirrorcfg.demo.story]
    for found in pkgutil.walk_packages(mirrorcfg.ops.__path__, "mirrorcfg.ops."):
        modules.append(importlib.import_module(found.name))
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if _is_tuple(value) and value.__module__ == module.__name__
    }


def of(draw: Draw[Any]) -> type:
    """The type of what a function draws."""
    name = draw.__annotations__["data"]
    return payloads()[{"HasText": "Shown"}.get(name, name)]


def made(hint: Any, text: Callable[[], str], chance: Callable[[], bool]) -> Any:
    """A value of that type whose texts are `text`'s; `chance` decides what may be there or not."""
    origin, arguments = get_origin(hint), get_args(hint)
    if _is_tuple(hint):
        return hint(*(made(each, text, chance) for each in get_type_hints(hint).values()))
    if origin in (Union, types.UnionType):
        if types.NoneType in arguments and not chance():
            return None
        return made(arguments[0], text, chance)
    if origin is Literal:
        return arguments[0]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {text(): made(arguments[1], text, chance)} if chance() else {}
    if origin is not None:
        return [made(arguments[0], text, chance)] if chance() else []
    if hint is types.NoneType:
        return None
    plain = {bool: chance, int: lambda: 1, float: lambda: 1.0, str: text, object: text}
    return plain[hint]()


def keys(hint: Any) -> set[str]:
    """The keys of a type's JSON, those of what is in it too."""
    if _is_tuple(hint):
        hints = get_type_hints(hint)
        return {name.rstrip("_") for name in hints}.union(*map(keys, hints.values()))
    return set().union(*map(keys, get_args(hint)))


def _is_tuple(value: object) -> bool:
    return isinstance(value, type) and hasattr(value, "_fields")
