"""The one place that takes credentials out of a text, or out of parsed data, before anybody sees it.

By structure first: what a key of parsed data names, the user and the query of an address, the token in a
channel's, the value behind a name, a header or an option, with the escapes of JSON, TOML and YAML undone.
Then by pattern: the forms that services give their tokens. Each step is linear in the text, and is imported
and compiled only where a sign calls for it: most lines need none of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mirrorcfg.sentence import Sentence

MASK = "****"

_ESCAPE = r"\\(?:[\\/]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2})"
# What a text must hold before a closer look at it is taken; texts, as they cost nothing to import.
_NAMES = "token pass pwd secret credential signature session key auth sig cookie art-api"
_PREFIXES = (
    "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glcbt- glptt- glsoat- glft- pypi-AgE hf_ npm_"
    " AKIA ASIA AKID LTAI xox xapp- sk- k_live_ k_test_ dckr_ AIza ya29. AKCp cmVmdGtu eyJ -----BEGIN"
)


def redact(text: str) -> str:
    """`text` with every credential in it masked; it has as many lines as before.

    It errs on the safe side: where a password holds characters that should have been encoded, it rather
    masks some of what follows. Names are those of INI, YAML, JSON, queries, headers, netrc and options.
    """
    plain = re.sub(_ESCAPE, _unescaped, text) if "\\" in text else text
    masked = _masked(plain)
    if plain == text or masked == plain:
        return text if masked == plain else masked
    # A line keeps its own spelling unless something in it was masked.
    lines = zip(text.split("\n"), plain.split("\n"), masked.split("\n"), strict=True)
    return "\n".join(old if new == read else new for old, read, new in lines)


def masked(data: Any) -> Any:
    """`data` with every string redacted, and all that stands below a key named like a secret masked.

    A named tuple is one again, and its fields are its keys; any other tuple is a list.
    """
    if isinstance(data, Sentence):
        return data.of(redact)  # what stands between the facts is ours
    if isinstance(data, str):
        return redact(data)
    if isinstance(data, Mapping):
        return {
            redact(str(key)): _hidden(value) if _names_secret(str(key)) else masked(value)
            for key, value in data.items()
        }
    if hasattr(data, "_asdict"):
        return data._replace(**masked(data._asdict()))
    return [masked(item) for item in data] if isinstance(data, (list, tuple)) else data


def _hidden(data: Any) -> Any:
    """The shape of `data` alone; that there is nothing may be seen."""
    if hasattr(data, "_asdict"):
        return data._replace(**_hidden(data._asdict()))
    if isinstance(data, Mapping):
        return {redact(str(key)): _hidden(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_hidden(item) for item in data]
    return data if data is None or data == "" else MASK


def _names_secret(key: str) -> bool:
    if not _may_name(key):
        return False
    from mirrorcfg.redact import named

    return named.is_secret(key)


def _may_name(text: str) -> bool:
    lower = text.lower()
    return any(sign in lower for sign in _NAMES.split())


def _may_hold_token(text: str) -> bool:
    lower = text.lower()
    return any(sign in text for sign in _PREFIXES.split()) or "bearer" in lower or "basic" in lower


def _masked(text: str) -> str:
    if "@" in text or "?" in text or "/t/" in text:
        from mirrorcfg.redact import address

        text = address.masked(text)
    if _may_hold_token(text):
        from mirrorcfg.redact import token

        text = token.masked(text)
    if _may_name(text):
        from mirrorcfg.redact import named

        text = named.masked(text)
    return text


def _unescaped(match: re.Match[str]) -> str:
    """What an escape stands for, unless that would end the string it stands in."""
    escape = match[0]
    if escape[1] in "\\/":
        return "/" if escape == r"\/" else escape
    number = int(escape[2:], 16)
    char = chr(number) if number < 0x110000 else ""
    return char if char.isprintable() and char not in "\"'\\" and char else escape
