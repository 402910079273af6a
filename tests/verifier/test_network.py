"""Proxies, the clock, other addresses: what lies between us and a source."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from mirrorcfg.formats.x509 import Certificate
from mirrorcfg.model.verdict import Verdict
from mirrorcfg.verifier import clock
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.proxies import choose
from mirrorcfg.verifier.url import parse
from mirrorcfg.verifier.wire.budget import Budget
from mirrorcfg.verifier.wire.network import TcpStream
from tests import asking
from tests.asking import verify
from tests.verifier import sources
from tests.verifier.lab import Answer, Authority, Server, probe
from tests.verifier.test_hostile import silent, trickle

Ask = Callable[..., Verdict]
Serve = Callable[..., Server]


async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    port = int(head.split(b" ")[1].rpartition(b":")[2])
    there = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        with contextlib.suppress(OSError):
            await asyncio.gather(_pipe(reader, there[1]), _pipe(there[0], writer))
    finally:
        there[1].transport.abort()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.close()


def refusing(status: int) -> Callable[..., object]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %d No\r\ncontent-length: 0\r\n\r\n" % status)
        await writer.drain()

    return answer


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (tunnel, "ok"),
        (refusing(403), "proxy-refused"),
        (refusing(407), "proxy-auth-required"),
        (refusing(503), "proxy-failed"),
        (hang_up, "proxy-unreachable"),
    ],
)
def test_a_proxy(serve: Serve, ask: Ask, script: object, code: str) -> None:
    server = serve(sources.index())
    with Server(None, script=script) as proxy:  # type: ignore[arg-type]
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy"):
            environ = {name: proxy.url.replace("://", "://robot:planted-secret@")}
            verdict = ask(f"{server.url}/simple", environ=environ)
            assert verdict.code == code, verdict
            assert "planted" not in verdict.message + str(verdict.hint)
    around = ask(
        f"{server.url}/simple", environ={"https_proxy": "http://127.0.0.1:1", "no_proxy": "localhost"}
    )
    assert around.ok
    assert ask(f"{server.url}/simple", environ={"https_proxy": "127.0.0.1:1"}).code == "proxy-unreachable"
    assert ask(f"{server.url}/simple", environ={"https_proxy": "http://["}).code == "proxy-unreachable"


def test_who_is_slow_the_proxy_or_the_source(serve: Serve, ask: Ask) -> None:
    server = serve({"*": Answer(script=trickle)})
    for script, code in ((tunnel, "deadline"), (silent, "proxy-unreachable")):
        with Server(None, script=script) as proxy:
            environ = {"https_proxy": proxy.url}
            assert ask(f"{server.url}/simple", timeout=1.0, environ=environ).code == code


async def no_socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(3)
    writer.write(b"\x05\xff")  # RFC 1928: no acceptable methods
    await writer.drain()
    await reader.read()


def test_a_refusing_socks_proxy_leaves_no_socket_behind(ask: Ask) -> None:
    with Server(None, script=no_socks) as proxy:
        environ = {"all_proxy": proxy.url.replace("http:", "socks5:")}
        assert ask("https://localhost:1/simple", environ=environ).code == "proxy-auth-required"
    gc.collect()  # a socket that is open warns, and warnings are errors


def test_a_proxy_over_tls(serve: Serve, ask: Ask, authority: Authority) -> None:
    server = serve(sources.index())
    with Server(authority.context(), script=tunnel) as proxy:
        assert ask(f"{server.url}/simple", environ={"https_proxy": proxy.url}).ok
    with Server(authority.context("other.example"), script=tunnel) as proxy:
        verdict = ask(f"{server.url}/simple", environ={"https_proxy": proxy.url})
        assert verdict.code == "proxy-unreachable"
        assert "localhost is for another host (other.example)" in verdict.message


def test_a_proxy_that_passes_requests_on(ask: Ask) -> None:
    with Server(None, sources.index()) as server, Server(None, sources.index()) as proxy:
        proxy.routes = {f"{server.url}{path}": route for path, route in server.routes.items()}
        environ = {"http_proxy": proxy.url.replace("://", "://robot:planted-secret@")}
        assert ask(f"{server.url}/simple", "uv", environ=environ).code == "ok"
        assert server.seen == []
        assert {request.headers["host"] for request in proxy.seen} == {f"localhost:{server.port}"}
        assert proxy.seen[0].headers["proxy-authorization"].startswith("Basic ")


def socks(asked: list[bytes], port: int) -> Callable[..., object]:
    """A SOCKS 5 proxy that leads everything to `port`, and remembers for what it was asked."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly((await reader.readexactly(2))[1])
        writer.write(b"\x05\x00")
        kind = (await reader.readexactly(4))[3]
        size = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
        asked.append(await reader.readexactly(size))
        await reader.readexactly(2)
        there = await asyncio.open_connection("127.0.0.1", port)
        for byte in b"\x05\x00\x00\x03\x05local\x00\x50":  # in pieces, as TCP may deliver it
            writer.write(bytes([byte]))
            await writer.drain()
        try:
            with contextlib.suppress(OSError):
                await asyncio.gather(_pipe(reader, there[1]), _pipe(there[0], writer))
        finally:
            there[1].transport.abort()

    return answer


