"""What a source does can't hold the call, fill the memory, or get at credentials."""

from __future__ import annotations

import asyncio
import base64
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from mirrorcfg.cli.screen import clean
from mirrorcfg.model.verdict import Verdict
from tests.asking import verify
from tests.verifier import sources
from tests.verifier.lab import Answer, Authority, Server, html, probe

Ask = Callable[..., Verdict]
Serve = Callable[..., Server]
GRACE = 10.0  # seconds beyond a deadline that a busy machine may take; what hangs takes more
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n"


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"content-length: 1000000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"\r\n")
    while not writer.is_closing():
        writer.write(b"<a href='x-1.whl'>x</a>" * 1000)
        await writer.drain()
        await asyncio.sleep(0)


async def endless_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while not writer.is_closing():
        writer.write(b"x-more: " + b"x" * 1000 + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0)


async def cut_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"content-length: 1000\r\n\r\nhalf")
    await writer.drain()
    writer.close()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def noise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    await writer.drain()


BOMB = zlib.compress(b" " * (1 << 28), 9, wbits=31)
SCRIPTS = {
    "read-timeout": [silent],
    "deadline": [trickle],
    "too-large": [endless],
    "malformed": [endless_head, cut_off, noise],
    "connect-reset": [hang_up],
}


@pytest.mark.parametrize(
    ("code", "script"), [(code, script) for code, scripts in SCRIPTS.items() for script in scripts]
)
def test_a_hostile_page(serve: Serve, ask: Ask, code: str, script: object) -> None:
    server = serve({"*": Answer(script=script)})  # type: ignore[arg-type]
    started = time.monotonic()
    timeout = 2.0 if code in ("read-timeout", "deadline") else 20.0
    verdict = ask(f"{server.url}/simple", timeout=timeout)
    assert verdict.code == code, verdict
    assert time.monotonic() - started < timeout + GRACE


def test_bombs(serve: Serve, ask: Ask) -> None:
    page = Answer(200, BOMB, {"content-type": "text/html", "content-encoding": "gzip"})
    server = serve({"*": page})
    tracemalloc.start()
    verdict = ask(f"{server.url}/simple", timeout=20.0)
    channel = ask(f"{server.url}/main", "conda", timeout=20.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (verdict.code, channel.code) == ("too-large", "not-a-channel"), (verdict, channel)
    assert peak < 30_000_000


def test_a_hundred_thousand_links(serve: Serve, ask: Ask) -> None:
    links = f'<a href="../../files/{sources.WHEEL}">x</a>\n' * 100_000
    verdict = ask(f"{serve(sources.index(html(links))).url}/simple", timeout=20.0)
    assert (verdict.code, verdict.level) == ("ok", 3), verdict


def test_redirects_for_ever(serve: Serve, ask: Ask) -> None:
    server = serve({"*": lambda request: Answer(302, b"", {"location": f"{request.path}x/"})})
    for tool in ("pip", "conda", "docker"):
        assert ask(f"{server.url}/simple", tool).code == "redirect-loop"


def test_a_redirect_never_carries_credentials_elsewhere(serve: Serve, ask: Ask) -> None:
    there = serve(sources.index())
    here = serve({"*": lambda request: Answer(307, b"", {"location": f"{there.url}{request.path}"})})
    secret = "Basic " + base64.b64encode(b"robot:planted-secret").decode()
    verdict = ask(f"{here.url}/simple", authorization=secret)
    assert verdict.ok, verdict
    assert here.seen[0].headers["authorization"] == secret
    assert not [request for request in there.seen if "authorization" in request.headers]
    assert verdict.final_url == f"{there.url}/simple/six/"


def test_credentials_in_the_address_are_sent_and_never_shown(serve: Serve, ask: Ask) -> None:
    server = serve({"*": Answer(401)})
    verdict = ask(server.url.replace("://", "://robot:planted-secret@") + "/simple")
    assert server.seen[0].headers["authorization"].startswith("Basic ")
    assert verdict.code == "http-401"
    shown = [verdict.message, verdict.hint, verdict.final_url, *verdict.fetched]
    assert not [text for text in shown if "planted" in str(text)]


def test_a_redirect_to_a_dead_mirror(serve: Serve, ask: Ask) -> None:
    server = serve({"*": Answer(302, b"", {"location": "https://127.0.0.1:1/simple/six/"})})
    verdict = ask(f"{server.url}/simple")
    assert verdict.code == "redirects-to"
    assert "127.0.0.1" in verdict.message


def test_one_dead_source_costs_its_time_once(serve: Serve, authority: Authority) -> None:
    dead = serve({}, script=silent)
    good = serve(sources.index())
    probes = [
        probe(f"{(dead if number % 2 else good).url}/simple", ca_file=str(authority.file))
        for number in range(60)
    ]
    seen: list[Verdict] = []
    started = time.monotonic()
    verdicts = verify(probes, timeout=5.0, environ={}, on_verdict=seen.append)
    assert time.monotonic() - started < 5 + GRACE  # one after the other they would take two minutes
    assert [verdict.probe for verdict in verdicts] == probes
    assert len(seen) == 60
    assert all(verdict.ok == (number % 2 == 0) for number, verdict in enumerate(verdicts))


def test_a_message_cannot_move_the_cursor(serve: Serve, ask: Ask) -> None:
    server = serve({"*": Answer(200, b"{}", {"content-type": "text/\x1b[2Jplain"})})
    assert "\x1b" not in clean(ask(f"{server.url}/simple").message)
