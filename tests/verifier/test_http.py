"""Whatever a server sends, over either version of HTTP: an answer or a Failure, and nothing kept that isn't asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.wire.http1 import Http1
from mirrorcfg.verifier.wire.http2 import Http2
from tests.verifier.wire import FAREWELL, OK, URL, Wire, continues, frames, hello, stops, whole


def said(connection: Http1 | Http2, method: str = "GET") -> tuple[int, bytes] | str:
    try:
        return asyncio.run(whole(connection, method))
    except Failure as failure:
        return f"{failure.code} {failure.facts.get('detail', '')}".strip()


DISMISSAL = b"\0\0\x08\x07\0\0\0\0\0" + bytes(4) + bytes(4)
ANGER = b"\0\0\x08\x07\0\0\0\0\0" + (1).to_bytes(4, "big") + (2).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("pieces", "answer"),
    [
        ([OK], (200, b"hello")),
        ([bytes([byte]) for byte in OK], (200, b"hello")),
        ([b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK], (200, b"hello")),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"], (200, b"hello")),
        ([b"HTTP/1.0 200 OK\r\n\r\nhello"], (200, b"hello")),
        ([], "connect-reset"),
        ([OK[:20]], "connect-reset"),
        ([OK[:-1]], "malformed its answer is cut off"),
        ([b"SSH-2.0-OpenSSH\r\n\r\n"], "malformed its answer isn't HTTP"),
        ([b"HTTP/1.1 101 Switching Protocols\r\n\r\n"], "malformed its answer isn't HTTP"),
        ([b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 40_000 + b"\r\n"], "malformed its answer isn't HTTP"),
    ],
)  # fmt: skip
def test_http1(pieces: list[bytes], answer: object) -> None:
    assert said(Http1(Wire(*pieces))) == answer


def test_a_request_is_written_as_requests_and_go_write_it() -> None:
    wire = Wire(OK)
    said(Http1(wire))
    assert wire.sent == b"GET /simple/ HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "answer"),
    [
        ([frames(hello)], (200, b"hello")),
        ([bytes([byte]) for byte in frames(hello)], (200, b"hello")),
        ([frames(continues)], (200, b"hello")),
        ([FAREWELL + frames(hello)], (200, b"hello")),
        ([DISMISSAL + frames(hello)], "connect-reset"),
        ([ANGER + frames(hello)], "connect-reset"),
        ([frames(stops)], "malformed its answer is cut off"),
        ([frames(hello)[:-8]], "malformed its answer is cut off"),
        ([], "connect-reset"),
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "malformed its answer isn't HTTP/2"),
        ([b"\xff\xff\xff\0\0\0\0\0\0"], "malformed its answer isn't HTTP/2"),
    ],
)  # fmt: skip
def test_http2(pieces: list[bytes], answer: object) -> None:
    assert said(Http2(Wire(*pieces))) == answer


@pytest.mark.parametrize(
    ("connection", "free"),
    [
        (lambda: Http1(Wire(OK)), True),
        (lambda: Http1(Wire(OK[:-5], OK[-5:])), False),  # the rest isn't waited for
        (lambda: Http1(Wire(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))), False),
        (lambda: Http1(Wire(b"HTTP/1.0 200 OK\r\n\r\n")), False),
        (lambda: Http2(Wire(frames(hello))), True),
        (lambda: Http2(Wire(frames(hello)[:-14], frames(hello)[-14:])), False),
        (lambda: Http2(Wire(FAREWELL + frames(hello))), False),
    ],
)
def test_a_connection_whose_answer_nobody_reads(connection: Callable[[], Http1 | Http2], free: bool) -> None:
    made = connection()
    assert asyncio.run(made.ask("GET", URL, {}))[0] == 200
    assert made.finish() is free


def test_a_connection_is_asked_again() -> None:
    async def twice(connection: Http1 | Http2) -> list[tuple[int, bytes]]:
        first = await whole(connection)
        assert connection.finish()
        return [first, await whole(connection)]

    assert asyncio.run(twice(Http1(Wire(OK + OK)))) == [(200, b"hello")] * 2
    both = frames(hello, hello, requests=2)
    at = both.index(b"hello") + 5
    assert asyncio.run(twice(Http2(Wire(both[:at], both[at:])))) == [(200, b"hello")] * 2


def test_an_answer_to_head_has_no_body() -> None:
    assert said(Http1(Wire(OK[:-5])), "HEAD") == (200, b"")


SENT = st.binary(max_size=300) | st.builds(
    lambda base, at, byte: base[:at] + byte + base[at + 1 :],
    st.sampled_from([OK, frames(hello), frames(stops), FAREWELL + frames(hello)]),
    st.integers(0, 150),
    st.binary(min_size=1, max_size=1),
)


@given(st.lists(SENT, max_size=4))
def test_always_an_answer_or_a_failure(pieces: list[bytes]) -> None:
    for connection in (Http1(Wire(*pieces)), Http2(Wire(*pieces))):
        answer = said(connection)
        assert isinstance(answer, tuple) or answer.split()[0] in ("connect-reset", "malformed")
        connection.finish()
