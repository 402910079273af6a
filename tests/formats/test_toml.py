from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Entry, Raw, keys, toml
from mirrorcfg.formats.proof import same
from tests.formats.promises import (
    COMMENTS,
    LISTS,
    URLS,
    File,
    Piece,
    files,
    hold,
    in_order,
    outcome,
    same_end,
)

TABLE = ("index", Entry("default", True))
URL, LINKS, FLAG, DEEP = (*TABLE, "url"), ("find-links",), ("no-index",), ("pip", "extra")


def uv_reads(text: str) -> dict[str, Any]:
    return tomllib.loads(text.removeprefix("\ufeff"))


def rest(text: str, paths: Any) -> dict[str, Any]:
    """The data less all that `paths` are about."""
    data = uv_reads(text)
    data.pop("find-links", None)
    data.pop("no-index", None)
    data["index"] = [table for table in data.get("index", []) if table.get("default") is not True]
    pip = {key: value for key, value in data.pop("pip", {}).items() if key != "extra"}
    return {**data, "pip": pip}


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        LINKS: st.none() | LISTS,
        FLAG: st.none() | st.booleans(),
        DEEP: st.none() | URLS,
        URL: URLS,
    },
) | st.fixed_dictionaries(
    {}, optional={TABLE: st.none() | st.builds(lambda url: {"url": url}, URLS), FLAG: st.booleans()}
)

TOP = [
    (
        "find-links",
        ['find-links = ["https://a"] # c\n', "find-links=[ 'https://a',\n  # x\n  'https://b', # y\n]\n"],
    ),
    ("no-index", ["no-index = true\n", "  no-index   =  false # c\n", '"no-index" = true\n']),
    (
        "cache",
        ['cache-dir = "x"\n', "cache-dir = '''\n[[index]]\n# no\n'''\n", 'cache-dir = """a\\\n  b"""\n'],
    ),
    (
        "odd",
        [
            '"a b".c = { d = [1, 2], e = "}]#" }\n',
            "date = 2026-08-08T10:00:00Z\n",
            "n = [[1], ['x,]']] # c\n",
        ],
    ),
    ("pip.extra", ['pip.extra = "u"\n', "pip = { extra = 'u', b = 1 }\n", "pip.b = 1\n"]),
]
TABLES = [
    (
        "index",
        [
            '[[index]]\nurl = "https://o" # c\ndefault = true\n',
            "[[ index ]] # c\n  default=true\n\n  url='a'\n  name='x'\n",
        ],
    ),
    (None, ['[[index]]\nname = "b"\nurl = "https://b"\n', "[[index]]\nurl='x'\n[index.sub]\na = 1\n"]),
    (None, ["[other]\nx = 1 # c\n# d\n", "[other.'q r']\n"]),
    ("pip.extra", ["[pip]\nextra = 'u'\n", "[pip]\n# none\n", "[pip]\nb = 2\n"]),
]


@st.composite
def uv_tomls(draw: st.DrawFn) -> list[Piece]:
    found = [Piece(draw(st.sampled_from(["", "# 头\n", "# a\n\n"])))]
    inline = draw(
        st.sampled_from(["", "", "index = [{ url = 'a', default = true }, {url='b'}]\n", "index = []\n"])
    )
    if inline:
        found.append(Piece(inline, "index"))
    pip = draw(st.booleans())
    for part, is_top in ((TOP, True), (TABLES, False)):
        for key, spellings in draw(st.lists(st.sampled_from(part), unique_by=lambda each: each[1][0])):
            if (key == "pip.extra" and pip is not is_top) or ("[[" in spellings[0] and inline):
                continue
            found.append(Piece(draw(st.sampled_from(spellings)), key))
            found += [Piece(f"{line}\n") for line in draw(COMMENTS)]
            found.append(Piece(draw(st.sampled_from(["", "\n"]))))
    return found


@given(files(uv_tomls()), CHANGES)
def test_promises_hold(file: File, changes: Any) -> None:
    after = outcome(toml, file.text, changes)
    assert after is not None
    names = {"index" if path[0] == "index" else ".".join(path) for path in changes}
    assert in_order(file.others(names), after)
    assert toml.edit(after, changes) == after
    assert keys.revert(toml, after, after, file.text, list(changes)) == file.text
    new = uv_reads(after)
    default = next((table for table in new.get("index", []) if table.get("default") is True), None)
    for path, wanted in changes.items():
        if path == TABLE:
            assert (default is None) if wanted is None else default == {**wanted, "default": True}
        elif path == URL:
            assert default is not None
            assert default["url"] == wanted
        else:
            value = new.get("pip", {}).get("extra") if path == DEEP else new.get(path[0])
            assert same(value, wanted)
    assert rest(file.text, changes) == rest(after, changes)
    if LINKS not in changes:
        assert uv_reads(file.text).get("find-links") == new.get("find-links")
    assert after.startswith("\ufeff") == file.bom
    if file.text.strip("\ufeff") and after.strip("\ufeff"):
        same_end(file.text, after)
    if "\n" in file.text:
        assert ("\r\n" in after) <= ("\r\n" in file.text)
        assert file.newline == "\n" or after.count("\n") == after.count("\r\n")


