"""The files of variables that systemd reads, which no shell would read so.

Source of the rules: systemd.exec(5), "EnvironmentFile="; tried on systemd 252.
"""

from __future__ import annotations

import re

_NAME = re.compile(r"[ \t]*([A-Za-z_]\w*)[ \t]*=")
_QUOTED = re.compile(r"""'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|[ \t]+""", re.S)
_PLAIN = re.compile(r"(?:[^\\\n]|\\.|\\\Z)*", re.S)


def read(text: str) -> dict[str, str]:
    """Name to value; a line that isn't an assignment is passed over."""
    found, at = {}, 0
    text = text.replace("\r\n", "\n")
    while at < len(text):
        name = _NAME.match(text, at)
        if name is None:
            at = _next_line(text, at)
            continue
        found[name[1]], at = _value(text, name.end())
    return found


def _next_line(text: str, at: int) -> int:
    """Behind a line, and a comment that a backslash continues."""
    line = re.compile(r"(?:[^\n\\]|\\.)*(?:\n|\Z)", re.S).match(text, at)
    return line.end() if line and line.end() > at else len(text)


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that begins there, and where the next line does: quoted parts, then one without."""
    value = ""
    while piece := _QUOTED.match(text, at):
        at = piece.end()
        value += piece["single"] or ""
        value += re.sub(r'\\(\n|["\\`$])', lambda each: each[1].replace("\n", ""), piece["double"] or "")
    plain = _PLAIN.match(text, at)
    rest = plain[0] if plain else ""
    words = re.sub(r"(?<!\\)[ \t\r]+\Z", "", rest)
    value += re.sub(r"\\(.)", lambda each: each[1].replace("\n", ""), words, flags=re.S)
    return value, at + len(rest) + 1
