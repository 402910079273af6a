"""A proxy: where it is, and what it wants to be told."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from mirrorcfg.verifier.url import Url


@dataclass(frozen=True)
class Proxy:
    """Where a proxy is, its credentials apart, and whether it is to look up the names of hosts.

    `socks5://` means that this side looks them up and `socks5h://` that the proxy does, as pip and uv have
    it; docker always leaves it to the proxy.
    """

    at: Url
    auth: tuple[str, str] | None = field(default=None, repr=False)
    far_names: bool = False

    @property
    def url(self) -> str:
        """Its address as it may be shown."""
        return str(self.at)

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS rather than HTTP."""
        return self.at.scheme.startswith("socks")

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The header fields that an HTTP proxy wants to see."""
        if self.auth is None:
            return ()
        pair = base64.b64encode(":".join(self.auth).encode()).decode()
        return (("Proxy-Authorization", f"Basic {pair}"),)
