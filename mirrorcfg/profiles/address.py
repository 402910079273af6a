"""Is a text an address that a tool's file may hold? Each function says what is wrong with it, or None."""

from __future__ import annotations

import re
from typing import NamedTuple

from mirrorcfg.errors import UsageError
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import shown

_CHARACTERS = r"[A-Za-z0-9\-._~:/?#\[\]@!&()*+,;=%]"
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*\.?"
CHANNEL = r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*"

IMAGE = r"[A-Za-z0-9\[][A-Za-z0-9._:/@\[\]-]*"
PROJECT = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?"


class Wrong(NamedTuple):
    """What is wrong with a value: a stable code, a sentence, and what mends it."""

    code: str
    what: str
    hint: str | None = None


def url(text: str, *, query: bool) -> Wrong | None:
    """What is wrong with `text` as the https address of a source; `query`: it may carry one."""
    if not text.startswith("https://"):
        return Wrong(
            "not-https", sentence("The address {url} does not begin with https://.", url=shown(text))
        )
    if wrong := _characters(text):
        return wrong
    authority, rest = _split(text.removeprefix("https://"))
    if "@" in authority or ("@" in rest and not _is_host(authority)):
        hint = "leave the user and password out; netrc or the tool's own credential store holds them"
        return Wrong(
            "credentials-in-url", sentence("The address {url} carries credentials.", url=shown(text)), hint
        )
    if not _is_host(authority):
        return Wrong(
            "bad-url", sentence("The address {url} has no valid host name and port.", url=shown(text))
        )
    if not query and ("?" in rest or "#" in rest):
        return Wrong(
            "url-query", sentence("The address {url} may not have a query or a fragment.", url=shown(text))
        )
    return None


def link(text: str, *, query: bool) -> Wrong | None:
    """What is wrong with `text` as a place to find files: an https or file address, or an absolute path."""
    if text.startswith("file:"):
        if not text.startswith(("file:///", "file://localhost/")):
            return Wrong(
                "bad-url",
                sentence("The address {url} is not file:// with an absolute path.", url=shown(text)),
            )
        return _characters(text)
    if "://" in text or not _is_absolute(text):
        return url(text, query=query)
    if " " in text:
        return Wrong(
            "bad-path",
            sentence("The path {path} holds a space; file:// and %20 can say it.", path=shown(text)),
        )
    return path(text)


def path(text: str) -> Wrong | None:
    """What is wrong with `text` as the absolute path of a file."""
    if not _is_absolute(text):
        return Wrong("bad-path", sentence("The path {path} is not absolute.", path=shown(text)))
    if not text.isascii() or not text.isprintable() or any(char in "\"'$`" for char in text):
        what = sentence(
            "The path {path} holds a quote, a '$', a control character or one that is not ASCII.",
            path=shown(text),
        )
        return Wrong("bad-path", what)
    if text.startswith("/") and "\\" in text:
        return Wrong("bad-path", sentence("The path {path} holds a backslash.", path=shown(text)))
    return None


def channel(text: str, *, query: bool) -> Wrong | None:
    """What is wrong with `text` as a channel: a name such as `conda-forge`, an https or file address."""
    if text.startswith("file:"):
        return link(text, query=query)
    return url(text, query=query) if "://" in text else channel_name(text)


def channel_name(text: str) -> Wrong | None:
    """What is wrong with `text` as the name of a channel."""
    if re.fullmatch(CHANNEL, text):
        return None
    return Wrong("bad-channel", sentence("{name} is not the name of a channel.", name=shown(text)))


def project(text: str) -> Wrong | None:
    """What is wrong with `text` as the name of a project on an index."""
    if re.fullmatch(PROJECT, text):
        return None
    return Wrong("bad-project", sentence("{name} is not the name of a project.", name=shown(text)))


def image(text: str) -> Wrong | None:
    """What is wrong with `text` as the name of a container image."""
    from mirrorcfg.model.reference import parse  # expressions that few need

    try:
        parse(text)
    except UsageError as error:
        return Wrong(error.code, error.what)
    return None


def _characters(text: str) -> Wrong | None:
    if rest := re.sub(_CHARACTERS, "", text):
        what = sentence(
            "The address {url} holds {character!a}, which has no place in an address.",
            url=shown(text),
            character=rest[0],
        )
        return Wrong("bad-url", what, "percent-encode it (a space is %20)")
    if re.search("%(?![0-9A-Fa-f]{2})", text):
        return Wrong(
            "bad-url",
            sentence("The address {url} holds a '%' without two hexadecimal digits.", url=shown(text)),
        )
    if re.search("%[01][0-9A-Fa-f]|%7[Ff]", text):
        return Wrong(
            "bad-url", sentence("The address {url} holds an encoded control character.", url=shown(text))
        )
    return None


def _split(text: str) -> tuple[str, str]:
    """Host and port; the rest."""
    end = min((text.find(mark) for mark in "/?#" if mark in text), default=len(text))
    return text[:end], text[end:]


def _is_host(authority: str) -> bool:
    match = re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{1,5}))?", authority)
    if match is None or (match[2] is not None and not 0 < int(match[2]) < 65536):
        return False
    if match[1].startswith("["):
        return _is_ipv6(match[1][1:-1])
    return len(match[1]) < 254 and re.fullmatch(_HOST, match[1]) is not None


def _is_ipv6(text: str) -> bool:
    from ipaddress import AddressValueError, IPv6Address

    try:
        return not IPv6Address(text).scope_id
    except AddressValueError:
        return False


def _is_absolute(text: str) -> bool:
    return text.startswith(("/", "\\\\")) or re.match(r"[A-Za-z]:[\\/]", text) is not None
