"""Texts as Go's library takes them, which dockerd reads its values with.

Source of the rules: the documentation of Go's strconv, time, net and net/url; each form was tried on dockerd
20.10.24.
"""

from __future__ import annotations

import ipaddress
import re

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Go's TrimSpace takes away."""

_SWITCH = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?[kKmMgGtTpP]?[iI]?[bB]?")
_SPAN = re.compile(r"[+-]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_PARTS = re.compile(r"([0-9.]+)([^0-9.]+)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_LONGEST = (2**63 - 1) / 1e9

_ZEROS = re.compile(r"(?:(?<=:)|^)0+(?=[0-9A-Fa-f])(?![0-9A-Fa-f]*\.)")

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"""(?:[A-Za-z0-9._~!$&'()*+,;=:\[\]<>"-]|[^\x00-\x7f]|%25|%[89A-Fa-f][0-9A-Fa-f])*""")
_ZONE = re.compile(_HOST.pattern.replace("%25|%[89A-Fa-f][0-9A-Fa-f]", "%[0-9A-Fa-f]{2}"))
_USER = re.compile(r"(?:[A-Za-z0-9._~:!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})*")
_PORT = re.compile(r"(?::[0-9]*)?")


def is_switch(text: str) -> bool:
    """strconv.ParseBool."""
    return text in _SWITCH


def integer(text: str) -> int | None:
    """strconv.Atoi: a decimal number of 64 bits."""
    if not _INTEGER.fullmatch(text) or len(text) > 300:
        return None
    return number if -(2**63) <= (number := int(text)) < 2**63 else None


def is_size(text: str) -> bool:
    """go-units' RAMInBytes: 64m, 1.5 GiB, 1024."""
    found = _SIZE.fullmatch(text)
    return found is not None and float(found[1]) < float("inf")


def is_span(text: str) -> bool:
    """time.ParseDuration: 1h30m, 0, 1.5s."""
    if not _SPAN.fullmatch(text):
        return False
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PARTS.findall(text))
    return seconds < _LONGEST


def ip(text: str) -> IP | None:
    """net.ParseIP: no zone, zeros only before a number of IPv6."""
    try:
        return None if "%" in text else ipaddress.ip_address(_ZEROS.sub("", text) if ":" in text else text)
    except ValueError:
        return None


def network(text: str) -> tuple[IP, Network] | None:
    """net.ParseCIDR: an address with the length of its prefix, and its network."""
    address, _, length = text.partition("/")
    found = ip(address)
    if found is None or not re.fullmatch(r"[0-9]{1,300}", length) or int(length) > found.max_prefixlen:
        return None
    return found, ipaddress.ip_network(f"{found}/{int(length)}", strict=False)


def host_port(text: str) -> tuple[str, str] | None:
    """net.SplitHostPort; `missing_port` tells the one failure that some forgive."""
    host, colon, port = text.rpartition(":")
    if not colon:
        return None
    if host.startswith("["):
        if not host.endswith("]"):
            return None
        host = host[1:-1]
    elif ":" in host:
        return None
    return None if re.search(r"[][]", host + port) else (host, port)


def missing_port(text: str) -> bool:
    """Does SplitHostPort fail for want of a port alone?"""
    if text.startswith("["):
        return text.endswith("]") and not re.search(r"[][]", text[1:-1])
    return ":" not in text


class Address:
    """url.Parse: what a text is made of. Raises ValueError where Go's library can't parse it."""

    def __init__(self, text: str) -> None:
        text, _, self.fragment = text.partition("#")
        if _CONTROL.search(text) or _ESCAPE.search(self.fragment):
            raise ValueError(text)
        found = _SCHEME.match(text)
        self.scheme = found[1].lower() if found else ""
        rest = text[found.end() :] if found else text
        if rest.startswith(":") and not found:
            raise ValueError(text)
        rest, _, self.query = rest.partition("?")
        self.user: str | None = None
        self.host = self.path = ""
        if not rest.startswith("/"):
            if not found:
                if ":" in rest.partition("/")[0]:
                    raise ValueError(text)
                self.path = rest
        elif rest.startswith("//"):
            authority, slash, path = rest[2:].partition("/")
            self.path = slash + path
            user, at, self.host = authority.rpartition("@")
            self.user = user if at else None
            if not _USER.fullmatch(user) or not _is_host(self.host):
                raise ValueError(text)
        else:
            self.path = rest
        if _ESCAPE.search(self.path):
            raise ValueError(text)


def address(text: str) -> Address | None:
    """The same, or None."""
    try:
        return Address(text)
    except ValueError:
        return None


def _is_host(text: str) -> bool:
    if text.startswith("["):
        inner, bracket, port = text.rpartition("]")
        name, percent, zone = inner.partition("%25")
        whole = _HOST.fullmatch(name) and _ZONE.fullmatch(percent + zone)
        return bool(bracket and whole and _PORT.fullmatch(port))
    _, colon, port = text.rpartition(":")
    return bool(_HOST.fullmatch(text) and (not colon or _PORT.fullmatch(colon + port)))
