"""Credentials in addresses: the user part, values of the query, the token in a channel's path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mirrorcfg.redact import MASK

# How a URL ends depends on the quote it begins with: a password may hold the other one.
_URL = {
    '"': r'(?:\\.|[^"\\\n])*',
    "'": r"(?:''|\\.|[^'\\\n])*",
    "": r"[^ \t\r\n<>]*",
}
_SCHEME = r"[a-zA-Z][a-zA-Z0-9+.-]{0,32}\Z"
_AUTHORITY = r"[^/?# \t\r\n]*"
_HOST = r"(?:\[[0-9a-fA-F:.%]+\]|[\w.${}*-]*)(?::\d{0,5})?"
_SPACED = r"""(?<![^ \t\r\n"'<>\\])[^ \t\r\n"'<>\\]+"""
_USER = r"(?:^|[=(\[,])([^:=(\[,]+):."
_PLACE = r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/|\Z)"
_IN_CONDA_URL = r"(?<=/t/)(?:[A-Za-z]{2}-[\w-]+|(?=[\w-]{0,64}\d)[\w-]{16,})"
# What an address may ask for and everybody see: which version of which file, in which form.
_HARMLESS = (
    "account alt api-version arch at branch channel commit download file filename format h id inline lang"
    " limit name offset os page path plain platform project q query raw realm ref ref_type repo rev revision"
    " scope service sort subdir tag type v version"
)


def masked(text: str) -> str:
    """`text` without the credentials in its addresses."""
    if "@" in text and "://" in text:
        text = _urls(text)
    return re.sub(_SPACED, _spaced, text)


def _urls(text: str) -> str:
    """Without the user part of any URL."""
    out: list[str] = []
    done = 0
    runs: dict[str, tuple[int, int]] = {}  # by quote: where the latest one ends, and the last @ in it
    at = text.find("://")
    while at >= 0:
        start = at + 3
        scheme = re.search(_SCHEME, text[max(done, at - 34) : at])
        first = at - len(scheme[0]) if scheme else at
        quote = text[first - 1] if first and text[first - 1] in "\"'" else ""
        end = _user(text, start, quote, runs)
        if end > start:
            out += [text[done:start], f"{MASK}@"]
            done = end
        at = text.find("://", max(start, done))
    return "".join([*out, text[done:]])


def _user(text: str, start: int, quote: str, runs: dict[str, tuple[int, int]]) -> int:
    """Where user and password end that may begin at `start`, the `@` after them counted in."""
    authority = re.compile(_AUTHORITY).match(text, start)
    host = authority[0] if authority else ""
    if "@" not in host and re.fullmatch(_HOST, host):
        if ":" not in host:
            return start
        # A port, or the beginning of a password that holds a slash: the rest of the word decides.
        quote = ""
    end, last = runs.get(quote, (start, -1))
    if end <= start:
        run = re.compile(_URL[quote]).match(text, start)
        end = run.end() if run else start
        last = text.rfind("@", start, end)
        runs[quote] = end, last
    return max(last + 1, start)


def _spaced(match: re.Match[str]) -> str:
    """What stands between spaces: an address, or a part of one."""
    word = match[0]
    if "@" in word and ":" in word:
        word = "/".join(_pairs(word.split("/")))
    if "?" in word and "://" in word:
        before, _, query = word.partition("?")
        word = f"{before}?{re.sub('([^=&;#]*)(=?)([^&;#]*)', _asked, query)}" if "://" in before else word
    if "/t/" in word:
        before, *behind = word.split("/t/")
        address = before[max(before.rfind(sign) for sign in "=([,") + 1 :]
        if ("://" in before and "file:" not in before) or re.match(_PLACE, address):
            word = "/t/".join([before, *(re.sub(r"^[^/?#,;)\]}]+", MASK, each) for each in behind)])
        word = re.sub(_IN_CONDA_URL, MASK, word)
    return word


def _pairs(parts: list[str]) -> Iterator[str]:
    """The parts of a word between its slashes, `user:password@host` without the user part."""
    for at, part in enumerate(parts):
        end = part.rfind("@")
        leads = at == 0 or parts[at - 1] == "" or parts[at - 1].endswith(":")
        host = part[end + 1 :]
        if leads and end > 0 and re.match(r"(?!sha\d+:)[\w\[$]", host):
            found = re.search(_USER, part[:end])
            if found and found[1] != "mailto":
                part = f"{part[: found.start(1)]}{MASK}@{host}"
        yield part


def _asked(match: re.Match[str]) -> str:
    """One `name=value` of a query."""
    name, sign, value = match.groups()
    shown = value.rstrip(".,)]}")
    if not sign:
        return MASK if len(name) > 20 else name
    if not shown or name.lower().removeprefix("amp;") in _HARMLESS.split():
        return match[0]
    return f"{name}={MASK}{value[len(shown) :]}"