SOUP = st.lists(
    st.sampled_from(
        [
            *"ab=.[]{},#\"'\n\n\n 1",
            "[[index]]\n",
            "default = true\n",
            "url",
            "'''",
            '"""',
            "\r\n",
            "index",
            "no-index",
        ]
    ),
    max_size=25,
).map("".join)


@given(SOUP, CHANGES)
def test_any_text_is_edited_as_promised_or_refused(text: str, changes: Any) -> None:
    try:
        uv_reads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(FormatError) as refused:
            toml.edit(text, changes)
        assert refused.value.line
        assert refused.value.column
        return
    if outcome(toml, text, changes) is not None:
        simple = {path: wanted for path, wanted in changes.items() if path[0] != "index"}
        hold(toml, text, simple, uv_reads, same)


@given(files(uv_tomls(), bom=False), CHANGES)
def test_what_was_edited_since_stays(file: File, changes: Any) -> None:
    left = toml.edit(file.text, changes)
    mine = f"# mine{file.newline}"
    assert keys.revert(toml, mine + left, left, file.text, list(changes)) == mine + file.text


@pytest.mark.parametrize(
    ("text", "changes", "after"),
    [
        ("", {URL: "u"}, '[[index]]\nurl = "u"\ndefault = true\n'),
        ("a = 1", {TABLE: {"url": "u"}}, 'a = 1\n\n[[index]]\nurl = "u"\ndefault = true'),
        ("[[index]]\nurl='a' # c\ndefault=true\n", {URL: "u"}, "[[index]]\nurl='u' # c\ndefault=true\n"),
        (
            "# a\n\n# i\n[[index]]\ndefault = true\nurl = 'u'\n\n# b\n[b]\n",
            {TABLE: None},
            "# a\n\n# i\n\n# b\n[b]\n",
        ),
        ("index = [{url='a'}]\n", {URL: "u"}, "index = [{url='a'}, { url = \"u\", default = true }]\n"),
        ("index = [{url='a', default=true}]\r\n", {URL: "u"}, "index = [{url='u', default=true}]\r\n"),
        ("index = [{url='a', default=true}, {url='b'}]\n", {TABLE: None}, "index = [{url='b'}]\n"),
        ("[a]\nb=1\n", {FLAG: True}, "no-index=true\n\n[a]\nb=1\n"),
        ("# of a\n[a]\n", {FLAG: True}, "no-index = true\n\n# of a\n[a]\n"),
        ("# top\n\n# of a\n[a]\n", {FLAG: True}, "# top\n\nno-index = true\n\n# of a\n[a]\n"),
        (
            "find-links = [\n  'a', # c\n  'b',\n]\n",
            {LINKS: ["a", "c"]},
            "find-links = [\n  'a', # c\n  'c',\n]\n",
        ),
        ("x = 1\n", {LINKS: Raw("[ 'a' ]")}, "x = 1\nfind-links = [ 'a' ]\n"),
        (
            "[[index]]\nname='b'\n\n[z]\n",
            {URL: "u"},
            "[[index]]\nname='b'\n\n[[index]]\nurl = 'u'\ndefault = true\n\n[z]\n",
        ),
    ],
)
def test_new_text_fits_in(text: str, changes: Any, after: str) -> None:
    assert toml.edit(text, changes) == after
    assert keys.revert(toml, after, after, text, list(changes)) == text


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a = \n", 1, 5),
        ("a=1\na=2\n", 2, 4),
        ("[a\n", 1, 3),
        ("[a]\n[a]\n", 2, 3),
    ],
)
def test_what_uv_cannot_read_is_refused(text: str, line: int, column: int) -> None:
    with pytest.raises(FormatError) as refused:
        toml.edit(text, {FLAG: True})
    assert (refused.value.code, refused.value.line, refused.value.column) == ("parse-error", line, column)


def test_a_whole_table_goes_back_as_it_was_spelt() -> None:
    text = "[[index]]\n  url   = 'a' # c\n  default = true\n"
    left = toml.edit(text, {TABLE: {"url": "b"}})
    assert toml.raw(text, TABLE) == Raw(text.removesuffix("\n"))
    moved = "x = 1\n" + left.replace("[[index]]", "# new\n[[index]]")
    assert keys.revert(toml, moved, left, text, [TABLE]) == "x = 1\n# new\n" + text


def test_an_address_through_a_plain_value_is_refused() -> None:
    with pytest.raises(FormatError):
        toml.edit("pip = 1\n", {DEEP: "u"})
    with pytest.raises(FormatError):
        toml.edit("index = 1\n", {URL: "u"})
    with pytest.raises(FormatError):
        toml.edit("[index]\na = 1\n", {URL: "u"})
