"""Rows in the cells of a terminal: aligned, and never wider than it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.cli import table
from mirrorcfg.cli.table import Column, Row
from mirrorcfg.cli.width import cells, cut, folded

LETTERS = st.text(st.sampled_from("abc/清华，镜e\u0301 "), max_size=30)
COLUMNS = (Column("NAME"), Column("SPARE", spare=1), Column("WHAT"))


def drawn(rows: list[Row], limit: int | None) -> list[str]:
    return [line.label + line.text for line in table.drawn(COLUMNS, rows, limit=limit)]


@pytest.mark.parametrize(
    ("text", "wide"), [("abc", 3), ("清华", 4), ("e\u0301", 1), ("ａ", 2), ("。", 2), ("…", 1), ("\u200b", 0)]
)
def test_a_cell_is_what_a_terminal_takes_for_it(text: str, wide: int) -> None:
    assert cells(text) == wide


@given(
    st.lists(st.builds(Row, st.tuples(LETTERS, LETTERS, LETTERS), st.sampled_from(["", "good"]))),
    st.integers(40, 90),
)
def test_no_row_is_wider_than_the_terminal(rows: list[Row], limit: int) -> None:
    assert all(cells(line) <= limit for line in drawn(rows, limit))


def test_columns_begin_in_the_same_cell() -> None:
    lines = drawn([Row(("清华大学", "x", "A")), Row(("nju", "y", "B"))], None)
    assert [
        cells(line[: line.index(each)]) for line, each in zip(lines, ("WHAT", "A", "B"), strict=True)
    ] == [17] * 3


def test_what_matters_less_goes_first_and_then_what_is_longest_loses_its_middle() -> None:
    row = Row(("acme", "s" * 10, "https://mirror.example/a/long/way/to/simple"))
    assert "SPARE" in drawn([row], 62)[0]
    assert "SPARE" not in drawn([row], 50)[0]
    assert drawn([row], 40)[1] == "acme  https://mirror.ex…ng/way/to/simple"


def test_without_a_terminal_nothing_is_cut() -> None:
    long = "x" * 500
    assert drawn([Row((long, long, long))], None)[1] == f"{long}  {long}  {long}"


def test_where_there_is_no_room_at_all_the_longest_has_a_line_of_its_own() -> None:
    row = Row(("n" * 20, "", "https://mirror.example/simple"))
    assert drawn([row], 32)[1:] == ["n" * 20, "  https://mirror.example/simple"]


def test_no_rows_have_no_header() -> None:
    assert drawn([], 80) == []


def test_what_acts_on_a_terminal_is_spelt_out_before_it_is_measured() -> None:
    lines = drawn([Row(("\x1b[2J", "", "a")), Row(("x", "", "b"))], None)
    assert [line.index(each) for line, each in zip(lines[1:], "ab", strict=True)] == [9, 9]


@given(LETTERS, st.integers(4, 40))
def test_a_cut_text_has_room(text: str, width: int) -> None:
    assert cells(cut(text, width, "…")) <= width


@given(st.lists(st.sampled_from(["a", "bcd", "清华", "镜像源，"]), min_size=1), st.integers(12, 40))
def test_a_folded_text_is_whole_and_has_room(words: list[str], width: int) -> None:
    text = " ".join(words)
    lines = list(folded(text, width, 2))
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line.strip().startswith("，") for line in lines)
