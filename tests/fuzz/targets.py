"""What is fuzzed: each parser of what a server sends, and (in `files`) of what others wrote.

A target takes bytes. It may answer with a Failure, which is a verdict; any other exception is a find.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress

import h11
import httpx2

from mirrorcfg.formats import x509 as certificate
from mirrorcfg.verifier import challenge, page, repodata, sample, tokens
from mirrorcfg.verifier.body import unpack, unpackers
from mirrorcfg.verifier.codes import Failure, message
from mirrorcfg.verifier.exchange import clock_offset
from mirrorcfg.verifier.reply import Reply
from mirrorcfg.verifier.url import parse
from mirrorcfg.wording import is_visible
from tests.fuzz import files
from tests.verifier import sources
from tests.verifier.wire import FAREWELL, OK, continues, frames, hello, one, said, stops, two

URL = "https://mirror.example/simple/six/"
ROOM = 1 << 12
HOST = [("host", "mirror.example")]


def html(data: bytes) -> None:
    """A page of an index in HTML."""
    found = page.read(data, "text/html", URL)
    assert found is not None
    _links(found)
    page.is_login(data)
    page.is_html(data)


def simple_json(data: bytes) -> None:
    """A page of an index in JSON, whole or cut off."""
    for complete in (True, False):
        if (found := page.read(data, page.JSON, URL, complete=complete)) is not None:
            _links(found)


def _links(found: page.Page) -> None:
    for file in found.files:
        assert file.url.startswith(("https://", "http://"))
        with suppress(Failure):
            sample.address(file.url)


def channel(data: bytes) -> None:
    """Repodata, whole or cut off."""
    text = data.decode("utf-8", "replace")
    for complete in (True, False):
        found = repodata.read(text, URL, complete=complete)
        for file in found.packages if found else ():
            assert file.url.startswith(URL)
            with suppress(Failure):
                sample.address(file.url)


def token(data: bytes) -> None:
    """A challenge in the first line, a token service's answer in the others."""
    line, _, body = data.partition(b"\n")
    for asked in challenge.read([line.decode("latin-1")]):
        assert asked.scheme == asked.scheme.lower()
        tokens.realm(asked, "library/alpine")
    given = tokens.granted(body)
    assert given is None or h11.Request(method="GET", target="/", headers=[*HOST, ("a", f"Bearer {given}")])


def head(data: bytes) -> None:
    """A status and headers."""
    status, *lines = data.split(b"\n")
    pairs = [line.partition(b":")[::2] for line in lines[:50]]
    headers = httpx2.Headers((name.strip(), text.strip()) for name, text in pairs if name.isalnum())
    reply = Reply(200 + len(status) % 400, parse(URL), headers, data)
    clock_offset(headers, time.time())
    sample.total(reply)
    with suppress(Failure):
        unpackers(headers.get("content-encoding", ""))
    with suppress(Failure):
        assert str(reply.target()).isprintable()
    with suppress(Failure):
        reply.good()
    assert all(map(is_visible, message("not-an-index", {"url": URL, "detail": reply.media_type})))


def x509(data: bytes) -> None:
    """A certificate, and a handshake's message that holds one."""
    for der in (data, certificate.first_in(data)):
        if der is not None and (found := certificate.read(der)) is not None:
            assert len(found.names) <= 20
            assert found.not_before.tzinfo is not None
            assert all(map(is_visible, message("tls-untrusted-ca", {"issuer": found.issuer})))


def packed(data: bytes) -> None:
    """Compressed content: the first byte says how."""
    name = ("gzip", "deflate", "zstd", "bz2")[data[0] % 4] if data else "gzip"
    with suppress(Failure):
        chain = unpackers("", name)
        for start in range(1, len(data), 100):
            assert len(unpack(data[start : start + 100], ROOM, chain)) <= ROOM


def http1(data: bytes) -> None:
    """An answer over HTTP/1.1, in two pieces."""
    said(one(data[: len(data) // 2], data[len(data) // 2 :]))


def http2(data: bytes) -> None:
    """An answer over HTTP/2, in two pieces."""
    said(two(data[: len(data) // 2], data[len(data) // 2 :]))


TARGETS: dict[str, Callable[[bytes], None]] = {
    "html": html,
    "json": simple_json,
    "repodata": channel,
    "token": token,
    "head": head,
    "x509": x509,
    "packed": packed,
    "http1": http1,
    "http2": http2,
    **files.TARGETS,
}


def seeds(name: str) -> list[bytes]:
    """What the fuzzer begins with: sound answers."""
    return SEEDS[name]()


def _certificates() -> list[bytes]:
    import ssl

    import trustme

    authority = trustme.CA(organization_name="Lab", organization_unit_name="Lab CA")
    pems = authority.cert_pem, authority.issue_cert("a.example", "127.0.0.1").cert_chain_pems[0]
    ders = [ssl.PEM_cert_to_DER_cert(pem.bytes().decode()) for pem in pems]
    message = b"".join(len(der).to_bytes(3, "big") + der + b"\0\0" for der in ders)
    return [*ders, b"\x0b\0\0\0\0" + len(message).to_bytes(3, "big") + message]


def _packed() -> list[bytes]:
    import bz2
    import zlib

    from mirrorcfg.verifier.body import zstd

    raw = sources.repodata("noarch")
    made = zlib.compress(raw, wbits=31), zlib.compress(raw, wbits=-15), zstd.compress(raw), bz2.compress(raw)
    return [bytes([number]) + data for number, data in enumerate(made)]


SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "html": lambda: [
        f'<!DOCTYPE html><base href="https://f.example/"><a href="../six-1.whl#sha256={"a" * 64}" data-yanked>x</a>'.encode(),
        b"<title>Links for six</title><!-- x --><a href='six-1.tar.gz'>x</a><!--SERIAL 5--><a href=six/>six</a>",
        b"<html><form action=/login>Sign in <input type=password></form>",
    ],
    "json": lambda: [
        sources.json_page(**{"upload-time": "2026-01-01T00:00:00Z", "yanked": False}).body,
        b'{"meta": {"api-version": "1.0", "_last-serial": 5}, "projects": [{"name": "six"}]}',
    ],
    "repodata": lambda: [
        sources.repodata("noarch"),
        json.dumps({"info": {"subdir": "linux-64"}, "packages": {"a-1-0.tar.bz2": {"name": "a"}}}).encode(),
    ],
    "token": lambda: [
        b'Bearer realm="https://t.example/token",service="s",scope="a:b:c"\n{"token": "x.y", "expires_in": 300}',
        b'Basic realm="a, b", Bearer realm=x\n{"access_token": "x"}',
        b'Bearer realm=x\n{"token": " y "}',
    ],
    "head": lambda: [
        b"GET\nDate: Wed, 25 Nov 2026 01:00:00 GMT\nAge: 5\nContent-Encoding: gzip, zstd\nContent-Length: 5",
        b"xxxxxx\nLocation: ../a%20b?x=1#y\nContent-Range: bytes 0-4/5\nContent-Type: text/html; charset=x",
    ],
    "x509": _certificates,
    "packed": _packed,
    "http1": lambda: [OK, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"],
    "http2": lambda: [frames(hello), frames(stops), FAREWELL + frames(continues)],
    **files.SEEDS,
}
