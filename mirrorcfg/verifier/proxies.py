"""Which proxy an address is asked through: what the environment says, read as clients read it.

Source of the rules: requests' `select_proxy`, urllib's `getproxies_environment` (lower case wins), and Go's
golang.org/x/net/http/httpproxy.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from mirrorcfg.model.client import Client
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.proxy import Proxy
from mirrorcfg.verifier.url import Url, parse

_SCHEMES = ("http", "https", "socks5", "socks5h")


def choose(url: Url, client: Client) -> Proxy | None:
    """The proxy for `url`, or None. Raises Failure proxy-unreachable where it is no address."""
    environ = client.environ
    value = _value(environ, f"{url.scheme}_proxy") or _value(environ, "all_proxy")
    near = client.near_direct and is_loopback(url.host)
    if not value or near or _excepted(url, _value(environ, "no_proxy")):
        return None
    text = value if "://" in value else f"http://{value}"
    try:
        at = parse(text)
    except ValueError:
        raise Failure("proxy-unreachable", proxy="of the environment", detail="no address") from None
    if at.scheme not in _SCHEMES or not at.host:
        raise Failure("proxy-unreachable", proxy=text, detail="no address of a proxy")
    return Proxy(at._replace(userinfo=""), at.account, client.far_names or at.scheme == "socks5h")


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
