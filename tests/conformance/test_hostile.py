"""Whatever a server sends, the answer is a verdict."""

from __future__ import annotations

import asyncio
import bz2
import json
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirrorcfg.model.verdict import Verdict
from tests.asking import probe, verify
from tests.conformance.certificates import Authority
from tests.conformance.lab import GRACE
from tests.conformance.rogue import serve
from tests.conformance.servers import ports

SECONDS = 1.0
EXAMPLES = 40


@dataclass
class Parrot:
    """Says what it was told to, a thing for each request in turn."""

    port: int
    ca: str
    answers: list[bytes] = field(default_factory=list)
    asked: int = 0

    async def speak(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(self.answers[self.asked % len(self.answers)])
        self.asked += 1
        await writer.drain()

    def say(self, *answers: bytes) -> list[Verdict]:
        """What the verifier makes of these, as each tool."""

        self.answers, self.asked = [*answers], 0
        host = f"https://localhost:{self.port}"
        urls = {"pip": f"{host}/simple", "uv": f"{host}/simple", "conda": f"{host}/conda", "docker": host}
        probes = [probe(tool, "source", url, None, self.ca) for tool, url in urls.items()]
        return list(verify(probes, timeout=SECONDS, environ={}, subdir="linux-64"))


@pytest.fixture(scope="module")
def parrot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parrot]:
    authority = Authority(tmp_path_factory.mktemp("hostile") / "certificates")
    pair = authority.pair("good")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.chain, pair.key)
    parrot = Parrot(ports(1)[0], str(authority.ca))
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(
        asyncio.start_server(serve(parrot.speak), "127.0.0.1", parrot.port, ssl=context)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield parrot
    asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def sound(verdicts: list[Verdict]) -> None:
    """Every verdict is whole, and fit for a terminal once it is drawn."""
    from mirrorcfg.cli.screen import clean
    from mirrorcfg.verifier.codes import CODES

    assert len(verdicts) == 4
    for verdict in verdicts:
        assert verdict.code in CODES
        assert verdict.code != "internal-error", verdict
        assert verdict.ok == (verdict.code == "ok")
        assert 0 <= verdict.level <= 3
        assert verdict.ms < (SECONDS + GRACE) * 1000
        for text in (verdict.message, verdict.hint or "", verdict.final_url or "", *verdict.fetched):
            assert clean(text).isprintable(), verdict
            assert len(text) < 3000


WORDS = st.sampled_from([
    "", "/", "..", "//", "https://localhost/", "http://", "https://[", "https://[::1", "https://user:pw@x.invalid/", "javascript:x",
    "file:///etc/passwd", "\x00", "\x1b[2J", "‮", "a" * 5000, "%", "%zz", "#sha256=", "#sha256=00", "?", "six-1.0-py3-none-any.whl",
    "https://localhost:99999999/x", "https://localhost:0/x", "data:,x", "six-1.0.tar.gz#md5=x", "-1", "1e999", "\ud800", "😀", "\r\n",
])  # fmt: skip
TEXT = st.one_of(WORDS, st.text(max_size=20))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)
ODD = st.one_of(TEXT, JSON)


