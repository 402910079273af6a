"""Connections as asyncio makes them, each step with its own time-out, its own time and its own failure."""

from __future__ import annotations

import asyncio
import errno
import socket
from dataclasses import dataclass, field
from time import perf_counter

from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.wire.budget import Budget
from mirrorcfg.verifier.wire.names import Address, Resolver

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


class Network:
    """Resolves and connects, and remembers how long that took."""

    def __init__(
        self, resolver: Resolver, patience: Patience, progress: Progress, budget: Budget | None = None
    ) -> None:
        self._resolver = resolver
        self.budget = budget or Budget()
        self.patience = patience
        self.progress = progress

    async def resolve(self, host: str, port: int) -> list[Address]:
        """Where the host is. Raises Failure."""
        self.progress.stage, started = "dns", perf_counter()
        addresses = await self._resolver.addresses(host.rstrip("."), port, self.patience.dns)
        self.progress.took("dns", started)
        return addresses

    async def connect(self, host: str, port: int) -> TcpStream:
        """A connection to the first of the host's addresses that takes one. Raises Failure."""
        addresses = await self.resolve(host, port)
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
        self.progress.stage = "wait"
        return TcpStream(connected, self.patience.read, self.budget)


class TcpStream:
    """Bytes over TCP; nothing is read ahead, so nothing of a peer's waits in memory."""

    def __init__(self, connected: socket.socket, patience: float, budget: Budget) -> None:
        self._socket = connected
        self._patience = patience
        self._budget = budget
        self._last: int | None = None

    def hurry(self, most: int | None) -> None:
        """From here on nothing is waited for, and at most so many bytes are taken; None ends that."""
        self._last = most

    async def read(self, most: int) -> bytes:
        """What has come, at most that many bytes; nothing at the end. Raises Failure."""
        # Whoever sends faster than we read would else never let the others, nor the clock, have their turn.
        await asyncio.sleep(0)
        if self._last is not None and (most := min(most, self._last)) <= 0:
            raise Failure("read-timeout", seconds=0)
        data = await self._received(most)
        self._last = self._last and self._last - len(data)
        self._budget.spend(len(data))
        return data

    async def _received(self, most: int) -> bytes:
        try:
            return self._socket.recv(most)  # what is there needs no clock beside it
        except (BlockingIOError, InterruptedError):
            if self._last is not None:
                raise Failure("read-timeout", seconds=0) from None
        except OSError as error:
            raise _named(error) from None
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.get_running_loop().sock_recv(self._socket, most)
        except TimeoutError:
            raise Failure("read-timeout", seconds=round(self._patience, 1)) from None
        except OSError as error:
            raise _named(error) from None

    async def write(self, data: bytes) -> None:
        """Send all of it. Raises Failure."""
        if not data:
            return
        try:
            async with asyncio.timeout(self._patience):
                await asyncio.get_running_loop().sock_sendall(self._socket, data)
        except TimeoutError:
            raise Failure("read-timeout", seconds=round(self._patience, 1)) from None
        except OSError as error:
            raise _named(error) from None

    def has_ended(self) -> bool:
        """Whether the peer has gone; what it only sent ahead, TLS tickets for one, is no end."""
        try:
            return not self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def close(self) -> None:
        """Let go at once; nobody waits for a peer to agree."""
        self._socket.close()


async def _first(addresses: list[Address]) -> socket.socket:
    """The first address that takes a connection; the next is tried when one fails or takes long."""
    if len(addresses) == 1:
        return await _dial(addresses[0])
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
    if error.errno in _RESET or isinstance(error, ConnectionError | TimeoutError):
        return Failure("connect-reset")
    return Failure("unreachable", detail=error.strerror or sentence("no route"))
