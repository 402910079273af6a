"""The one place that takes credentials out of a text before anybody sees it."""

from __future__ import annotations

import re

MASK = "****"

_WORDS = (
    r"(?:token|passw(?:or)?d|passphrase|pwd|secret|credentials?|signature"
    r"|(?:api|access|secret|private)[-_]?key)"
)
_TAIL = r"(?:s|key|hash|value|[_.-][\w.-]{0,64})?"
_NAME = rf"(?:[\w.-]{{0,64}}{_WORDS}{_TAIL}|[\w.-]{{0,64}}_auth|auth|(?:proxy-)?authorization)"
_QUOTED = r'"(?:\\.|[^"\\\n])*"' + r"|'(?:''|\\.|[^'\\\n])*'"
_NESTED = rf"""\[(?:{_QUOTED}|[^\[\]"']){{0,4096}}\]|\{{(?:{_QUOTED}|[^{{}}"']){{0,4096}}\}}"""
_BARE = r"[^\s&]+?(?=[,;)\]}]*(?:[\s&\x1b]|$))"

# Patterns stay texts, which `re` compiles when they are first used: most lines need none of them.
# How a URL ends depends on the quote it begins with: a password may hold the other one.
_URL = {
    '"': r'(?:\\.|[^"\\\n]){0,8192}',
    "'": r"(?:''|\\.|[^'\\\n]){0,8192}",
    "": r"[^\s<>\x1b]{0,8192}",
}
_SCHEME = r"[a-zA-Z][a-zA-Z0-9+.-]{0,32}://"
_AUTHORITY = r"[^/?#\s]*"
_HOST = r"(?:\[[0-9a-fA-F:.%]+\]|[\w.${}*-]*)(?::\d{0,5})?"
_PAIR = (
    r"""(?<![^\s"'=(\[,])(?!mailto:)[^\s:/\\@"'=(\[,<>]{1,256}:[^\s/\\"'<>]{1,1024}@(?=[\w\[])(?!sha\d+:)"""
)
_IN_CONDA_URL = r"(?<=/t/)(?:[A-Za-z]{2}-[\w-]+|(?=[\w-]{0,64}\d)[\w-]{16,})"
_LINE = rf"""(?ix)(?P<name>(?P<lead>(?:\x1b\[[0-9;]*m)*[+-]?[ \t]*(?:(?:-|export|set|ENV|ARG)[ \t]+)?)
    {_NAME}[ \t]*(?:=|:(?!//))[ \t]*)(?P<value>[^\x1b\r]*)"""
_WHOLE = rf"(?x)(?P<value>{_QUOTED})(?P<rest>[ \t]*[,;)\]}}]*[ \t]*(?:\#.*)?)"
_INLINE = rf"""(?ix)(?P<name>(?<![\w.-])["']?{_NAME}["']?[ \t]*(?:=|:(?!//))[ \t]*)
    (?P<value>{_QUOTED}|{_NESTED}|(?:Bearer|Basic|Token)[ \t]+{_BARE}|{_BARE})"""
_OPTION = rf"(?i)(?P<name>(?<!\S)--?[\w-]{{0,64}}{_WORDS}{_TAIL}[ \t]+)(?!-)(?P<value>{_QUOTED}|{_BARE})"
# A text without any of these has no secret that the patterns would find.
_SIGNS = (
    "@",
    "/t/",
    "token",
    "passw",
    "passphrase",
    "pwd",
    "secret",
    "credential",
    "signature",
    "key",
    "auth",
)


def redact(text: str) -> str:
    """`text` with the user part of every URL, and every value named like a secret, masked.

    It errs on the safe side: where a password holds characters that should have been encoded, it rather
    masks some of what follows. Names are those of INI, YAML, JSON, queries, headers and options.
    """
    lower = text.lower()
    if not any(sign in lower for sign in _SIGNS):
        return text
    text = re.sub(_IN_CONDA_URL, MASK, re.sub(_PAIR, f"{MASK}@", _urls(text)))
    return re.sub(_OPTION, _masked, re.sub(_INLINE, _masked, _lines(text)))


def _urls(text: str) -> str:
    out: list[str] = []
    done = 0
    while scheme := re.compile(_SCHEME).search(text, done):
        start = scheme.end()
        before = text[scheme.start() - 1 : scheme.start()]
        ending = _URL[before if before in ("'", '"') else ""]
        run = re.compile(ending).match(text, start)
        user = _user(run.group()) if run else 0
        out += [text[done:start], f"{MASK}@" if user else ""]
        done = start + user
    return "".join([*out, text[done:]])


def _user(url: str) -> int:
    """How much of what follows `://` is user and password, the `@` after them counted in."""
    authority = re.match(_AUTHORITY, url)
    host = authority.group() if authority else ""
    if "@" not in host and re.fullmatch(_HOST, host):
        if ":" not in host:
            return 0
        # A port, or the beginning of a password that holds a slash: the rest of the word decides.
        url = url.split(None, 1)[0]
    return url.rfind("@") + 1


def _lines(text: str) -> str:
    """Lines that give a secret its value: all of the line goes, and the lines that continue it."""
    out: list[str] = []
    below: int | None = None
    for line in text.split("\n"):
        body = line.lstrip(" \t")
        width = len(line) - len(body)
        if below is not None and (width > below or not body.strip()):
            out.append(line[:width] + MASK if body.strip() else line)
            continue
        match = re.match(_LINE, line)
        below = None
        if match and (whole := re.fullmatch(_WHOLE, match["value"])):
            line = match["name"] + _quoted(whole["value"]) + whole["rest"] + line[match.end() :]
        elif match:
            below = len(match["lead"])
            line = match["name"] + (MASK if match["value"].strip() else match["value"]) + line[match.end() :]
        out.append(line)
    return "\n".join(out)


def _masked(match: re.Match[str]) -> str:
    value = match["value"]
    in_json = match["name"].startswith('"') and value[0] not in "\"'"
    return match["name"] + (f'"{MASK}"' if in_json else _quoted(value))


def _quoted(value: str) -> str:
    quote = value[0] if value[0] in "\"'" and value[-1] == value[0] else ""
    return f"{quote}{MASK}{quote}"
