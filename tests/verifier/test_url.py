"""Addresses: read once, shown without an account, and the same again when what is shown is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.verifier.url import Url, parse

ADDRESSES = st.builds(
    "{}://{}{}{}{}{}".format,
    st.sampled_from(["https", "http", "HTTPS"]),
    st.sampled_from(["", "robot:planted-secret@", "robot@", "a%40b:c%3Ad@"]),
    st.sampled_from(["a.example", "A.Example", "127.0.0.1", "[::1]", "[fe80::1%25lo]", "镜像.example", "_x.example"]),
    st.sampled_from(["", ":443", ":8443", ":"]),
    st.sampled_from(["", "/"]) | st.text(max_size=20).map(lambda text: f"/{text}"),
    st.sampled_from(["", "?", "?a=b&c=%20", "?q=ü x", "#f", "?a#f"]),
)  # fmt: skip


@given(ADDRESSES | st.text(max_size=40))
def test_always_an_address_or_none(text: str) -> None:
    try:
        url = parse(text)
    except ValueError:
        return
    assert str(url).isascii()
    assert str(url).isprintable()
    assert " " not in str(url)
    assert parse(str(url)) == url._replace(userinfo="")
    assert "planted" not in repr(url) + str(url) + url.authority


@given(ADDRESSES, st.text(max_size=30))
def test_what_it_leads_to_is_always_an_address(text: str, reference: str) -> None:
    for step in (lambda url: url.join(reference), lambda url: url.below(reference)):
        try:
            url = step(parse(text))
        except ValueError:
            continue
        assert str(url).isascii()
        assert str(url).isprintable()


@pytest.mark.parametrize(
    ("text", "shown", "authority"),
    [
        ("https://A.Example:443", "https://a.example", "a.example"),
        ("https://a.example:8443/x y?q=ü#f", "https://a.example:8443/x%20y?q=%C3%BC", "a.example:8443"),
        ("https://u:p@a.example/%2F%zz", "https://a.example/%2F%zz", "a.example"),
        ("https://[::1]:8443/", "https://[::1]:8443/", "[::1]:8443"),
        ("https://镜像.example/", "https://xn--o1q148n.example/", "xn--o1q148n.example"),
        ("socks5://a.example", "socks5://a.example", "a.example"),
    ],
)  # fmt: skip
def test_an_address(text: str, shown: str, authority: str) -> None:
    url = parse(text)
    assert (str(url), url.authority) == (shown, authority)


@pytest.mark.parametrize(
    "text",
    ["https://a b.example", "https://a.example:port", "https://a.example:99999", "https://[::g]/", "https://a\n.example",
     "https://a.example/\x7f", "https://a.example/" + "x" * 70_000, "https://[::1", "https://a\\b.example", "https://\u2100.example",
     "https://a.example/\udc80"],
)  # fmt: skip
def test_no_address(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever of its kinds
        parse(text)


def test_an_account() -> None:
    assert parse("https://a%40b:c%3Ad:e@x.example").account == ("a@b", "c:d:e")
    assert parse("https://robot@x.example").account == ("robot", "")
    assert parse("https://x.example").account is None


def test_ways_from_an_address() -> None:
    here = parse("https://a.example/simple/six/")
    assert here.join("../../files/x.whl?a=b#sha256=0") == Url(
        "https", "a.example", None, "/files/x.whl", "a=b"
    )
    assert here.join("//b.example:8443/x").origin == ("https", "b.example", 8443)
    assert here.join("http://b.example").scheme == "http"
    assert str(here.below("x")) == "https://a.example/simple/six/x"
    assert str(here.below("x?#y/")) == "https://a.example/simple/six/x%3F%23y/"
    assert here.number == 443
    assert parse("socks5h://a.example").number == 1080
