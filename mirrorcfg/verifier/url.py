"""Addresses as they go over the wire: read once, in ASCII, and shown without a user's name or password.

httpx2 reads and escapes them (RFC 3986, IDNA 2008). What it takes for a host, and none is called, is refused
here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

import httpx2

_HOST = re.compile(r"[a-z0-9._-]*|[0-9a-f]*:[0-9a-f:.]*(?:%[A-Za-z0-9._-]+)?")
_PORTS = {"https": 443, "http": 80, "socks5": 1080, "socks5h": 1080}
_KEPT = "/%:@!$&'()*+,;=~"  # what a path may hold as it is; a "%" has been escaped by whoever wrote it

Origin = tuple[str, str, int | None]


class Url(NamedTuple):
    """An address: `port` is None where it is the scheme's own, `path` and `query` are percent-encoded."""

    scheme: str
    host: str
    port: int | None = None
    path: str = ""
    query: str = ""
    userinfo: str = ""

    @property
    def origin(self) -> Origin:
        """What a connection, and a secret, belongs to."""
        return self[:3]

    @property
    def authority(self) -> str:
        """The host, and the port where it isn't the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def number(self) -> int:
        """The port to connect to."""
        return self.port or _PORTS.get(self.scheme, 0)

    @property
    def account(self) -> tuple[str, str] | None:
        """The user and the password that it was given with."""
        user, _, password = self.userinfo.partition(":")
        return (unquote(user), unquote(password)) if self.userinfo else None

    def below(self, path: str) -> Url:
        """What lies at `path` below this address; what a path can't hold is percent-encoded."""
        return self._replace(path=f"{self.path.rstrip('/')}/{quote(path, _KEPT)}")

    def join(self, reference: str) -> Url:
        """Where `reference` leads from here. Raises ValueError."""
        return parse(urljoin(str(self), reference))

    def __repr__(self) -> str:
        return f"Url({str(self)!r})"

    def __str__(self) -> str:
        return urlunsplit((self.scheme, self.authority, self.path, self.query, ""))


@lru_cache
def parse(text: str) -> Url:
    """The address that `text` is, without its fragment. Raises ValueError where it is none."""
    try:
        parts = urlsplit(str(httpx2.URL(text)))
    except httpx2.InvalidURL as error:
        raise ValueError(str(error)) from None
    host, port = (parts.hostname or "").replace("%25", "%"), parts.port
    if not _HOST.fullmatch(host):
        raise ValueError("a host with characters that none has")
    if port == _PORTS.get(parts.scheme):
        port = None
    return Url(parts.scheme, host, port, parts.path, parts.query, parts.netloc.rpartition("@")[0])
