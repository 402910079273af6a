"""A .condarc, as conda reads it: ruamel.yaml finds every value's place, and the text is spliced there."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from typing import Any

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Changes, KeyPath, Raw
from mirrorcfg.formats.proof import pending, prove
from mirrorcfg.formats.text import newline, splice
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
