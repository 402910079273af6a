"""Values behind names: in INI, YAML, TOML and JSON, headers, options and netrc."""

from __future__ import annotations

import re

from mirrorcfg.redact import MASK

_WORDS = (
    r"(?:token|passw(?:or)?d|passphrase|passcode|pwd|secret|credentials?|signature|session[-_]?id"
    r"|(?:api|access|secret|private|account|shared|signing|encryption|master|subscription)[-_]?key)"
)
# What only says where a secret is, or of which kind, is none: `password-file`, `credential-helpers`.
_ABOUT = r"(?:files?|path|ur[il]|endpoint|helpers?|provider|stores?|stdin|type|command)\b"
_TAIL = rf"(?:s|key|hash|value|[_-](?!{_ABOUT})[\w-]{{0,64}})?"
_NAME = (
    rf"(?:[\w.-]{{0,256}}{_WORDS}{_TAIL}|[\w.-]{{0,256}}(?:_auth|_pass|[_-](?:sig|art-api))"
    r"|auth|sig|(?:proxy-)?authorization|(?:set-)?cookie"
    r"""|pass(?=[ \t"']*=|["'][ \t]*:|\Z))"""  # and not `the first pass: …`
)
# Not the number of a line (`passwd:1:1`), nor a port.
_SIGN = r"(?:=|:(?!//|\d+:\d|\d{1,5}/))"
_TRIPLE = r'"""(?:\\[\s\S]|[^\\])*?"""' + r"|'''[\s\S]*?'''"
_QUOTED = rf"{_TRIPLE}|" + r'"(?:\\.|[^"\\\n])*"' + r"|'(?:''|\\.|[^'\\\n])*'"
_BARE = r"(?:[^ \t\r\n&]*[^ \t\r\n&,;)\]}]|[^ \t\r\n&]+)"

_INLINE = rf"""(?ix)(?<![\w./-])(?:
    (?P<quote>["']){_NAME}(?P=quote)\s*:(?:\s*(?:[+-]\s+)?(?=["'\[{{])|[ \t]*)
    |["']?{_NAME}\\{{0,4}}["']?[ \t]*{_SIGN}[ \t]*)|(?<=/){_NAME}="""
_HEADER = r"(?i)(?:authorization|cookie):[ \t]*\Z"
_VALUE = rf"""(?ix){_QUOTED}|\\{{1,4}}"[^\n]*?(?<!\\)\\{{1,4}}"|(?:Bearer|Basic|Token)[ \t]+{_BARE}|{_BARE}"""
_NESTED = rf"{_QUOTED}|[\[\]{{}}]|[^\s\[\]{{}},:\"']+|[\"']"
_INDENT = r"[+-]?[ \t]*(?:-[ \t]+)?"
_LINE = rf"""(?imx)^(?P<name>(?P<lead>[+-]?[ \t]*(?:(?:-|export|set|ENV|ARG)[ \t]+)?)
    (?:(?P<quote>["']){_NAME}(?P=quote)|{_NAME}|\?[ \t]+{_NAME}\n[ \t]*(?=:))
    [ \t]*{_SIGN}[ \t]*)(?P<value>[^\r\n]*)"""
_WHOLE = rf"(?x)(?P<value>{_QUOTED})(?P<rest>[ \t]*[,;)\]}}]*[ \t]*(?:(?<=[ \t])\#.*)?)"
_OPTION = (
    rf"(?i)(?P<name>(?<!\S)--?(?:[\w-]{{0,64}}{_WORDS}{_TAIL}|pass)[ \t]+)(?!-)(?P<value>{_QUOTED}|{_BARE})"
)
_NETRC = r"(?i)(?P<name>\blogin[ \t]+\S+\s+password[ \t]+)(?P<value>[^ \t\r\n]+)"


def is_secret(name: str) -> bool:
    """Whether what has this name is to be masked."""
    return re.fullmatch(f"(?i){_NAME}", name) is not None


def masked(text: str) -> str:
    """`text` without what is named like a secret."""
    if "login" in text.lower():
        text = re.sub(_NETRC, rf"\g<name>{MASK}", text)
    return re.sub(_OPTION, lambda match: match["name"] + _quoted(match["value"]), _lines(_inline(text)))


def _inline(text: str) -> str:
    """Without the value behind a name, wherever in a line."""
    names, values, header = re.compile(_INLINE), re.compile(_VALUE), re.compile(_HEADER)
    out: list[str] = []
    done = 0
    while name := names.search(text, done):
        start = name.end()
        if text[start : start + 1] in ("[", "{"):
            end = _closing(text, start)
        else:
            line = header.search(name[0]) and re.compile(r"[^\r\n\"']+").match(text, start)
            value = line or values.match(text, start)
            end = value.end() if value else start
        out += [text[done:start], _starred(text[start:end], in_json=name[0].startswith('"'))]
        done = end
    return "".join([*out, text[done:]])


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` is closed: at the end, if nowhere."""
    depth = 0
    for token in re.compile(_NESTED).finditer(text, start):
        depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
        if not depth:
            return token.end()
    return len(text)


def _starred(value: str, *, in_json: bool = False) -> str:
    """A value, all of its words masked; its lines stay."""
    if value[:1] in ("[", "{"):
        return re.sub(
            _NESTED, lambda each: each[0] if each[0] in "[]{}" else _starred(each[0], in_json=in_json), value
        )
    lines = "\n" * value.count("\n")
    if in_json and value[:1] not in ("", '"', "'"):
        return f'"{MASK}"{lines}'
    return (_quoted(value) if value else "") + lines


def _lines(text: str) -> str:
    """Lines that give a secret its value: all of the line goes, and the lines that continue it."""
    heads, out, done = re.compile(_LINE), [], 0
    while head := heads.search(text, done):
        value = head["value"]
        out += [text[done : head.start()], head["name"]]
        done = head.end()
        if whole := re.fullmatch(_WHOLE, value):
            out += [_quoted(whole["value"]), whole["rest"]]
        elif head["quote"] and value[:1] in ("[", "{"):
            out.append(value)  # JSON, which was looked at as a whole
        else:
            out.append(MASK if value.strip() else value)
            done = _continued(text, done, len(head["lead"]), out)
    return "".join([*out, text[done:]])


def _continued(text: str, start: int, lead: int, out: list[str]) -> int:
    """Where the lines end that are indented deeper than `lead`; they go to `out`, masked."""
    at = text.find("\n", start)
    out.append(text[start : at if at >= 0 else len(text)])
    while at >= 0:
        after = text.find("\n", at + 1)
        end = after if after >= 0 else len(text)
        indent = re.compile(_INDENT).match(text, at + 1, end)
        width = indent.end() - at - 1 if indent else 0
        body = text[at + 1 + width : end].strip()
        if body and width <= lead:
            return at
        out.append(text[at : at + 1 + width] + MASK if body else text[at:end])
        at = after
    return len(text)


def _quoted(value: str) -> str:
    quote = value[0] if value[0] in "\"'" and value[-1] == value[0] else ""
    quote *= 3 if len(value) > 5 and value.startswith(quote * 3) else 1
    return f"{quote}{MASK}{quote}"
