"""What scripts are made of: comments, words and blocks that another language reads back as they were."""

from __future__ import annotations

import json
from textwrap import indent


def comment(*lines: str) -> str:
    """Lines that a shell, YAML and a Dockerfile pass over."""
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def scalar(text: str) -> str:
    """`text` as a scalar of YAML in double quotes."""
    return "".join(
        char if char.isprintable() else _escaped(char) for char in json.dumps(text, ensure_ascii=False)
    )


def block(text: str, margin: int) -> str:
    """`text` as the value of a YAML key: a literal block `margin` deep where it can be one, else a scalar."""
    plain = text.endswith("\n") and not text.endswith("\n\n") and not text[0].isspace()
    if plain and all(char == "\n" or (char.isprintable() and char != "\ufeff") for char in text):
        return "|\n" + indent(text, " " * margin).rstrip("\n")
    return scalar(text)


def delimiter(text: str, word: str) -> str:
    """A word that is no line of `text`, to end a here-document with."""
    lines, number, end = text.split("\n"), 0, word
    while end in lines:
        number += 1
        end = f"{word}{number}"
    return end


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
