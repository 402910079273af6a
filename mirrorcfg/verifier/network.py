"""Connections as asyncio makes them, each step with its own time-out, its own time and its own failure."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import httpcore

from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.names import Address, Resolver
from mirrorcfg.verifier.tls import TlsStream

_STAGGER = 0.25  # seconds before the next address is tried beside the first: RFC 8305, section 8
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EACCES, errno.EPERM}
_RESET = {errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED}


@dataclass(frozen=True)
class Patience:
    """How long each step may take, in seconds."""

    dns: float
    connect: float
    tls: float
    read: float

    @classmethod
    def within(cls, timeout: float) -> Patience:
        """Time-outs that leave something of the whole for the steps after a slow one."""
        return cls(0.5 * timeout, 0.5 * timeout, 0.6 * timeout, 0.8 * timeout)


@dataclass
class Progress:
    """How far the exchanges with a source have come, and how long the steps of the first took."""

    stage: str = "queue"
    proxy: str | None = None  # while it is a proxy that we wait for
    times: dict[str, float] = field(default_factory=dict)

    def took(self, step: str, started: float) -> None:
        """Note the time of a step, if it is the first of its kind."""
        self.times.setdefault(step, (perf_counter() - started) * 1000)


class Network(httpcore.AsyncNetworkBackend):
    """Resolves and connects for httpcore; `proxy` is set where it connects to a proxy."""

    def __init__(self, resolver: Resolver, patience: Patience, progress: Progress, proxy: str | None) -> None:
        self._resolver = resolver
        self.patience = patience
        self.progress = progress
        self._proxy = proxy
        self._opened: list[socket.socket] = []

    def close(self) -> None:
        """Drop every connection, also one that httpcore has forgotten because a SOCKS proxy refused it."""
        for connected in self._opened:
            connected.close()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first of the host's addresses that takes one."""
        try:
            return await self._connected(host, port)
        except Failure as failure:
            if self._proxy is None:
                raise
            raise Failure("proxy-unreachable", proxy=self._proxy, detail=failure.code) from None

    async def _connected(self, host: str, port: int) -> Stream:
        self.progress.proxy = self._proxy
        self.progress.stage, started = "dns", perf_counter()
        addresses = await self._resolver.addresses(host.rstrip("."), port, self.patience.dns)
        self.progress.took("dns", started)
        self.progress.stage, started = "connect", perf_counter()
        try:
            async with asyncio.timeout(self.patience.connect):
                connected = await _first(addresses)
        except TimeoutError:
            seconds = round(self.patience.connect, 1)
            raise Failure("connect-timeout", host=host, port=port, seconds=seconds) from None
        except OSError as error:
            raise _named(error).about(host=host, port=port) from None
        self.progress.took("connect", started)
        self._opened.append(connected)
        return Stream(connected, self)


class Stream(httpcore.AsyncNetworkStream):
    """Bytes over TCP; nothing is read ahead, so nothing of a peer's waits in memory."""

    def __init__(self, connected: socket.socket, network: Network) -> None:
        self._socket = connected
        self._network = network

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come, at most `max_bytes`; nothing at the end."""
        try:
            async with asyncio.timeout(self._network.patience.read):
                return await asyncio.get_running_loop().sock_recv(self._socket, max_bytes)
        except TimeoutError:
            raise Failure("read-timeout", seconds=round(self._network.patience.read, 1)) from None
        except OSError as error:
            raise _named(error) from None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        try:
            async with asyncio.timeout(self._network.patience.read):
                await asyncio.get_running_loop().sock_sendall(self._socket, buffer)
        except TimeoutError:
            raise Failure("read-timeout", seconds=round(self._network.patience.read, 1)) from None
        except OSError as error:
            raise _named(error) from None

    async def aclose(self) -> None:
        """Let go at once; nobody waits for a peer to agree."""
        self._socket.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """TLS on this connection, verified as the context says."""
        progress, started = self._network.progress, perf_counter()
        progress.stage, progress.proxy = "tls", None
        try:
            async with asyncio.timeout(self._network.patience.tls):
                stream = await TlsStream.over(self, ssl_context, server_hostname or "")
        except TimeoutError:
            await self.aclose()
            raise Failure("tls-timeout", host=server_hostname) from None
        except BaseException:
            await self.aclose()
            raise
        progress.took("tls", started)
        progress.stage = "wait"
        return stream

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks about a connection: whether it has gone."""
        return self._has_ended() if info == "is_readable" else None

    def _has_ended(self) -> bool:
        """Whether the peer has gone; what it only sent ahead, TLS tickets for one, is no end."""
        try:
            return not self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True


async def _first(addresses: list[Address]) -> socket.socket:
    """The first address that takes a connection; the next is tried when one fails or takes long."""
    waiting = list(reversed(addresses))
    running: set[asyncio.Task[socket.socket]] = set()
    errors: list[OSError] = []
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(_dial(waiting.pop())))
            done, running = await asyncio.wait(
                running, timeout=_STAGGER if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            good = [task.result() for task in done if task.exception() is None]
            errors += [error for task in done if isinstance(error := task.exception(), OSError)]
            for spare in good[1:]:
                spare.close()
            if good:
                return good[0]
    finally:
        for task in running:
            task.add_done_callback(_dropped)
            task.cancel()
    raise min(errors, key=lambda error: error.errno in _UNREACHABLE, default=OSError(errno.EHOSTUNREACH, ""))


async def _dial(address: Address) -> socket.socket:
    connection = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(connection, address.target)
    except BaseException:
        connection.close()
        raise
    return connection


def _dropped(task: asyncio.Task[socket.socket]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()


def _named(error: OSError) -> Failure:
    if error.errno == errno.ECONNREFUSED:
        return Failure("connect-refused")
    if error.errno in _RESET or isinstance(error, ConnectionError):
        return Failure("connect-reset")
    if error.errno == errno.ETIMEDOUT:
        return Failure("connect-timeout", seconds="its time-out in")
    return Failure("unreachable", detail=error.strerror or "no route")
