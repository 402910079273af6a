"""Servers that misbehave below HTTP, one port for each way: `python -m tests.conformance.rogue CHAIN KEY`.

Reads {"way": port} as JSON from stdin, listens on all of them and runs until it is stopped.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import sys
import zlib
from collections.abc import Awaitable, Callable

Way = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
LOGIN = b"<html><body><form action=/login>Sign in to the network: <input name=user></form></body></html>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


async def trickle(request: bytes, writer: asyncio.StreamWriter) -> None:
    """A byte each half second, for ever."""
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"<")
        await writer.drain()
        await asyncio.sleep(0.5)


async def silent(request: bytes, writer: asyncio.StreamWriter) -> None:
    """Takes the request and says nothing."""
    await asyncio.Event().wait()


async def endless(request: bytes, writer: asyncio.StreamWriter) -> None:
    """A page that has no end."""
    writer.write(HEAD + b"Connection: close\r\n\r\n<!DOCTYPE html><html><body>")
    await pour(b'<a href="../../files/nothing-1.0.tar.gz">nothing-1.0.tar.gz</a>\n' * 1000, writer)


async def headers(request: bytes, writer: asyncio.StreamWriter) -> None:
    """Headers that have no end."""
    writer.write(HEAD)
    await pour(b"X-More: " + b"x" * 1000 + b"\r\n", writer)


async def bomb(request: bytes, writer: asyncio.StreamWriter) -> None:
    """Gzip that becomes a thousand times its size, without end."""
    packer = zlib.compressobj(9, wbits=31)
    writer.write(HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n")
    writer.write(packer.compress(b" ") + packer.flush(zlib.Z_FULL_FLUSH))
    block = packer.compress(b" " * 10_000_000) + packer.flush(
        zlib.Z_FULL_FLUSH
    )  # can be said again and again
    await pour(block, writer)


async def pour(block: bytes, writer: asyncio.StreamWriter) -> None:
    """The same again, for ever, and a turn for the others."""
    while True:
        writer.write(block)
        await writer.drain()
        await asyncio.sleep(0.002)


async def reset(request: bytes, writer: asyncio.StreamWriter) -> None:
    """A reset in the place of an answer."""
    linger(writer)


async def garbage(request: bytes, writer: asyncio.StreamWriter) -> None:
    """Bytes that aren't HTTP."""
    writer.write(bytes(range(256)) * 8)
    await writer.drain()


async def truncated(request: bytes, writer: asyncio.StreamWriter) -> None:
    """An answer that ends before it should."""
    writer.write(HEAD + b"Content-Length: 5000\r\n\r\n<!DOCTYPE html><html><body>")
    await writer.drain()


async def onward(request: bytes, writer: asyncio.StreamWriter) -> None:
    """A redirect to a place that redirects on, for ever."""
    words = request.split(b" ")
    step = int(words[1].rpartition(b"=")[2]) + 1 if b"?step=" in words[1] else 1
    place = b"%s?step=%d" % (words[1].partition(b"?")[0], step)
    writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % place)
    await writer.drain()


async def portal(request: bytes, writer: asyncio.StreamWriter) -> None:
    """Plain HTTP on the port of HTTPS."""
    writer.write(HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(LOGIN), LOGIN))
    await writer.drain()


async def hang_up(request: bytes, writer: asyncio.StreamWriter) -> None:
    """An end of the connection before TLS begins."""


def linger(writer: asyncio.StreamWriter) -> None:
    """Let the kernel send a reset when the socket is closed."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


WAYS: dict[str, Way] = {
    "trickle": trickle,
    "silent": silent,
    "endless": endless,
    "headers": headers,
    "bomb": bomb,
    "reset": reset,
    "garbage": garbage,
    "garbage-h2": garbage,
    "truncated": truncated,
    "onward": onward,
}
PLAIN: dict[str, Way] = {"portal": portal, "hang-up": hang_up, "reset-tls": reset, "no-tls": silent}


def serve(
    way: Way, *, keep: bool = False
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Answer each request on a connection in that way."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                await way(request, writer)
                if not keep:
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    return talk


def raw(way: Way) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Answer the first bytes, which are TLS's."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await way(await reader.read(100), writer)
        except OSError:
            pass
        finally:
            writer.close()

    return talk


async def main(chain: str, key: str, ports: dict[str, int]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    http2 = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    http2.load_cert_chain(chain, key)
    http2.set_alpn_protocols(["h2"])
    for name, port in ports.items():
        if name in PLAIN:
            await asyncio.start_server(raw(PLAIN[name]), "0.0.0.0", port, backlog=1000)
        else:
            talk = serve(WAYS[name], keep=name == "onward")
            secured = http2 if name.endswith("-h2") else context
            await asyncio.start_server(talk, "0.0.0.0", port, ssl=secured, backlog=1000)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], json.loads(sys.stdin.readline())))
