"""Whatever the bytes, a parser gives an answer."""

from __future__ import annotations

import bz2
import json
import time
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.formats import x509
from mirrorcfg.verifier import challenge, page, repodata
from mirrorcfg.verifier.body import unpack, unpackers, zstd
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.exchange import clock_offset
from mirrorcfg.verifier.file import File

URL = "https://mirror.example/simple/six/"
PIECES = st.sampled_from(
    [
        "<a ",
        "href=",
        '"',
        "'",
        ">",
        "<!--",
        "-->",
        "<base ",
        "x-1.whl",
        "#sha256=",
        "&#x3e;",
        "//[",
        "é",
        "\0",
    ]
)
HTML = st.lists(PIECES | st.text(max_size=20), max_size=60).map("".join)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FILES = st.lists(st.dictionaries(st.sampled_from(["url", "hashes", "size", "yanked", "upload-time"]), ANY))


@given(HTML)
def test_html(text: str) -> None:
    found = page.read(text.encode("utf-8", "replace"), "text/html", URL)
    assert found is not None
    assert all(file.url.startswith("http") for file in found.files)


@given(
    ANY | st.fixed_dictionaries({"files": FILES, "meta": ANY}) | st.fixed_dictionaries({"projects": ANY}),
    st.integers(0, 99),
)
def test_json(data: object, cut: int) -> None:
    text = json.dumps(data)
    for body in (text, text[: len(text) * cut // 100]):
        for complete in (True, False):
            page.read(body.encode(), page.JSON, URL, complete=complete)
            repodata.read(body, URL, complete=complete)


@given(st.binary(max_size=200))
def test_bytes(data: bytes) -> None:
    page.read(data, "text/html", URL)
    page.read(data, page.JSON, URL, complete=False)
    x509.read(data)
    x509.first_in(data)
    page.is_login(data)
    repodata.read(data.decode("latin-1"), URL)
    for name in ("gzip", "zstd", "bz2"):
        with suppress(Failure):
            assert len(unpack(data, 100, unpackers("", name))) <= 100


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["Bearer", " ", "realm", "=", '"', ",", "\\", "x"]), max_size=40).map("".join)
)
def test_challenges(text: str) -> None:
    challenge.read([text])
    clock_offset({"date": text, "age": text}, time.time())


def test_a_challenge() -> None:
    [basic, bearer] = challenge.read(
        ['Basic realm="a, b", Bearer realm="https://t.example/x",service="s",scope="a:b:c"']
    )
    assert basic == challenge.Challenge("basic", {"realm": "a, b"})
    assert bearer.parameters == {"realm": "https://t.example/x", "service": "s", "scope": "a:b:c"}


@pytest.mark.parametrize(
    "text",
    [
        "<a " * 100_000,
        '<a href="' * 50_000,
        "<a href=x " * 50_000,
        "<!--" * 60_000,
        "<a " + "x" * 250_000,
        "<a " + "x = " * 60_000,
        "&" * 250_000,
        "<title>" * 35_000,
        '"a.conda": {' * 20_000,
        "[" * 250_000,
        '{"files":[' + "[" * 250_000,
        '{"packages": {' + '"a' * 100_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    for complete in (True, False):
        page.read(text.encode(), "text/html", URL)
        page.read(text.encode(), page.JSON, URL, complete=complete)
        repodata.read('{"info": {}, ' + text, URL, complete=complete)
        page.is_login(text.encode())
    challenge.read([text] * 100)
    assert time.process_time() - started < 10  # linear: a tenth of a second; quadratic: minutes


def test_base_and_links() -> None:
    text = '<base href="https://files.example/a/"><A HREF=\'../b/six-1.tar.gz#sha256=%s\' data-requires-python=">=3">x</a>'
    found = page.read((text % ("A" * 64)).encode(), "text/html", URL)
    assert found is not None
    assert found.files == [
        File("https://files.example/b/six-1.tar.gz", "six-1.tar.gz", (("sha256", "a" * 64),))
    ]


def test_a_yanked_file_and_one_in_a_comment_are_left_out() -> None:
    text = '<a href="six-1.whl" data-yanked>x</a><!-- <a href="six-2.whl">x</a> --><a href="six-3.whl">x</a>'
    found = page.read(text.encode(), "text/html", URL)
    assert found is not None
    assert [file.name for file in found.files] == ["six-3.whl"]


def test_packed_in_frames() -> None:
    for name, pack in (("zstd", zstd.compress), ("bz2", bz2.compress)):
        data = pack(b"one ") + pack(b"two")
        chain = unpackers("", name)
        assert unpack(data, 5, chain) + unpack(b"", 5, chain) == b"one two"
    raw = zlib.compress(b"content", wbits=-15)
    assert unpack(raw, 99, unpackers("deflate")) == b"content"