def shape(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A dict that has some of these keys, each with what belongs there or with anything else."""
    return st.fixed_dictionaries({}, optional={key: st.one_of(value, JSON) for key, value in keys.items()})


FILE = shape(
    filename=TEXT,
    url=TEXT,
    hashes=st.dictionaries(st.sampled_from(["sha256", "md5", ""]), ODD),
    size=ODD,
    yanked=ODD,
)
RECORD = shape(name=TEXT, size=ODD, sha256=ODD, md5=ODD, timestamp=ODD)
PACKAGES = st.dictionaries(
    st.one_of(TEXT, st.just("a-1.0-0.tar.bz2"), st.just("a-1.0-0.conda")), RECORD, max_size=3
)
SHAPES = st.one_of(
    shape(
        meta=shape(**{"api-version": TEXT, "_last-serial": ODD}), name=TEXT, files=st.lists(FILE, max_size=4)
    ),
    shape(
        info=shape(subdir=TEXT, base_url=TEXT),
        packages=PACKAGES,
        **{"packages.conda": PACKAGES, "removed": ODD},
    ),
    shape(token=TEXT, access_token=TEXT, expires_in=ODD, issued_at=ODD),
    shape(
        schemaVersion=ODD,
        mediaType=TEXT,
        manifests=ODD,
        errors=st.lists(shape(code=TEXT, message=TEXT), max_size=2),
    ),
)
TAG = st.sampled_from(
    ["a", "base", "meta", "html", "!--", "script", "form", "A HREF", "a data-yanked", "![CDATA["]
)
HTML = st.lists(
    st.builds(lambda tag, href, text: f"<{tag} href='{href}'>{text}</{tag}>", TAG, TEXT, TEXT), max_size=6
).map("".join)
BODY = st.one_of(
    st.binary(max_size=200),
    st.builds(json.dumps, st.one_of(SHAPES, JSON)).map(str.encode),
    HTML.map(lambda text: text.encode("utf-8", "surrogatepass")),
)
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": lambda raw: zlib.compress(raw, wbits=31),
    "cut": lambda raw: zlib.compress(raw, wbits=31)[:-5],
    "bz2": bz2.compress,
    "bomb": lambda raw: zlib.compress(raw + bytes(30_000_000), wbits=31),
}
CHALLENGES = [
    'Bearer realm="https://localhost:1/token",service="x"', "Bearer", 'Bearer realm="', "Basic realm=x", 'Bearer realm="\\',
    'Bearer realm="file:///etc/passwd"', 'Bearer realm="https://[",scope=",,,"', "Negotiate", ", ,", 'Bearer realm=""',
]  # fmt: skip
HEADER = st.one_of(
    st.tuples(st.just("Content-Type"), st.sampled_from(["text/html", "application/json", "application/vnd.pypi.simple.v1+json", "text/html; charset=\xff", "text/html; charset=idna", "x", ""])),
    st.tuples(st.just("Content-Encoding"), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, gzip, gzip", "no"])),
    st.tuples(st.just("Location"), TEXT),
    st.tuples(st.just("WWW-Authenticate"), st.sampled_from(CHALLENGES)),
    st.tuples(st.just("Content-Length"), st.sampled_from(["-1", "0", "1e3", "99999999999999999999", "5, 5"])),
    st.tuples(st.just("Content-Range"), st.sampled_from(["bytes 0-0/1", "bytes */*", "bytes 9-1/x", "lines"])),
    st.tuples(st.just("Transfer-Encoding"), st.sampled_from(["chunked", "identity", "gzip, chunked"])),
    st.tuples(st.sampled_from(["Date", "Last-Modified", "Retry-After", "Set-Cookie", "ETag", "Docker-Content-Digest"]), TEXT),
)  # fmt: skip
STATUS = st.sampled_from(
    [
        200,
        200,
        200,
        200,
        206,
        204,
        301,
        302,
        307,
        308,
        304,
        401,
        401,
        403,
        404,
        407,
        416,
        429,
        500,
        503,
        100,
        101,
        999,
        0,
    ]
)


def respond(status: int, headers: list[tuple[str, str]], body: bytes, packing: str) -> bytes:
    lines = [f"HTTP/1.1 {status} x", *(f"{name}: {value}" for name, value in headers), "Connection: close"]
    head = "\r\n".join(line.replace("\r\n", " ") for line in lines)
    return head.encode("utf-8", "surrogatepass") + b"\r\n\r\n" + PACKED[packing](body)


RESPONSE = st.builds(respond, STATUS, st.lists(HEADER, max_size=3), BODY, st.sampled_from(sorted(PACKED)))
ANSWER = st.one_of(
    RESPONSE, RESPONSE, RESPONSE, st.binary(max_size=300), RESPONSE.map(lambda raw: raw[: len(raw) // 2])
)
FUZZ = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@FUZZ
@given(answers=st.lists(ANSWER, min_size=1, max_size=4))
def test_any_answers(parrot: Parrot, answers: list[bytes]) -> None:
    sound(parrot.say(*answers))


@FUZZ
@given(
    body=BODY, kind=st.sampled_from(["text/html", "application/vnd.pypi.simple.v1+json", "application/json"])
)
def test_any_body(parrot: Parrot, body: bytes, kind: str) -> None:
    sound(
        parrot.say(respond(200, [("Content-Type", kind), ("Content-Length", str(len(body)))], body, "plain"))
    )


@pytest.mark.parametrize("challenge", CHALLENGES)
def test_any_challenge(parrot: Parrot, challenge: str) -> None:
    sound(parrot.say(respond(401, [("WWW-Authenticate", challenge), ("Content-Length", "0")], b"", "plain")))


@pytest.mark.parametrize("depth", [100_000])
def test_deep_json(parrot: Parrot, depth: int) -> None:
    body = b"[" * depth
    kinds = [("Content-Type", "application/vnd.pypi.simple.v1+json"), ("Content-Length", str(depth))]
    sound(parrot.say(respond(200, kinds, body, "plain")))


def test_nothing_was_written_by_a_page(parrot: Parrot, tmp_path: Path) -> None:
    """A listed file on this machine's disk isn't opened as one."""
    planted = tmp_path / "six-1.0-py3-none-any.whl"
    planted.write_bytes(b"not for you")
    body = f'<!DOCTYPE html><a href="file://{planted}">{planted.name}</a>'.encode()
    verdicts = parrot.say(respond(200, [("Content-Type", "text/html")], body, "plain"))
    sound(verdicts)
    assert not any(verdict.ok and verdict.level == 3 for verdict in verdicts)
