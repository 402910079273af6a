"""How a value is spelt in YAML: plain where that is safe under YAML 1.1 and 1.2, else in quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from mirrorcfg.errors import FormatError

_PLAIN = re.compile(r"[A-Za-z_/$.](?:[\w./$@%+=~^-]|:(?=[\w./$@%+=~^-]))*")
_WORDS = re.compile(r"(?i)y|yes|n|no|on|off|true|false|null|~|\.inf|\.nan|[\d._+-].*")
# Compiled when it is first needed: it takes longer than all the others together.
_ESCAPED = r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"


def scalar(value: Any, quote: str | None = None) -> str:
    """`value`, a string in the quotes `quote` if its neighbours have them."""
    if not isinstance(value, str):
        return json.dumps(value, allow_nan=False)
    if quote not in ("'", '"') and _PLAIN.fullmatch(value) and not _WORDS.fullmatch(value):
        return value
    if quote == "'" and not re.search(_ESCAPED, value):
        return "'" + value.replace("'", "''") + "'"
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise FormatError("not-writable", "the value holds half a character", hint="use another value")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(_ESCAPED, _escape, escaped) + '"'


def inline(value: Any, quote: str | None = None) -> str:
    """`value` in flow style, on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {inline(item, quote)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(item, quote) for item in value) + "]"
    return scalar(value, quote)


def _escape(match: re.Match[str]) -> str:
    point = ord(match.group())
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
