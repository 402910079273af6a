"""Which proxy an address is asked through: what its client makes of its settings and variables.

Source of the rules: requests' `select_proxy`, `should_bypass_proxies` (2.34) and urllib's
`getproxies_environment`; hyper-util's `client::proxy::matcher`; Go's golang.org/x/net/http/httpproxy.
Tried on pip 22 to 26, conda 26 and uv 0.7 to 0.13.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from mirrorcfg.model.client import Client
from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.proxy import Proxy
from mirrorcfg.verifier.url import Url, parse

_SCHEMES = ("http", "https", "socks5", "socks5h")
_EXCEPTIONS = "no_proxy"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+-]*:(?!//)")  # to urllib3 `proxy:3128` begins with one


def choose(url: Url, client: Client) -> Proxy | None:
    """The proxy for `url`, or None. Raises Failure proxy-unreachable where it is no address."""
    own = client.manner == "reqwest" and any(key != _EXCEPTIONS for key in client.proxies)
    match client.manner:
        case "go":
            value = _of_go(url, client.environ)
        case "reqwest" if own:
            value = _of_reqwest(url, client.proxies)
        case "reqwest":
            value = _of_reqwest(url, _known(client.environ, upper=True))
        case _:
            value = _of_requests(url, client.proxies, _known(client.environ))
    if not value:
        return None
    text = value if "://" in value else f"http://{value}"
    try:
        at = parse(text)
        if at.scheme not in _SCHEMES or not at.host or (client.manner == "requests" and _SCHEME.match(value)):
            raise ValueError(text)
    except ValueError:
        if client.manner == "reqwest":  # it passes over what it doesn't understand
            return None
        which = sentence("of the environment")
        raise Failure("proxy-unreachable", proxy=which, detail=sentence("no address")) from None
    return Proxy(at._replace(userinfo=""), at.account, client.manner == "go" or at.scheme == "socks5h")


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine itself, by name or by number."""
    if host.lower().rstrip(".") == "localhost" or host.lower().endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _known(environ: Mapping[str, str], *, upper: bool = False) -> Mapping[str, str]:
    """What the variables say, by scheme; `no_proxy` too. The lower case wins, or the upper.

    In a CGI script HTTP_PROXY is what the client sent as a header: requests leaves that out, reqwest all.
    """
    cgi, found = "REQUEST_METHOD" in environ, {}
    for scheme in ("http", "https", "all", "no"):
        names = [f"{scheme}_proxy", f"{scheme}_proxy".upper()]
        if cgi and (upper or scheme == "http"):
            names = [] if upper and scheme != "no" else names[:1]
        value = next(
            (environ[name] for name in (reversed(names) if upper else names) if environ.get(name)), ""
        )
        if value.strip():
            found[_EXCEPTIONS if scheme == "no" else scheme] = value.strip()
    return found


def _of_requests(url: Url, own: Mapping[str, str], variables: Mapping[str, str]) -> str | None:
    """Its own settings win key by key, and hold for hosts too that the variables leave out."""
    excepted = own.get(_EXCEPTIONS) or variables.get(_EXCEPTIONS, "")
    merged = {**({} if _listed(url, excepted) else variables), **own}
    host = url.host.lower()
    keys = (f"{url.scheme}://{host}", url.scheme, f"all://{host}", "all")
    return next((merged[key] for key in keys if key in merged), None)


def _listed(url: Url, exceptions: str) -> bool:
    if exceptions == "*":
        return True
    host, entries = url.host.lower().rstrip("."), exceptions.replace(" ", "").lower().split(",")
    address = _address(host)
    if address is not None and any(_in_network(address, entry) for entry in entries if "/" in entry):
        return True
    known = (host, host if url.port is None else f"{host}:{url.port}")
    names = [entry.lstrip(".") for entry in entries if entry and "/" not in entry]
    return any(each == name or each.endswith(f".{name}") for name in names for each in known)


def _of_reqwest(url: Url, said: Mapping[str, str]) -> str | None:
    host = url.host.lower()
    address = _address(host)
    for entry in [each.strip().lower() for each in said.get(_EXCEPTIONS, "").split(",")]:
        if entry == "*" or (address is not None and (entry == host or _in_network(address, entry))):
            return None
        name = entry.lstrip(".")
        if name and address is None and (host == name or host.endswith(f".{name}")):
            return None
    return said.get(url.scheme) or said.get("all")


def _of_go(url: Url, environ: Mapping[str, str]) -> str | None:
    """Nothing on this machine itself is behind a proxy; `all_proxy` is not known."""
    known = _known(environ, upper=True)
    if is_loopback(url.host) or _excepted(url, known.get(_EXCEPTIONS, "")):
        return None
    return known.get(url.scheme)


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
        return _in_network(address, entry)
    name, _, number = entry.rpartition(":") if entry.count(":") == 1 or "]:" in entry else (entry, "", "")
    if number.isdigit() and int(number) != port:
        return False
    name = name.strip("[]").removeprefix("*")
    if name.startswith("."):
        return host.endswith(name) or host == name[1:]
    return host == name or (address is None and host.endswith(f".{name}"))


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _in_network(address: _Address, entry: str) -> bool:
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


def _address(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
