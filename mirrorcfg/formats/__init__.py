"""Text in, text out: each format changes named keys and nothing else.

Every format is a module with the same three functions (`Format`). A text is the whole file, decoded, with
byte order mark (U+FEFF) if it has one and its own line endings (see `text.decode`).

The inverse of an edit is `keys.revert(fmt, text, left, target, paths)`: `left` came out of editing `paths` of
`target`, and `text` is `left` with what others did to it since. Old values go back to their old places in
their old spelling with their comments; if `text` is `left`, the result is `target` byte for byte.
A plain `edit` to the old value only promises that the value is back.

A map that an edit takes the last entry from goes with it (YAML, JSON: an empty one could mean something else
than none); an INI section or a TOML table keeps its header.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol


class Raw(NamedTuple):
    """A value as it is spelt in a file, for putting it back the way it was."""

    text: str


class Entry(NamedTuple):
    """In a key path: the one table of an array of tables whose `key` has this `value` (TOML)."""

    key: str
    value: str | bool


KeyPath = tuple[str | Entry, ...]
"""Where a value stands: ("global", "index-url"), ("custom_channels", "pytorch"), ("registry-mirrors",)."""

Leaf = str | bool | Sequence[str] | Mapping[str, Any]
Changes = Mapping[KeyPath, Leaf | Raw | None]
"""Key paths to new values; None takes the key away."""


class Format(Protocol):
    """The contract of a format module."""

    def read(self, text: str) -> dict[str, Any]:
        """What the tool would parse. Raises FormatError with line and column where it could not."""

    def edit(self, text: str, changes: Changes) -> str:
        """`text` with exactly those keys changed, fitting in with its style; it is read back to prove it.

        Raises FormatError where the text can't be parsed or its meaning would be doubtful.
        """

    def raw(self, text: str, path: KeyPath) -> Raw | None:
        """How the value at `path` is spelt, None where there is none."""


if TYPE_CHECKING:
    from mirrorcfg.formats import ini as ini
    from mirrorcfg.formats import json as json
    from mirrorcfg.formats import keys as keys
    from mirrorcfg.formats import toml as toml
    from mirrorcfg.formats import toml_tables as toml_tables
    from mirrorcfg.formats import yaml as yaml

_LAZY = frozenset({"ini", "json", "keys", "toml", "toml_tables", "yaml"})


def __getattr__(name: str) -> ModuleType:
    if name not in _LAZY:
        raise AttributeError(name)
    return import_module(f"{__name__}.{name}")
