"""Names to addresses, in threads that nobody has to wait for: getaddrinfo can't be interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
from typing import NamedTuple

from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure

_THREADS = 128


class Address(NamedTuple):
    """Where a socket connects to."""

    family: int
    target: tuple[str, int] | tuple[str, int, int, int]


class Resolver:
    """Asks for each name once; a name server that doesn't answer holds up only its own name."""

    def __init__(self) -> None:
        self._answers: dict[str, asyncio.Task[list[str]]] = {}
        self._room = asyncio.Semaphore(_THREADS)

    async def addresses(self, host: str, port: int, patience: float) -> list[Address]:
        """Where `host` is, IPv6 and IPv4 in turn. Raises Failure dns-failure or dns-timeout."""
        literal = _literal(host)
        if literal:
            return [_address(literal, port)]
        try:
            async with asyncio.timeout(patience):
                found = await self._asked(host)
        except TimeoutError:
            raise Failure("dns-timeout", host=host, seconds=round(patience, 1)) from None
        except OSError as error:
            if error.errno == socket.EAI_AGAIN:  # no server answered, or none could say
                raise Failure("dns-timeout", host=host, seconds=round(patience, 1)) from None
            detail = error.strerror or sentence("no such name")
            raise Failure("dns-failure", host=host, detail=detail) from None
        return [_address(text, port) for text in _in_turn(found)]

    async def _asked(self, host: str) -> list[str]:
        if host not in self._answers:
            self._answers[host] = asyncio.create_task(self._ask(host))
            # A failure that nobody waits for any more is no event of its own.
            self._answers[host].add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._answers[host])

    async def _ask(self, host: str) -> list[str]:
        async with self._room:
            answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
            threading.Thread(target=_look_up, args=(host, answer), daemon=True).start()
            return await answer


def _look_up(host: str, answer: asyncio.Future[list[str]]) -> None:
    try:
        infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        found, error = list(dict.fromkeys(str(info[4][0]) for info in infos)), None
    except (OSError, UnicodeError) as caught:
        found, error = [], caught if isinstance(caught, OSError) else OSError(0, sentence("not a host name"))

    def settle() -> None:
        if not answer.done():
            answer.set_exception(error) if error else answer.set_result(found)

    with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
        answer.get_loop().call_soon_threadsafe(settle)


def _literal(host: str) -> str | None:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return host


def _address(text: str, port: int) -> Address:
    if ":" not in text:
        return Address(socket.AF_INET, (text, port))
    bare, _, zone = text.partition("%")
    scope = 0
    if zone:
        with contextlib.suppress(OSError):
            scope = int(zone) if zone.isdigit() else socket.if_nametoindex(zone)
    return Address(socket.AF_INET6, (bare, port, 0, scope))


def _in_turn(found: list[str]) -> list[str]:
    """Families in turn, the one that the system prefers first (RFC 8305, section 4)."""
    first = [text for text in found if (":" in text) == (":" in found[0])]
    second = [text for text in found if (":" in text) != (":" in found[0])]
    pairs = [text for pair in zip(first, second, strict=False) for text in pair]
    return [*pairs, *first[len(second) :], *second[len(first) :]][:8]
