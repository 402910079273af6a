"""Whatever a server sends, over either version of HTTP: an answer or a Failure, and nothing kept that isn't asked for."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.wire.budget import Budget, Frames
from tests.verifier.wire import (
    FAREWELL,
    OK,
    Scripted,
    Wire,
    answers,
    continues,
    frames,
    hello,
    one,
    said,
    stops,
    two,
)

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
    assert said(one(*pieces)) == answer


def test_a_request_is_written_as_requests_and_go_write_it() -> None:
    route = one(OK)
    said(route)
    assert route.used[0].sent == b"GET /simple/ HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "answer"),
    [
        ([frames(hello)], (200, b"hello")),
        ([bytes([byte]) for byte in frames(hello)], (200, b"hello")),
        ([frames(continues)], (200, b"hello")),
        ([frames(hello) + FAREWELL], (200, b"hello")),
        ([FAREWELL + frames(hello)], (200, b"hello")),
        ([DISMISSAL + frames(hello)], "connect-reset"),
        ([ANGER + frames(hello)], "connect-reset"),
        ([frames(stops)], "malformed its answer is cut off"),
        ([frames(hello)[:-8]], "malformed its answer is cut off"),
        ([], "connect-reset"),
        ([frames(hello)[:-14] + FAREWELL + frames(hello)[-14:]], (200, b"hello")),
        ([frames(hello)[:-14], ANGER], "malformed its answer is cut off"),
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "malformed its answer isn't HTTP/2"),
        ([b"\xff\xff\xff\0\0\0\0\0\0"], "malformed its answer isn't HTTP/2"),
    ],
)  # fmt: skip
def test_http2(pieces: list[bytes], answer: object) -> None:
    assert said(two(*pieces)) == answer


CLOSING = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
BOTH = frames(hello, hello, requests=2)
CUT = BOTH.index(b"hello") + 5


@pytest.mark.parametrize(
    ("first", "more", "http2", "connections"),
    [
        ([OK], [OK], False, 1),
        ([OK[:-5], OK[-5:]], [OK], False, 1),
        ([OK[:-5], b"", OK[-5:]], [OK], False, 2),  # what isn't there yet isn't waited for
        ([CLOSING], [], False, 2),
        ([b"HTTP/1.0 200 OK\r\n\r\n"], [], False, 2),
        ([BOTH[:CUT]], [BOTH[CUT:]], True, 1),
        ([BOTH[: CUT - 14], b"", BOTH[CUT - 14 : CUT]], [], True, 2),
        ([BOTH[:CUT] + FAREWELL], [], True, 2),
    ],
)
@pytest.mark.parametrize("read", [True, False])
def test_a_connection_is_asked_again(
    first: list[bytes], more: list[bytes], http2: bool, connections: int, read: bool
) -> None:
    fresh = frames(hello) if http2 else OK
    route = Scripted(Wire(*first, *more), Wire(fresh), two=http2)
    if read and b"" in first:
        return
    found = asyncio.run(answers(route, ["GET", "GET"], read=read))
    assert [status for status, _ in found] == [200, 200]
    assert len(route.used) == connections


def test_an_answer_to_head_has_no_body() -> None:
    assert said(one(OK[:-5]), "HEAD") == (200, b"")


def test_nothing_is_sent_that_a_server_has_planted() -> None:
    route = one(OK.replace(b"OK\r\n", b"OK\r\nSet-Cookie: a=planted\r\n") + OK)
    asyncio.run(answers(route, ["GET", "GET"]))
    assert b"planted" not in route.used[0].sent


def test_a_request_stands_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    said(one(OK))
    assert not [record for record in caplog.records if record.name.startswith("http")]


def counted(sent: bytes, size: int) -> int:
    """How many frames of `sent` bring no content, as it comes in pieces of that size."""
    budget = Budget()
    seen = Frames(budget)
    for at in range(0, len(sent), size):
        seen.whole(sent[at : at + size])
    count = 0
    try:
        while True:
            budget.idle()
            count += 1
    except Failure:
        return 1000 - count


def frame(kind: int, flags: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "big") + bytes([kind, flags, 0, 0, 0, 1]) + body


@pytest.mark.parametrize("size", [1, 2, 9, 10, 11, 1000])
def test_frames_that_bring_nothing(size: int) -> None:
    content = frame(0, 0, b"hello") + frame(0, 8, b"\x02h\0\0") + frame(0, 1, b"x" * 300)
    nothing = (
        frame(0, 0, b"")
        + frame(0, 8, b"\x02\0\0")
        + frame(4, 0, b"")
        + frame(6, 8, bytes(8))
        + frame(99, 0, b"x" * 40)
    )
    assert counted(content, size) == 0
    assert counted(nothing, size) == 5
    assert counted(content + nothing + content + nothing, size) == 10


SENT = st.binary(max_size=300) | st.builds(
    lambda base, at, byte: base[:at] + byte + base[at + 1 :],
    st.sampled_from([OK, frames(hello), frames(stops), FAREWELL + frames(hello)]),
    st.integers(0, 150),
    st.binary(min_size=1, max_size=1),
)


@given(st.lists(SENT, max_size=4))
def test_always_an_answer_or_a_failure(pieces: list[bytes]) -> None:
    for route in (one(*pieces), two(*pieces)):
        answer = said(route)
        assert isinstance(answer, tuple) or answer.split()[0] in ("connect-reset", "malformed")
