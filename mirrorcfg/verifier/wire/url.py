"""Addresses as they go over the wire: read once, in ASCII, and shown without a user's name or password.

Source of the rules: RFC 3986; host names in other scripts as IDNA 2008 has them, which is what pip, uv and
docker send.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

_LONGEST = 1 << 16
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOST = re.compile(r"[a-z0-9._-]*")
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
    def target(self) -> str:
        """What a request line names (RFC 9112, section 3.2.1)."""
        return (self.path or "/") + (f"?{self.query}" if self.query else "")

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
    if len(text) > _LONGEST or _CONTROL.search(text):
        raise ValueError("too long, or with characters that no address has")
    parts = urlsplit(text)
    port = parts.port
    return Url(
        parts.scheme,
        _host(parts.hostname or ""),
        None if port == _PORTS.get(parts.scheme) else port,
        quote(parts.path, _KEPT),
        quote(parts.query, _KEPT + "?"),
        parts.netloc.rpartition("@")[0],
    )


def _host(text: str) -> str:
    """The host in ASCII. Raises ValueError."""
    if ":" in text:
        ipaddress.IPv6Address(text.replace("%25", "%"))
        return text.replace("%25", "%")
    if not text.isascii():
        import idna

        text = idna.encode(text, uts46=True).decode("ascii")
    if not _HOST.fullmatch(text):
        raise ValueError("a host with characters that none has")
    return text
