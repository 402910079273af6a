"""A .condarc, as conda reads it: ruamel.yaml finds every value's place, and the text is spliced there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Changes, KeyPath, Raw
from mirrorcfg.formats.proof import pending, prove
from mirrorcfg.formats.text import newline, refuse, splice
from mirrorcfg.formats.yaml_tree import parsed


def read(text: str) -> dict[str, Any]:
    """The mapping that the text holds; an empty one if it holds nothing."""
    return deepcopy(_data(text))


def raw(text: str, path: KeyPath) -> Raw | None:
    """What follows the colon of the key at `path`: the white space, the value, comments within it."""
    tree = parsed(text)
    node, found = tree.root, None
    for step in path:
        found = tree.pair(node, step)
        if found is None:
            return None
        node = found[1]
    return Raw(text[tree.colon(found[0]) : tree.pair_end(*found)]) if found else None


def remarks(text: str) -> Mapping[tuple[str | int, ...], str]:
    """The comment that ruamel.yaml hangs on a key or an item, by its path, where conda looks for one.

    A comment on the lines below belongs to it as well, so that a mark above one of those is none.
    """
    from ruamel.yaml import YAML

    parsed(text)  # what can't be read, or would take too long, ends here
    return dict(_remarks(YAML(typ="rt", pure=True).load(text), ()))


def refused(text: str, path: KeyPath, code: str, what: str, hint: str | None = None) -> FormatError:
    """The error about the key at `path`, with its line."""
    tree = parsed(text)
    node, at = tree.root, 0
    for step in path:
        if (found := tree.pair(node, step)) is None:
            break
        at, node = found[0].start_mark.index, found[1]
    return refuse(code, what, text, at, hint)


def edit(text: str, changes: Changes) -> str:
    """`text` with those values changed, in the style of the file."""
    from mirrorcfg.formats.yaml_edit import Editor

    todo = pending(_data, raw, text, changes)
    if not todo:
        return text
    style = newline(text)
    closed = not text.removeprefix("\ufeff") or text.endswith(("\n", "\r"))
    tree = parsed(text)
    whole = tree._replace(text=text if closed else text + style)
    after = splice(whole.text, Editor(whole, style).change(todo))
    if not closed:
        with suppress(FormatError):  # the newline may belong to a block scalar that is now the last value
            return prove(_data, raw, text, after.removesuffix(style), changes)
    return prove(_data, raw, text, after, changes)


def _data(text: str) -> dict[str, Any]:
    return parsed(text).data


def _remarks(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Behind a value for a key; before an item, or else behind it."""
    found = getattr(getattr(node, "ca", None), "items", None) or {}
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        slots = [*(found.get(key) or ()), None, None, None]
        before, behind, value = slots[:3]
        token = value if isinstance(node, dict) else before
        if token is None and isinstance(node, list) and isinstance(behind, list) and behind:
            token = behind[0]
        if token is not None:
            yield (*path, key), str(token.value).strip()
        yield from _remarks(child, (*path, key))
