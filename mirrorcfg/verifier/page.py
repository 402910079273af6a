"""What a package index says: a project's files, or the projects of an index, in HTML or JSON.

Source of the formats: the simple repository API of the Python Packaging User Guide (PEP 503, 691, 700). Pages
may be cut off anywhere and hold anything: every step is bounded, and nothing is raised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from mirrorcfg.verifier import standard
from mirrorcfg.verifier.file import File

JSON = "application/vnd.pypi.simple.v1+json"
TYPES = {JSON, "application/vnd.pypi.simple.v1+html", "text/html"}

_TAGS = 2000  # a page is judged by this many of its links
_TAG = 2048  # characters of one tag
_ATTRIBUTES = 16  # of one tag; a link of an index has five
_FILE = re.compile(r"\.(?:whl|tar\.gz|zip|tar\.bz2|tar\.xz|tgz|egg)$", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w-])([a-zA-Z][\w-]{0,40})\s{0,9}=\s{0,9}("[^"]*"|'[^']*'|[^\s"'<>]+)""")
_HASH = re.compile(r"(sha256|sha384|sha512|sha1|md5)=([0-9a-fA-F]{32,128})")
_SERIAL = re.compile(r"<!--\s*SERIAL (\d{1,18})\s*-->")
_TITLE = re.compile(
    r"pypi:repository-version|<title>(?!\s*index of /)[^<]{0,200}simple|links for ", re.IGNORECASE
)  # a directory's listing names its own path, and that is no word of an index
_PROJECT = re.compile(r"(?:[^\s?#]*/)?[A-Za-z0-9][A-Za-z0-9._-]*/?")
_PASSWORD = re.compile(r"""type\s*=\s*["']?password|http-equiv\s*=\s*["']?refresh""", re.IGNORECASE)
_WORDS = re.compile(r"log ?in\b|sign ?in\b|captive|portal|登录|登陆|认证", re.IGNORECASE)


@dataclass
class Page:
    """What was understood of a page."""

    files: list[File] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # projects, or what may be some
    is_index: bool = False  # it says so itself
    serial: int | None = None
    project: str = ""
    cut: bool = False  # it goes on beyond what was read
    odd: dict[str, str] = field(default_factory=dict)  # what a client may refuse it for: see `standard`


def read(body: bytes, media_type: str, url: str, *, complete: bool = True) -> Page | None:
    """The page at `url`; None if it isn't one of an index at all."""
    text = body.decode("utf-8", "replace")
    if media_type == JSON:
        return _json(text, url, complete)
    return _html(text, url) if media_type in TYPES else None


def is_login(body: bytes) -> bool:
    """Whether a page asks for a password, or sends a browser to where one is asked for."""
    text = body[:65536].decode("utf-8", "replace")
    return bool(_PASSWORD.search(text) and _WORDS.search(text))


def is_html(body: bytes) -> bool:
    """Whether something is a web page, whatever it is called."""
    return (
        body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html", b"<head"))
    )


def _json(text: str, url: str, complete: bool) -> Page | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None if complete else _cut(text, url)
    if not isinstance(data, dict):
        return None
    meta = data.get("meta")
    serial = meta.get("_last-serial") if isinstance(meta, dict) else None
    files, projects = data.get("files"), data.get("projects")
    if not isinstance(files, list) and not isinstance(projects, list):
        return None
    page = Page(is_index=True, serial=_number(serial))
    page.files = list(_files(files[:_TAGS] if isinstance(files, list) else [], url))
    for item in files[:_TAGS] if isinstance(files, list) else ():
        page.odd = {**standard.odd(item), **page.odd}
    page.names = list(_names(projects[:_TAGS] if isinstance(projects, list) else []))
    return page


def _cut(text: str, url: str) -> Page | None:
    """The beginning of a page that was too long to take as a whole."""
    page = Page(is_index=True)
    found = False
    for key, use in (("files", page.files), ("projects", page.names)):
        match = re.search(rf'"{key}"\s*:\s*\[', text)
        if match:
            found = True
            items = list(islice(_elements(text, match.end()), _TAGS))
            use.extend(_files(items, url) if key == "files" else _names(items))  # type: ignore[arg-type]
    return page if found else None


