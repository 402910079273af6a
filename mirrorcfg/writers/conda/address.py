"""A channel's address taken apart as conda does it: credentials and platform out, host and path in two.

Source of the rules: conda/common/url.py and conda/models/channel.py.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

_SCHEME = re.compile(r"[a-z][a-z0-9]{0,11}://")
_PATH = re.compile(r"\./|\.\.|~|/|[a-zA-Z]:[/\\]|\\\\")
_TOKEN = re.compile(r"/t/([a-zA-Z0-9-]*)")
_SUBDIR = re.compile(
    r"/(noarch|emscripten-wasm32|wasi-wasm32|freebsd-64|zos-z"
    r"|linux-(?:32|64|aarch64|armv6l|armv7l|ppc64|ppc64le|riscv64|s390x)|osx-(?:64|arm64)|win-(?:32|64|arm64))(?:/|$)",
    re.IGNORECASE,
)


class Channel(NamedTuple):
    """One place that conda asks: `location` is a host and a path, `name` what comes behind it.

    Without a scheme it is conda's own, whose address conda alone knows.
    """

    scheme: str = ""
    auth: str | None = None
    location: str = ""
    token: str | None = None
    name: str = ""

    @property
    def url(self) -> str:
        """What conda asks, but for the subdir."""
        token = ("t", self.token) if self.token else ()
        return self._joined(*token, login=f"{self.auth}@" if self.auth else "")

    @property
    def bare(self) -> str:
        """The same without credentials, as conda compares."""
        return self._joined()

    def _joined(self, *between: str, login: str = "") -> str:
        if not self.scheme:
            return self.name
        return f"{self.scheme}://{login}{joined(self.location, *between, self.name)}"


def has_scheme(value: str) -> bool:
    """Is it an address?"""
    return _SCHEME.match(value) is not None


def is_path(value: str) -> bool:
    """Is it a folder?"""
    return "://" not in value and _PATH.match(value) is not None


def joined(first: str, *more: str) -> str:
    """With one slash between them."""
    start = "/" if not first or first.startswith("/") else ""
    return start + "/".join(part for part in (each.strip("/") for each in (first, *more)) if part)


def split(url: str) -> Channel:
    """Its scheme, credentials and the rest as a location; no scheme where there is none."""
    if (found := _TOKEN.search(url)) is not None:
        url = url.replace(f"/t/{found[1]}", "", 1)
    url = url.rstrip("/")
    scheme = url.partition("://")[0] if has_scheme(url) else ""
    parts = urlsplit(url if scheme else f"//{url}")
    host, at, login = parts.hostname or "", parts.netloc.rpartition("@")[1], parts.netloc.rpartition("@")[0]
    port = (
        parts.netloc.rpartition("@")[2].rpartition(":")[2] if ":" in parts.netloc.rpartition("@")[2] else ""
    )
    place = f"{host}{f':{port}' if port.isdecimal() else ''}{parts.path}"
    return Channel(scheme, login if at else None, place, found[1] if found else None)


def without_subdir(text: str) -> str:
    """Without the platform that an address or a name may end with."""
    found = _SUBDIR.search(text)
    return (text if found is None else text.replace(f"/{found[1]}", "", 1)).rstrip("/")


def begins(text: str, with_: str) -> bool:
    """By whole steps of their paths, as far as the shorter one goes."""
    return all(one == other for one, other in zip(text.split("/"), with_.split("/"), strict=False))
