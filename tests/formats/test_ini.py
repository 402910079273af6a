from __future__ import annotations

import io
import re
from configparser import Error, RawConfigParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Raw, ini, keys
from tests.formats.promises import LISTS, URLS, File, Piece, files, hold, in_order, outcome

INDEX, EXTRA, FLAG = ("global", "index-url"), ("global", "extra-index-url"), ("global", "no-index")


class PipsParser(RawConfigParser):
    """As pip has it: older ones normalise names after reading, newer ones while they read."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr.lower().replace("_", "-").removeprefix("--")


def pip_reads(text: str) -> dict[str, dict[str, str]]:
    """What pip makes of a file."""
    parser = PipsParser()
    parser.read_file(io.StringIO(text, newline=None))
    found = {section: dict(parser.items(section)) for section in parser.sections()}
    if any("" in options for options in found.values()):
        raise Error("older and newer pips differ")
    return found


def means(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool):
        return str(value).lower() in (("true", "1", "yes", "on") if wanted else ("false", "0", "no", "off"))
    return bool(value == wanted if isinstance(wanted, str) else value.split() == list(wanted))


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        INDEX: st.none() | URLS,
        EXTRA: st.none() | URLS | LISTS,
        FLAG: st.none() | st.booleans(),
        ("install", "find-links"): st.none() | LISTS,
    },
)
NAMES = {
    "index-url": ["index-url", "index_url", "Index-URL", "--index-url"],
    "extra-index-url": ["extra-index-url", "extra_index_url"],
    "no-index": ["no-index"],
    "timeout": ["timeout", "Time_Out"],
    "trusted-host": ["trusted-host"],
    "find-links": ["find-links", "find_links"],
}
DELIMITERS = st.sampled_from(["=", " = ", ": ", ":", "   =  ", "\t=\t", " ="])
TAILS = st.lists(
    st.sampled_from(
        ["    https://a.example", "\thttps://b.example", "\t# no", "    ; https://c.example", "", "  x y"]
    ),
    max_size=4,
)


@st.composite
def options(draw: st.DrawFn, section: str) -> list[Piece]:
    found = []
    indent = draw(st.sampled_from(["", "", "  ", "\t"]))
    for name in draw(st.lists(st.sampled_from(sorted(NAMES)), unique=True, max_size=4)):
        value = draw(URLS | st.sampled_from(["", "60", "true", "no", "值", "a b"]))
        tail = [indent + line if line else line for line in draw(TAILS)]
        while tail and (not tail[-1].strip() or tail[-1].strip()[0] in "#;"):
            tail.pop()
        lines = [f"{indent}{draw(st.sampled_from(NAMES[name]))}{draw(DELIMITERS)}{value}", *tail]
        found.append(Piece("\n".join(lines) + "\n", f"{section}.{name}"))
        found += [
            Piece(f"{line}\n")
            for line in draw(st.lists(st.sampled_from(["", "# 注释", "; x = 1", "#y"]), max_size=2))
        ]
    return found


@st.composite
def pip_confs(draw: st.DrawFn) -> list[Piece]:
    found = [Piece(line) for line in draw(st.sampled_from([[], ["# top\n"], ["\n", "; a\n"]]))]
    for section in draw(st.lists(st.sampled_from(["global", "install", "list", "a b"]), unique=True)):
        found += [
            Piece(f"[{section}]{draw(st.sampled_from(['', '  ', ' junk']))}\n"),
            *draw(options(section)),
        ]
    return found


@given(files(pip_confs(), bom=False), CHANGES)
def test_promises_hold(file: File, changes: Any) -> None:
    after = hold(ini, file.text, changes, pip_reads, means)
    assert after is not None
    assert in_order(file.others({".".join(path) for path in changes}), after)


SOUP = st.lists(
    st.sampled_from([*"[]=:#;ab_-A \t\n\n\n\r", "\r\n", "\x0b", "\x85", "\u2028", "[global]\n", "index_url"])
).map("".join)


@given(st.one_of(SOUP, SOUP.map("[global]\n".__add__)), CHANGES)
def test_any_text_is_read_as_pip_reads_it_or_refused(text: str, changes: Any) -> None:
    try:
        expected = pip_reads(text)
    except Error:
        with pytest.raises(FormatError) as refused:
            ini.edit(text, changes)
        assert refused.value.line
        assert refused.value.column
        return
    assert ini.read(text) == expected
    after = outcome(ini, text, changes)
    assert after is not None
    hold(ini, text, changes, pip_reads, means)


@given(st.one_of(SOUP, SOUP.map("[global]\n".__add__)))
def test_a_spelling_is_the_value(text: str) -> None:
    try:
        data = pip_reads(text)
    except Error:
        return
    for section, options in data.items():
        for name, value in options.items():
            raw = ini.raw(text, (section, name))
            assert raw is not None
            spelt = re.sub(r"^\s*[=:]", "", raw.text)
            first, *rest = io.StringIO(spelt, newline=None).read().split("\n")
            rest = [line.strip() for line in rest]
            rest = [line for line in rest if not line.startswith(("#", ";"))]
            assert [first.strip(), *rest] == value.split("\n")


@given(
    files(pip_confs(), bom=False),
    CHANGES,
    st.sampled_from(["# mine\n", "[mine]\nx = 1\n", "[mine]\n\n# 我\n"]),
)
def test_what_was_edited_since_stays(file: File, changes: Any, mine: str) -> None:
    mine = mine.replace("\n", file.newline)
    left = ini.edit(file.text, changes)
    assert keys.revert(ini, mine + left, left, file.text, list(changes)) == mine + file.text


@pytest.mark.parametrize(
    ("text", "changes", "after"),
    [
        ("", {INDEX: "https://m"}, "[global]\nindex-url = https://m\n"),
        ("[global]", {INDEX: "https://m"}, "[global]\nindex-url = https://m"),
        ("[global]\nindex_url=a\n", {INDEX: "c"}, "[global]\nindex_url=c\n"),
        ("[global]\r\na: 1\r\n", {INDEX: "u"}, "[global]\r\na: 1\r\nindex-url: u\r\n"),
        ("[global]\na=1\n\n# of b\n[b]\n", {INDEX: "u"}, "[global]\na=1\nindex-url=u\n\n# of b\n[b]\n"),
        ("[global]\n  a=1\n", {FLAG: True}, "[global]\n  a=1\n  no-index=true\n"),
        (
            "[global]\nextra-index-url =\n\thttps://a\n\t# https://b\n\thttps://c\n",
            {EXTRA: ["https://c", "https://d"]},
            "[global]\nextra-index-url =\n\t# https://b\n\thttps://c\n\thttps://d\n",
        ),
        ("[global]\n", {EXTRA: ["a", "b"]}, "[global]\nextra-index-url =\n    a\n    b\n"),
        ("[global]\n", {EXTRA: ["a"]}, "[global]\nextra-index-url = a\n"),
        ("[global]\nindex-url = \n  u\n", {INDEX: Raw(" = v")}, "[global]\nindex-url = v\n"),
        ("[install]\nx=1\n", {INDEX: "u"}, "[install]\nx=1\n\n[global]\nindex-url=u\n"),
        ("[global]\rx = 1\r", {INDEX: "u"}, "[global]\rx = 1\rindex-url = u\r"),
        ("[global]\nindex-url =\n  a\n", {INDEX: "u"}, "[global]\nindex-url = u\n"),
        ("[global]\n  [install]\n", {INDEX: "u"}, "[global]\n  index-url = u\n  [install]\n"),
        (
            "[global]\nextra-index-url = a\n  # c\n  b\n",
            {EXTRA: ["a"]},
            "[global]\nextra-index-url = a\n  # c\n",
        ),
        ("[global]\nno-index = yes\n", {FLAG: True}, "[global]\nno-index = yes\n"),
    ],
)
def test_new_text_fits_in(text: str, changes: Any, after: str) -> None:
    assert ini.edit(text, changes) == after
    assert keys.revert(ini, after, after, text, list(changes)) == text


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("index-url = a\n", "no-section", 1, 1),
        ("[global]\n  junk\n", "parse-error", 2, 3),
        ("[global]\na=1\nA=2\n", "duplicate-option", 3, 1),
        ("[global]\nindex_url=a\nindex-url=b\n", "duplicate-option", 3, 1),
        ("[a]\n\n[a]\n", "duplicate-section", 3, 1),
        ("\ufeff[global]\n", "byte-order-mark", 1, 1),
        ("[g]\n= 1\n", "parse-error", 2, 1),
        ("[g]\n--: 1\n  a = b\n", "parse-error", 2, 1),
    ],
)
def test_what_pip_cannot_read_is_refused(text: str, code: str, line: int, column: int) -> None:
    with pytest.raises(FormatError) as refused:
        ini.edit(text, {INDEX: "u"})
    assert (refused.value.code, refused.value.line, refused.value.column) == (code, line, column)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("https://镜像.example", "not-ascii"),
        (" a", "not-writable"),
        ("a ", "not-writable"),
        ("a\nb", "not-writable"),
        ("", "not-writable"),
        (["a b"], "not-writable"),
        (["#a"], "not-writable"),
        ({"a": "b"}, "not-writable"),
        (Raw(" = 中"), "not-ascii"),
        (Raw("= a\nb = c"), "edit-not-proven"),
    ],
)
def test_what_would_not_read_back_is_never_written(wanted: Any, code: str) -> None:
    with pytest.raises(FormatError) as refused:
        ini.edit("[global]\n", {INDEX: wanted})
    assert refused.value.code == code


def test_a_value_of_the_default_section_is_not_ours_to_delete() -> None:
    text = "[DEFAULT]\nindex_url = a\n[global]\n"
    with pytest.raises(FormatError, match="DEFAULT"):
        ini.edit(text, {INDEX: None})
    assert ini.edit(text, {INDEX: "b"}) == text + "index-url = b\n"