def _elements(text: str, at: int) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    space = re.compile(r"[\s,]*")
    while True:
        gap = space.match(text, at)
        try:
            item, at = decoder.raw_decode(text, gap.end() if gap else at)
        except (ValueError, RecursionError):
            return
        yield item


def _files(items: list[Any], url: str) -> Iterator[File]:
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("url"), str) or item.get("yanked"):
            continue
        hashes = item.get("hashes")
        pairs = hashes.items() if isinstance(hashes, dict) else ()
        good = tuple((name, value) for name, value in pairs if isinstance(value, str))
        file = _file(item["url"], url, good)
        if file:
            uploaded = item.get("upload-time")
            yield replace(
                file,
                size=_number(item.get("size")),
                uploaded=(uploaded or None) if isinstance(uploaded, str) else None,
                metadata=_promised(item),
            )


def _promised(item: Mapping[str, Any]) -> tuple[tuple[str, str], ...] | None:
    """The hashes of the metadata that is promised beside a file; None where none is.

    Both clients take the newer key where both are there (PEP 714), and an empty object as a promise.
    """
    found = item.get("core-metadata")
    if found is None:
        found = item.get("dist-info-metadata")
    if isinstance(found, dict):
        return tuple((kind, value) for kind, value in found.items() if isinstance(value, str))
    return () if found else None


def _number(value: object) -> int | None:
    """A number, or what is written like one; some servers have texts, empty ones for what they don't know."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _names(items: list[Any]) -> Iterator[str]:
    for item in items:
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name):
            yield name


def _html(text: str, url: str) -> Page:
    serial = _SERIAL.search(text)
    page = Page(is_index=bool(_TITLE.search(text[:65536])), serial=int(serial[1]) if serial else None)
    base = url
    based = False
    for tag, attributes in islice(_tags(_without_comments(text)), _TAGS):
        href = attributes.get("href", "")
        if tag == "base" and href and not based:
            base, based = href, True  # as it stands: pip doesn't make it absolute either
        elif tag == "a" and href and "data-yanked" not in attributes:
            file = _file(href, base, tuple(_HASH.findall(href)[:1]))
            if file:
                page.files.append(replace(file, metadata=_attribute(attributes)))
            elif _PROJECT.fullmatch(href) and not url.startswith(_joined(base, href) or ""):
                page.names.append(href.rstrip("/").rpartition("/")[2])
    return page


def _attribute(attributes: Mapping[str, str]) -> tuple[tuple[str, str], ...] | None:
    """What a link promises of metadata: "true", or a hash."""
    found = attributes.get("data-core-metadata", attributes.get("data-dist-info-metadata"))
    hashes = _HASH.fullmatch(found or "")
    if hashes:
        return ((hashes[1], hashes[2].lower()),)
    return () if found == "true" else None


def _without_comments(text: str) -> str:
    parts: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        parts.append(text[at:start])
        end = text.find("-->", start)
        if end < 0:
            return "".join(parts)
        at = end + 3
    return "".join([*parts, text[at:]])


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for match in re.finditer(r"<(a|base)(?=[\s/])", text, re.IGNORECASE):
        window = text[match.end() : match.end() + _TAG]
        attributes: dict[str, str] = {}
        at = 0
        for found in islice(_ATTRIBUTE.finditer(window), _ATTRIBUTES):
            if ">" in window[at : found.start()]:
                break
            attributes.setdefault(found[1].lower(), unescape(found[2].strip("\"'").strip()))
            at = found.end()
        if "data-yanked" in window[: window.find(">", at) + 1].lower():
            attributes.setdefault("data-yanked", "")
        yield match[1].lower(), attributes


def _file(href: str, base: str, hashes: tuple[tuple[str, str], ...]) -> File | None:
    whole = _joined(base, href)
    if whole is None:
        return None
    url = urldefrag(whole).url
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return (
        File(url, name, tuple((kind, value.lower()) for kind, value in hashes))
        if _FILE.search(name)
        else None
    )


def _joined(base: str, href: str) -> str | None:
    try:
        whole = urljoin(base, href)
        urlsplit(whole).port  # noqa: B018 - raises where the port is none
    except ValueError:
        return None
    return whole if len(whole) < _TAG and whole.startswith(("https://", "http://")) else None
