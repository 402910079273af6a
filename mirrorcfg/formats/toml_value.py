"""A key and a value as TOML spells them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from mirrorcfg.errors import FormatError
from mirrorcfg.sentence import sentence

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = re.compile(r"[\x7f-\x9f]")


def spelt_key(key: str) -> str:
    """A key of one step."""
    return key if _BARE_KEY.fullmatch(key) else spelt(key, '"')


def spelt(value: Any, quote: str) -> str:
    """A value in one line, its strings in that quote where they fit. Raises FormatError."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{spelt_key(key)} = {spelt(item, quote)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(spelt(item, quote) for item in value) + "]"
    if isinstance(value, str):
        if quote == "'" and value.isprintable() and "'" not in value:
            return f"'{value}'"
        return _ESCAPED.sub(
            lambda match: f"\\u{ord(match.group()):04x}", json.dumps(value, ensure_ascii=False)
        )
    if isinstance(value, bool | int | float):
        return json.dumps(value, allow_nan=False)
    raise FormatError("not-writable", sentence("a {type} can't be written here", type=type(value).__name__))
