"""Which proxy an address is asked through: what the environment says, read as the tools read it.

Source of the rules: requests' `select_proxy` and urllib's `getproxies_environment` (lower case wins) for pip
and conda; Go's golang.org/x/net/http/httpproxy for docker.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.url import Url, parse
from mirrorcfg.verifier.wire.proxy import Proxy

_SCHEMES = ("http", "https", "socks5", "socks5h")


def choose(url: Url, environ: Mapping[str, str], tool: str) -> Proxy | None:
    """The proxy for `url`, or None. Raises Failure proxy-unreachable where it is no address."""
    value = _value(environ, f"{url.scheme}_proxy") or _value(environ, "all_proxy")
    if (
        not value
        or _excepted(url, _value(environ, "no_proxy"))
        or (tool == "docker" and is_loopback(url.host))
    ):
        return None
    text = value if "://" in value else f"http://{value}"
    try:
        at = parse(text)
    except ValueError:
        raise Failure("proxy-unreachable", proxy="of the environment", detail="no address") from None
    if at.scheme not in _SCHEMES or not at.host:
        raise Failure("proxy-unreachable", proxy=text, detail="no address of a proxy")
    far_names = at.scheme == "socks5h" or tool == "docker"
    return Proxy(at._replace(userinfo=""), at.account, far_names)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine itself, by name or by number."""
    if host.lower().rstrip(".") == "localhost" or host.lower().endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _value(environ: Mapping[str, str], name: str) -> str:
    if name == "http_proxy" and "REQUEST_METHOD" in environ:  # a CGI script: the client could set it
        return environ.get(name, "").strip()
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _excepted(url: Url, text: str) -> bool:
    host = url.host.lower().rstrip(".")
    return any(
        _matches(host, url.number, entry.strip().lower()) for entry in text.split(",") if entry.strip()
    )


def _matches(host: str, port: int, entry: str) -> bool:
    if entry == "*":
        return True
    address = _address(host)
    if address is not None and "/" in entry:
        try:
            return address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name, _, number = entry.rpartition(":") if entry.count(":") == 1 or "]:" in entry else (entry, "", "")
    if number.isdigit() and int(number) != port:
        return False
    name = name.strip("[]").removeprefix("*")
    if name.startswith("."):
        return host.endswith(name) or host == name[1:]
    return host == name or (address is None and host.endswith(f".{name}"))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
