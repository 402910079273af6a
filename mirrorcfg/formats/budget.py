"""What a text may cost to read: judged on the text, before a parser that knows no bounds of its own has it.

Every judge takes time and memory in proportion to the text, and raises FormatError: `file-too-large`,
`too-deep`, `too-complex`. No file that a person wrote comes near these numbers.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from mirrorcfg.errors import FormatError
from mirrorcfg.formats.text import refuse
from mirrorcfg.sentence import sentence

DEEPEST = 64  # brackets, dots of a key, blocks: people use five or six; Python's stack ends at some hundreds
_DIGITS = 400  # of a number in a row: a double has 309 before its point; Python reads 4300, in no short time
_KIB = 1024
_LARGEST = {
    "INI": 256 * _KIB,  # a pip.conf: some options and comments
    "TOML": 256 * _KIB,  # as much as mirrorcfg's own documents; podman's list of short names has 10 KiB
    "YAML": 1536 * _KIB,  # a .condarc of 20,000 channels, which a program wrote, has 1.1 MB
    "JSON": 8192 * _KIB,  # a daemon.json of 50,000 labels, likewise, has 5 MB
    "PEM": 2048 * _KIB,  # all the CAs that a system trusts have a quarter of MB
}
_VALUES = 100_000  # of JSON, which in memory take ten times their text; a text may have more of them if
_SPACED = 12  # there is one in so many characters at most: honest files have 17 and more, written closely
# YAML's reader takes some 6 us for a word, and a multiple of that for each of these. A page of them may
# stand close together; those channels have two in five characters of a long text.
_WEIGHTS = {"pair": 15, "mark": 8, "open": 3, "close": 3, "word": 1}
_DENSE = 60_000
_SPARSE = 0.4
_SHARED = 20_000  # values that aliases and merge keys may add to a YAML text's
_GAP = 100  # white space in the name of an option of INI: configparser takes the square of it
_INHERITED = 100_000  # options of INI: sections times what each has a copy of


def ini(text: str) -> None:
    """What configparser may be given."""
    _size("INI", text)
    for match in re.finditer(rf"\S[^\S\r\n]{{{_GAP},}}+[^\s=:]", text):
        start = max(text.rfind("\n", 0, match.end()), text.rfind("\r", 0, match.end())) + 1
        head = text[start : match.end()].lstrip()
        if head[0] not in "#;" and "=" not in head and ":" not in head:
            what = sentence("more than {most} blanks stand here", most=_GAP)
            raise refuse("too-complex", what, text, match.start() + 1)


def inherited(options: int, sections: int) -> None:
    """How much the sections of an INI text may inherit from [DEFAULT]."""
    if options * sections > _INHERITED:
        raise _complex(
            sentence(
                "{sections} sections inherit {options} options each from [DEFAULT]",
                sections=sections,
                options=options,
            )
        )


def toml(text: str) -> None:
    """What tomllib may be given: a dotted key costs it the square of the key's length, time and memory."""
    _size("TOML", text)
    opened: list[int] = []  # what each open bracket adds: itself, and the dots of the key before it
    depth = dots = 0
    for match in _toml_tokens().finditer(text):
        kind = match.lastgroup
        if kind == "open":
            opened.append(1 + dots)
            depth, dots = depth + 1 + dots, 0
        elif kind == "close":
            depth, dots = depth - (opened.pop() if opened else 0), 0
        elif kind == "end":
            dots = 0
        elif kind == "dot":
            dots += 1
        elif kind == "number":
            raise _long(text, match.start())
        if depth + dots > DEEPEST:
            raise deep(text, match.start())


@cache
def _toml_tokens() -> re.Pattern[str]:
    """What counts in a TOML text. Strings that aren't closed reach to the end, so that it stays linear."""
    return re.compile(
        r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5})?'
        r"|'''(?:[^']|'(?!''))*+(?:'{3,5})?"
        r'|"(?:[^"\\\n]|\\.)*+"?'
        r"|'[^'\n]*+'?"
        r"|#[^\n]*+"
        rf"|(?P<number>[0-9](?:_?[0-9A-Fa-fox]){{{_DIGITS}}})"
        r"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<end>[,\n])|(?P<dot>\.)",
        re.DOTALL,
    )


