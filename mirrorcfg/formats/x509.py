"""The few fields of an X.509 certificate that explain why it isn't accepted.

It only describes: whether a certificate is good is for OpenSSL to say. The layout is that of RFC 5280,
section 4.1; the encoding DER, ITU-T X.690.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import NamedTuple

_COMMON_NAME = b"\x55\x04\x03"
_ORGANIZATION = b"\x55\x04\x0a"
_ALT_NAMES = b"\x55\x1d\x11"
_SEQUENCE, _OID, _VERSION, _EXTENSIONS, _DNS_NAME = 0x30, 0x06, 0xA0, 0xA3, 0x82
_NAMES = 20


@dataclass(frozen=True)
class Certificate:
    """Who issued it, and for when and what it is valid."""

    issuer: str
    not_before: datetime
    not_after: datetime
    extensions: bytes = field(default=b"", repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The first host names that it is for; read when asked for, as there may be hundreds."""
        try:
            return tuple(islice(_alt_names(self.extensions), _NAMES))
        except (IndexError, ValueError):
            return ()


class _Item(NamedTuple):
    tag: int
    value: bytes


def read(der: bytes) -> Certificate | None:
    """What `der` says, or None if it can't be read."""
    try:
        return _read(der)
    except (IndexError, ValueError, OverflowError):
        return None


def first_in(message: bytes) -> bytes | None:
    """The first certificate of a Certificate message (RFC 8446, section 4.4.2; RFC 5246, section 7.4.2)."""
    body = message[4:]
    for start in (1 + body[0] if body else 0, 0):  # TLS 1.3 has a context in front of the list
        size = int.from_bytes(body[start : start + 3], "big")
        if size and start + 3 + size == len(body):
            length = int.from_bytes(body[start + 3 : start + 6], "big")
            return body[start + 6 : start + 6 + length]
    return None


def _read(der: bytes) -> Certificate:
    outer = _only(der)
    fields = list(_items(_only(outer.value).value))
    if fields[0].tag == _VERSION:
        fields = fields[1:]
    issuer, validity = fields[2], fields[3]
    not_before, not_after = (_time(item) for item in list(_items(validity.value))[:2])
    extensions = next((item.value for item in fields[5:] if item.tag == _EXTENSIONS), b"")
    return Certificate(_name(issuer.value), not_before, not_after, extensions)


def _items(data: bytes) -> Iterator[_Item]:
    at = 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            if not 0 < count <= 4:
                raise ValueError("no definite length")
            size, at = int.from_bytes(data[at : at + count], "big"), at + count
        if at + size > len(data):
            raise ValueError("longer than its container")
        yield _Item(tag, data[at : at + size])
        at += size


def _only(data: bytes) -> _Item:
    for item in _items(data):
        return item
    raise ValueError("empty")


def _time(item: _Item) -> datetime:
    text = item.value.decode("ascii")
    if item.tag == 0x17:  # UTCTime: two digits of the year, 50 to 49
        text = ("20" if text[:2] < "50" else "19") + text
    if len(text) != len("YYYYMMDDHHMMSSZ") or not text.endswith("Z"):
        raise ValueError("not a time of RFC 5280")
    return datetime.fromisoformat(f"{text[:8]}T{text[8:]}")


def _name(data: bytes) -> str:
    found: dict[bytes, str] = {}
    for group in _items(data):
        for pair in _items(group.value):
            kind, value = list(_items(pair.value))[:2]
            encoding = "utf-16-be" if value.tag == 0x1E else "utf-8"
            found.setdefault(kind.value, value.value.decode(encoding, "replace")[:100])
    common, organization = found.get(_COMMON_NAME), found.get(_ORGANIZATION)
    if common and organization and organization not in common:
        return f"{common} ({organization})"
    return common or organization or ""


def _alt_names(data: bytes) -> Iterator[str]:
    for extension in _items(_only(data).value) if data else ():
        parts = list(_items(extension.value))
        if parts and parts[0] == _Item(_OID, _ALT_NAMES):
            for name in _items(_only(parts[-1].value).value):
                if name.tag == _DNS_NAME:
                    yield name.value.decode("ascii", "replace")[:255]