@pytest.mark.parametrize(
    ("scheme", "tool", "place"),
    [
        ("socks5", "pip", b"\x7f\0\0\x01"),
        ("socks5h", "pip", b"localhost"),
        ("socks5", "uv", b"\x7f\0\0\x01"),
        ("socks5h", "conda", b"localhost"),
        ("socks5", "docker", b"localhost"),
    ],
)
def test_who_looks_up_names(serve: Serve, authority: Authority, scheme: str, tool: str, place: bytes) -> None:
    asked: list[bytes] = []
    server = serve({**sources.index(), **sources.channel(), **sources.registry()})
    path = {"conda": "/main", "docker": ""}.get(tool, "/simple")
    with Server(None, script=socks(asked, server.port)) as proxy:  # type: ignore[arg-type]
        environ = dict.fromkeys(("all_proxy", "https_proxy"), proxy.url.replace("http:", f"{scheme}:"))
        [verdict] = verify(
            [probe(f"{server.url}{path}", tool, ca_file=str(authority.file))],
            environ=environ,
            subdir="linux-64",
        )
    if tool == "docker":  # it never asks a proxy for this machine itself
        assert verdict.ok
        assert asked == []
        assert choose(parse("https://a.example"), asking.client(tool, environ)).far_names  # type: ignore[union-attr]
    else:
        assert verdict.ok, verdict
        assert set(asked) == {place}


def test_one_connection_for_all_that_is_asked_of_a_host(authority: Authority) -> None:
    routes = {**sources.index(), **sources.channel()}
    moved = {f"/old{path}": Answer(302, b"moved", {"location": path}) for path in routes}
    for path, tool in (
        ("/simple", "pip"),
        ("/old/simple", "pip"),
        ("/main", "conda"),
        ("/old/main", "conda"),
    ):
        with Server(authority.context(), {**routes, **moved}) as server:
            url = f"{server.url}{path}"
            assert verify([probe(url, tool, ca_file=str(authority.file))], environ={}, subdir="linux-64")[
                0
            ].ok
            assert server.connections == 1


@pytest.mark.parametrize(
    ("url", "entry", "past"),
    [
        ("https://a.example", "example", True),
        ("https://a.example", ".example", True),
        ("https://a.example", "*.example", False),
        ("https://badexample", "example", False),
        ("https://a.example:8443", "a.example:8443", True),
        ("https://a.example", "a.example:8443", False),
        ("https://a.example", "a.example:443", False),
        ("https://10.1.2.3", "10.0.0.0/8", True),
        ("https://11.1.2.3", "10.0.0.0/8", False),
        ("https://[::1]:8443", "::1", True),
        ("https://a.example", "*", True),
        ("https://a.example", " , b.example", False),
    ],
)
def test_no_proxy(url: str, entry: str, past: bool) -> None:
    environ = {"https_proxy": "http://p.example:3128", "NO_PROXY": entry}
    chosen = choose(parse(url), asking.client("pip", environ))
    assert (chosen is None) == past


def test_the_clock_and_not_the_certificate(serve: Serve, authority: Authority) -> None:
    """Certificates that are valid by the servers' clocks, and not by ours."""
    now = datetime.now(UTC)
    day = timedelta(days=1)
    for offset, words in ((3 * day, "3 days behind"), (-3 * day, "3 days ahead")):
        there = now + offset
        date = format_datetime(there)
        good = serve(sources.index(), date=date)
        short = authority.context(not_before=there - day, not_after=there + day)
        bad = serve(sources.index(), context=short, date=date)
        probes = [probe(f"{server.url}/simple", ca_file=str(authority.file)) for server in (bad, good)]
        first, second = verify(probes, environ={})
        assert (first.code, second.code) == ("clock-skew", "ok"), first
        assert words in first.message


