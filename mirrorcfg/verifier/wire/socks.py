"""The way through a SOCKS 5 proxy, for its reply's number: RFC 1928 and 1929."""

from __future__ import annotations

import ipaddress

from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.proxy import Proxy
from mirrorcfg.verifier.wire.tls import Stream

_VERSION, _LOGIN_VERSION, _NO_LOGIN, _LOGIN = 5, 1, 0, 2
_CONNECT, _IPV4, _NAME, _IPV6 = 1, 1, 3, 4
_NOT_ALLOWED = 2
_REPLIES = {
    1: sentence("general failure"),
    2: sentence("not allowed by its rules"),
    3: sentence("network unreachable"),
    4: sentence("host unreachable"),
    5: sentence("connection refused"),
    6: sentence("time to live expired"),
    7: sentence("command not supported"),
    8: sentence("address type not supported"),
}


async def through(stream: Stream, proxy: Proxy, host: str, port: int) -> None:
    """Have the proxy at the other end connect to `port` at `host`. Raises Failure."""
    ways = [_NO_LOGIN, _LOGIN] if proxy.auth else [_NO_LOGIN]
    await stream.write(bytes([_VERSION, len(ways), *ways]))
    version, way = await _exactly(stream, 2)
    if version != _VERSION:
        raise Failure("proxy-unreachable", proxy=proxy.url, detail=sentence("it doesn't speak SOCKS 5"))
    if way == _LOGIN and proxy.auth:
        user, password = (part.encode()[:255] for part in proxy.auth)
        await stream.write(bytes([_LOGIN_VERSION, len(user)]) + user + bytes([len(password)]) + password)
        _, refused = await _exactly(stream, 2)
        if refused:
            raise Failure("proxy-auth-required", proxy=proxy.url)
    elif way != _NO_LOGIN:
        raise Failure("proxy-auth-required", proxy=proxy.url)
    await stream.write(bytes([_VERSION, _CONNECT, 0]) + _address(host) + port.to_bytes(2, "big"))
    _, reply, _, kind = await _exactly(stream, 4)
    if reply:
        code = "proxy-refused" if reply == _NOT_ALLOWED else "proxy-failed"
        detail = _REPLIES.get(reply, sentence("SOCKS reply {number}", number=reply))
        raise Failure(code, proxy=proxy.url, detail=detail)
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
        if not (piece := await stream.read(count - len(data))):
            raise Failure("connect-reset")
        data += piece
    return data
