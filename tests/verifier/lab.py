"""Small servers on loopback that answer as they are told, with certificates of a CA made for the test."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import trustme

from mirrorcfg.model.verdict import Probe
from tests import asking

HOST = "localhost"
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    script: Script | None = None  # writes everything itself


Route = Answer | Callable[[Request], Answer]


def html(text: str, status: int = 200, **headers: str) -> Answer:
    return Answer(status, text.encode(), {"content-type": "text/html", **headers})


def ranged(body: bytes) -> Callable[[Request], Answer]:
    """A file that is handed out in ranges."""

    def answer(request: Request) -> Answer:
        wanted = request.headers.get("range")
        if not wanted:
            return Answer(200, body)
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        part = body[int(first) : int(last or len(body)) + 1]
        end = int(first) + len(part) - 1
        return Answer(206, part, {"content-range": f"bytes {first}-{end}/{len(body)}"})

    return answer


class Authority:
    """A CA, and certificates of it."""

    def __init__(self, folder: Path) -> None:
        self.ca = trustme.CA(organization_name="Lab CA")
        self.file = folder / "ca.pem"
        self.ca.cert_pem.write_to_path(str(self.file))

    def context(
        self,
        *names: str,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> ssl.SSLContext:
        leaf = self.ca.issue_cert(*(names or (HOST, "127.0.0.1")), not_before=not_before, not_after=not_after)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(context)
        return context


class Server:
    """One server; `seen` has the requests."""

    def __init__(
        self,
        context: ssl.SSLContext | None,
        routes: Mapping[str, Route] | None = None,
        *,
        script: Script | None = None,
        date: str | None = None,
    ) -> None:
        self.routes = dict(routes or {})
        self.seen: list[Request] = []
        self.port = 0
        self.connections = 0
        self._context = context
        self._script = script
        self._date = date
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Server:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://{HOST}:{self.port}"

    def paths(self) -> list[str]:
        return [request.path for request in self.seen]

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(lambda *_: None)
        self._loop.run_until_complete(self._main())
        self._loop.close()

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._context, backlog=600)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError):
                await (self._script or self._talk)(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            method, path, _ = first.split(" ", 2)
            pairs = (line.partition(":") for line in lines if line)
            request = Request(method, path, {name.lower(): value.strip() for name, _, value in pairs})
            self.seen.append(request)
            route = self.routes.get(path, self.routes.get(path.partition("?")[0], self.routes.get("*")))
            answer = route(request) if callable(route) else route or Answer(404, b"no such page")
            if answer.script:
                return await answer.script(reader, writer)
            await self._send(writer, answer, request)

    async def _send(self, writer: asyncio.StreamWriter, answer: Answer, request: Request) -> None:
        headers = {"content-length": str(len(answer.body)), **answer.headers}
        if self._date:
            headers["date"] = self._date
        text = f"HTTP/1.1 {answer.status} Status\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        writer.write(text.encode("latin-1") + b"\r\n" + (b"" if request.method == "HEAD" else answer.body))
        await writer.drain()


def probe(url: str, tool: str = "pip", **more: str | None) -> Probe:
    role = {"pip": "index-url", "uv": "index-url", "conda": "default-channels"}.get(tool, "registry-mirrors")
    return asking.probe(tool, str(more.pop("role", role)), url, **more)
