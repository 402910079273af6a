from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.errors import FormatError
from mirrorcfg.formats.merge import merge
from mirrorcfg.formats.text import Splice, aligned, decode, encode, lines, newline, place, splice


@given(
    st.binary() | st.text().map(lambda text: text.encode("utf-8", "ignore")),
    st.sampled_from(["utf-8", "gbk", "latin-1", "utf-16", "x"]),
)
def test_decode_and_encode_give_the_same_bytes_back(raw: bytes, encoding: str) -> None:
    try:
        text, used = decode(raw, encoding)
    except FormatError as refused:
        assert refused.code == "not-text"  # noqa: PT017
        return
    assert encode(text, used) == raw


@pytest.mark.parametrize(
    ("raw", "encoding", "line", "column"),
    [
        (b"\xff", "utf-8", 1, 1),
        (b"a\r\nb\xe4\xbd\xa0\xff\n", "utf-8", 2, 3),
        ("# 清华\n".encode("gbk"), "ascii", 1, 3),
        (b"\xef\xbb\xbfa\xff", "utf-8", 1, 2),
        (b"a\rb\n\xff", "nonsense", 3, 1),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_place(
    raw: bytes, encoding: str, line: int, column: int
) -> None:
    with pytest.raises(FormatError) as refused:
        decode(raw, encoding)
    assert (refused.value.code, refused.value.line, refused.value.column) == ("not-text", line, column)


def test_gbk_is_read_where_the_locale_has_it() -> None:
    raw = "# 清华源\n[global]\n".encode("gbk")
    assert decode(raw, "gbk") == ("# 清华源\n[global]\n", "gbk")


def test_a_byte_order_mark_stays_in_the_text() -> None:
    assert decode(b"\xef\xbb\xbfa") == ("\ufeffa", "utf-8")


def test_what_an_encoding_has_no_bytes_for_is_refused() -> None:
    with pytest.raises(FormatError) as refused:
        encode("a\n清", "latin-1")
    assert (refused.value.code, refused.value.line, refused.value.column) == ("not-encodable", 2, 1)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("", "\n"),
        ("a", "\n"),
        ("a\r\nb\n", "\r\n"),
        ("a\nb\r\nc\r\n", "\r\n"),
        ("a\rb", "\r"),
        ("a\n\nb\r\n", "\n"),
    ],
)
def test_the_newline_of_a_text(text: str, style: str) -> None:
    assert newline(text) == style


@given(st.lists(st.sampled_from(["a", "\r", "\n", "\x0b", "\x85", "\u2028"])).map("".join))
def test_lines_are_those_of_a_text_file(text: str) -> None:
    assert "".join(text[start:after] for start, _, after in lines(text)) == text
    universal = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [text[start:end] for start, end, _ in lines(text)] == universal[: len(lines(text))]
    assert place(text, len(text))[0] == len(universal)


@given(st.text(), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4))
def test_splices_change_their_spans_only(text: str, spans: list[tuple[int, int]]) -> None:
    ends = sorted(min(at, len(text)) for span in spans for at in span)
    splices = [Splice(start, end, "<>") for start, end in zip(ends[::2], ends[1::2], strict=True)]
    expected, at = "", 0
    for each in splices:
        expected += text[at : each.start] + "<>"
        at = each.end
    assert splice(text, reversed(splices)) == expected + text[at:] or len({s.start for s in splices}) < len(
        splices
    )


def test_overlapping_splices_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="overlap"):
        splice("abc", [Splice(0, 2, ""), Splice(1, 3, "")])


@given(st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd")))
def test_aligned_items_are_the_new_ones_in_order(old: list[str], new: list[str]) -> None:
    found = aligned(old, new)
    assert [old[item] if isinstance(item, int) else item for item in found] == new
    kept = [item for item in found if isinstance(item, int)]
    assert kept == sorted(set(kept))


ROWS = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "d\r\n"])).map("".join)


@given(ROWS, ROWS)
def test_a_merge_with_one_side_unchanged_is_the_other(base: str, changed: str) -> None:
    assert merge(base, changed, base) == changed
    assert merge(base, base, changed) == changed


@given(ROWS, ROWS, ROWS)
def test_changes_in_different_places_are_both_made(one: str, two: str, three: str) -> None:
    fence = "x\ny\nz\n"
    assert merge(one + fence + one, two + fence + one, one + fence + three) == two + fence + three


def test_changes_that_meet_are_no_merge() -> None:
    assert merge("a\n", "b\n", "c\n") is None


def test_additions_at_one_place_are_both_made() -> None:
    assert merge("a\n", "a\nb\n", "a\nc\n") == "a\nc\nb\n"
