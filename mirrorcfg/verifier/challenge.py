"""What a server's WWW-Authenticate asks for (RFC 9110, section 11; the distribution project's token page)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# What has matched isn't tried in another way again: a line of spaces took the square of its length.
_WORD = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}+"
_PARAMETER = re.compile(rf'\s*+,?+\s*+({_WORD})\s*+=\s*+(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_SCHEME = re.compile(rf"\s*+,?+\s*+({_WORD})(?=[\s,]|$)")
_LONGEST = 4096
_MOST = 32


@dataclass(frozen=True)
class Challenge:
    """A scheme, in lower case, and its parameters."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def read(headers: Sequence[str]) -> list[Challenge]:
    """Every challenge of these header lines; what can't be read is left out."""
    return [challenge for line in headers[:_MOST] for challenge in _line(line[:_LONGEST])]


def _line(text: str) -> list[Challenge]:
    found: list[Challenge] = []
    at = 0
    for _ in range(_MOST):
        scheme = _SCHEME.match(text, at)
        if not scheme:
            break
        at = scheme.end()
        parameters: dict[str, str] = {}
        while len(parameters) < _MOST and (pair := _PARAMETER.match(text, at)):
            value = pair[3] if pair[2] is None else re.sub(r"\\(.)", r"\1", pair[2])
            parameters.setdefault(pair[1].lower(), value)
            at = pair.end()
        found.append(Challenge(scheme[1].lower(), parameters))
    return found