def json(text: str) -> None:
    """What the json module may be given."""
    _size("JSON", text)
    opening = text.count("{") + text.count("[")
    if opening + text.count(",") > _VALUES + len(text) // _SPACED:
        raise _complex("it holds more values than such a file can be meant to")
    depth = 0
    if opening > DEEPEST:
        for match in re.finditer(r'"(?:[^"\\]|\\.)*+"?|(?P<open>[\[{])|(?P<close>[\]}])', text, re.DOTALL):
            depth += (match.lastgroup == "open") - (match.lastgroup == "close")
            if depth > DEEPEST:
                raise deep(text, match.start())


def yaml(text: str) -> None:
    """What ruamel.yaml may be given; how far aliases reach shows in the nodes only (`composed`)."""
    _size("YAML", text)
    most = _DENSE + _SPARSE * len(text)
    depth = weight = 0
    for match in _yaml_tokens().finditer(text):
        kind = match.lastgroup or ""
        if kind == "number":
            raise _long(text, match.start())
        weight += _WEIGHTS[kind]
        if kind == "open":
            depth += 1
        elif kind == "close" and depth:
            depth -= 1
        if depth > DEEPEST:
            raise deep(text, match.start())
        if weight > most:
            raise _complex("it holds too many keys and values for conda's reader, which is slow")


@cache
def _yaml_tokens() -> re.Pattern[str]:
    """What the reader of YAML makes tokens of, and words; which of them stand in quotes need not be known."""
    return re.compile(
        rf"(?P<number>\b[0-9](?:[_:.]?[0-9A-Fa-fox]){{{_DIGITS}}})"
        r"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<pair>:(?=\s))|(?P<mark>,|[?-](?=\s)|[&*!](?=\S))"
        r"|(?P<word>[ \t]++|\r?\n|[\r\x85\u2028\u2029])"
    )


def composed(text: str, root: Any) -> None:
    """Whether what ruamel.yaml composed of `text` may be made into data, aliases and merge keys followed."""
    nodes: dict[int, tuple[int, int] | None] = {}  # depth and size of each; None while below it is counted
    stack = [root]
    while stack:
        node = stack[-1]
        found = nodes.get(id(node), ())
        below = _children(node)
        if found is not None and found != ():
            stack.pop()
        elif found == () and below:
            nodes[id(node)] = None
            if any(nodes.get(id(each), ()) is None for each in below):
                raise refuse("too-complex", "this value is a part of itself", text, node.start_mark.index)
            stack += (each for each in below if id(each) not in nodes)
        else:
            stack.pop()
            sizes = [nodes[id(each)] or (0, 0) for each in below]
            depth, size = 1 + max((at for at, _ in sizes), default=0), 1 + sum(many for _, many in sizes)
            nodes[id(node)] = depth, size
            if depth > DEEPEST:
                raise deep(text, node.start_mark.index)
    _, size = nodes[id(root)] or (0, 0)
    if size > len(nodes) + _SHARED:
        raise _complex(
            sentence(
                "aliases and merge keys make {many} values of {few}", many=min(size, 10**9), few=len(nodes)
            )
        )


def pem(text: str) -> None:
    """What is looked through for certificates."""
    _size("PEM", text)


def deep(text: str, at: int) -> FormatError:
    """The error about what is nested too deep."""
    return refuse("too-deep", "the values are nested too deep", text, at, "write it with less nesting")


def _long(text: str, at: int) -> FormatError:
    return refuse("too-complex", sentence("a number has more than {most} digits", most=_DIGITS), text, at)


def _children(node: Any) -> list[Any]:
    if isinstance(node.value, str):
        return []
    return [each for item in node.value for each in (item if isinstance(item, tuple) else (item,))]


def _size(name: str, text: str) -> None:
    largest = _LARGEST[name]
    if len(text) > largest:
        what = sentence(
            "it is larger than {largest} KiB, which no {format} that people write is",
            largest=largest // _KIB,
            format=name,
        )
        raise FormatError("file-too-large", what, line=1, column=1, hint="write a smaller file")


def _complex(what: str) -> FormatError:
    return FormatError("too-complex", what, line=1, column=1, hint="write a simpler file")
