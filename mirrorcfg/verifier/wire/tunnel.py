"""The way through a proxy: HTTP's CONNECT, and SOCKS 5.

Source of the rules: RFC 9110, section 9.3.6; RFC 1928 and 1929.
"""

from __future__ import annotations

import ipaddress

from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.wire.http1 import Http1
from mirrorcfg.verifier.wire.network import Stream
from mirrorcfg.verifier.wire.proxy import Proxy
from mirrorcfg.verifier.wire.url import Url

_VERSION, _LOGIN_VERSION, _NO_LOGIN, _LOGIN = 5, 1, 0, 2
_CONNECT, _IPV4, _NAME, _IPV6 = 1, 1, 3, 4
_NOT_ALLOWED = 2
_REPLIES = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    7: "command not supported",
    8: "address type not supported",
}


async def through(stream: Stream, proxy: Proxy, url: Url, host: str) -> None:
    """Have the proxy at the other end connect to the port of `url` at `host`. Raises Failure proxy-…"""
    if proxy.is_socks:
        await _socks(stream, proxy, url, host)
    else:
        await _connect(stream, proxy, url)


async def _connect(stream: Stream, proxy: Proxy, url: Url) -> None:
    place = url._replace(port=url.number)
    status, _ = await Http1(stream).ask("CONNECT", place, dict(proxy.fields))
    if 200 <= status < 300:
        return
    facts = {"proxy": proxy.url, "host": url.host, "detail": f"HTTP {status}"}
    if status == 407:
        raise Failure("proxy-auth-required", **facts)
    raise Failure("proxy-failed" if status >= 500 else "proxy-refused", **facts)


async def _socks(stream: Stream, proxy: Proxy, url: Url, host: str) -> None:
    facts = {"proxy": proxy.url, "host": url.host}
    ways = [_NO_LOGIN, _LOGIN] if proxy.auth else [_NO_LOGIN]
    await stream.write(bytes([_VERSION, len(ways), *ways]))
    version, way = await _exactly(stream, 2)
    if version != _VERSION:
        raise Failure("proxy-unreachable", **facts, detail="it doesn't speak SOCKS 5")
    if way == _LOGIN and proxy.auth:
        user, password = (part.encode()[:255] for part in proxy.auth)
        await stream.write(bytes([_LOGIN_VERSION, len(user)]) + user + bytes([len(password)]) + password)
        _, refused = await _exactly(stream, 2)
        if refused:
            raise Failure("proxy-auth-required", **facts)
    elif way != _NO_LOGIN:
        raise Failure("proxy-auth-required", **facts)
    await stream.write(bytes([_VERSION, _CONNECT, 0]) + _address(host) + url.number.to_bytes(2, "big"))
    _, reply, _, kind = await _exactly(stream, 4)
    if reply:
        code = "proxy-refused" if reply == _NOT_ALLOWED else "proxy-failed"
        raise Failure(code, **facts, detail=_REPLIES.get(reply, f"SOCKS reply {reply}"))
    size = {_IPV4: 4, _IPV6: 16}.get(kind) or (await _exactly(stream, 1))[0]
    await _exactly(stream, size + 2)  # the address that it connects from; nobody needs it


def _address(host: str) -> bytes:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        name = host.encode("ascii")[:255]
        return bytes([_NAME, len(name)]) + name
    return bytes([_IPV4 if address.version == 4 else _IPV6]) + address.packed


async def _exactly(stream: Stream, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = await stream.read(count - len(data))
        if not piece:
            raise Failure("connect-reset")
        data += piece
    return data