def test_the_clock_by_an_answer_without_tls() -> None:
    there = datetime.now(UTC) - timedelta(days=3)
    with Server(None, {"*": Answer(400)}, date=format_datetime(there)) as server:
        offset = asyncio.run(_offset(server.port))
    assert offset == pytest.approx(-3 * 86400, abs=60)
    assert clock.skew(offset) == "3 days ahead"


async def _offset(port: int) -> float:
    from mirrorcfg.verifier.exchange import Means
    from mirrorcfg.verifier.wire.network import Patience

    return (await clock.asked(Means(Patience.within(5)), "127.0.0.1", [1, port], 5))[0]


def test_a_sound_certificate_below_an_expired_ca_is_not_the_clock() -> None:
    now = datetime.now(UTC)
    day = timedelta(days=1)
    failure = Failure("tls-expired", certificate=Certificate("a CA", now - 9 * day, now + 9 * day))
    assert clock.explained(failure, [-3 * 86400.0]) is failure
    gone = Failure("tls-expired", certificate=Certificate("a CA", now - 9 * day, now - day))
    assert clock.explained(gone, [-3 * 86400.0]).code == "clock-skew"
    assert clock.explained(gone, [-9.0]) is gone
    assert clock.explained(gone, [3 * 86400.0]) is gone


def test_an_expired_certificate_stays_one(serve: Serve, authority: Authority) -> None:
    now = datetime.now(UTC)
    old = authority.context(not_before=now - timedelta(days=9), not_after=now - timedelta(days=5))
    good = serve(sources.index(), date=format_datetime(now))
    probes = [probe(f"{s.url}/simple", ca_file=str(authority.file)) for s in (serve({}, context=old), good)]
    assert [verdict.code for verdict in verify(probes, environ={})] == ["tls-expired", "ok"]


def test_ports_that_answer_without_tls(ask: Ask) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 No\r\ncontent-length: 0\r\n\r\n")
        await reader.read(1 << 16)

    with Server(None, script=plain) as server:
        assert ask(f"https://localhost:{server.port}/simple").code == "tls-failure"


def test_not_https(ask: Ask) -> None:
    assert ask("http://mirror.example/simple").code == "not-https"
    assert ask("ftp://mirror.example/simple").code == "not-https"
    assert ask("https://mirror.example:port/simple").code == "malformed"


def test_stale(serve: Serve, authority: Authority) -> None:
    import json

    def page(serial: int, *names: str) -> Answer:
        file = {"url": f"../../files/{sources.WHEEL}", "upload-time": "2020-01-01T00:00:00.000000Z"}
        files = [{**file, "url": f"../../files/{name}"} for name in names]
        body = json.dumps({"meta": {"api-version": "1.1", "_last-serial": serial}, "files": files})
        return Answer(200, body.encode(), {"content-type": sources.JSON})

    def codes(one: Answer, two: Answer) -> list[str]:
        servers = serve(sources.index(one)), serve(sources.index(two))
        urls = servers[0].url, servers[1].url.replace("localhost", "127.0.0.1")
        probes = [probe(f"{url}/simple", ca_file=str(authority.file)) for url in urls]
        return [verdict.code for verdict in verify(probes, environ={})]

    assert codes(page(5, sources.WHEEL), page(9, sources.WHEEL, "six-2.whl")) == ["stale", "ok"]
    assert codes(page(9, sources.WHEEL), page(9, sources.WHEEL, "six-2.whl")) == ["ok", "ok"]
    assert codes(page(5, sources.WHEEL), page(9, sources.WHEEL)) == ["ok", "ok"]


@pytest.mark.parametrize("timeout", [0.0, 1e-6, 0.001, 0.1])
@pytest.mark.parametrize("tool", ["pip", "conda", "docker"])
def test_no_time(serve: Serve, ask: Ask, tool: str, timeout: float) -> None:
    """However little time there is, what is said is that there was too little, or that all is well."""
    routes = {**sources.index(), **sources.channel(), **sources.registry()}
    path = {"pip": "/simple", "conda": "/main", "docker": ""}[tool]
    late = {"not-asked", "dns-timeout", "connect-timeout", "tls-timeout", "read-timeout", "deadline"}
    verdict = ask(serve(routes).url + path, tool, timeout=timeout)
    assert verdict.code in late | {"ok"}, verdict


def test_no_probes() -> None:
    assert verify([], environ={}) == []


def test_a_peer_that_has_gone_is_noticed() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        stream = TcpStream(ours, 1.0, Budget())
        assert not stream.has_ended()
        theirs.send(b"a ticket")
        assert not stream.has_ended()
        ours.recv(100)
        theirs.close()
        assert stream.has_ended()
