"""The one place that takes credentials out of a text before anybody sees it."""

from __future__ import annotations

import re

MASK = "****"

_USERINFO = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#\s\"'<>]*@")
_NAMED = re.compile(
    r"""(?P<name>["']?[\w.-]*(?:token|passw(?:or)?d|secret|api-?_?key|access-?_?key|credential)[\w.-]*["']?
        \s*[:=]\s*)(?P<value>"[^"\n]*"|'[^'\n]*'|[^\s"',;&\]}]+)""",
    re.IGNORECASE | re.VERBOSE,
)


def redact(text: str) -> str:
    """`text` with the user part of every URL, and every value named like a secret, masked.

    It is meant to err on the safe side: all of what stands between `://` and the last `@` before the
    path goes, also where a password holds an `@` or a colon of its own.
    """
    text = _USERINFO.sub(rf"\g<scheme>{MASK}@", text)
    return _NAMED.sub(lambda match: match["name"] + _masked(match["value"]), text)


def _masked(value: str) -> str:
    quote = value[0] if value[0] in "\"'" else ""
    return f"{quote}{MASK}{quote}"
