from __future__ import annotations

import re
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import assume, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Raw, keys, yaml
from mirrorcfg.formats.proof import lookup, same
from mirrorcfg.formats.scalar import inline, scalar
from tests.formats.promises import COMMENTS, LISTS, URLS, WORDS, File, Piece, files, hold, in_order, outcome

DEFAULTS, ALIAS, SHOW = ("default_channels",), ("channel_alias",), ("show_channel_urls",)
FORGE, TORCH, CUSTOM = (
    ("custom_channels", "conda-forge"),
    ("custom_channels", "pytorch"),
    ("custom_channels",),
)


def conda_reads(text: str) -> Any:
    data = YAML(typ="rt", pure=True).load(text)
    return plain(data) or {}


def pyyaml_reads(text: str) -> Any:
    """What another YAML parser, an older conda's, makes of it; None where it can't."""
    try:
        return pyyaml.safe_load(text.removeprefix("\ufeff"))
    except (pyyaml.YAMLError, ValueError):
        return None


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    for kind in (str, bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        DEFAULTS: st.none() | LISTS,
        ALIAS: st.none() | URLS,
        SHOW: st.none() | st.booleans(),
        FORGE: st.none() | URLS,
        TORCH: st.none() | URLS,
    },
)


def quoted(value: str, style: str) -> str:
    return {"'": "'" + value.replace("'", "''") + "'", '"': f'"{value}"'}.get(style, value)


QUOTES = st.sampled_from(["", "", "'", '"'])
MANAGED = ["default_channels", "channel_alias", "show_channel_urls", "custom_channels"]
OTHERS = [
    "ssl_verify: true\n",
    "channels:\n- defaults #!top\n# - old\n- conda-forge\n",
    "channels:\n    - a   # keep\n\n    - 'b'\n",
    "envs_dirs: [~/a, '/b']  #!final\n",
    "notes: |\n  # text\n\n  more\n",
    "folded: >-\n   a\n   b\n\n\n",
    "proxy_servers:\n    http: http://u:p@h:1 # x\n    # y\n    deep:\n        er: [1, {a: b}]\n",
    "'odd key': yes\n",
    '"quoted": "a\n  b"\n',
    "plain: one\n  two # c\n",
    "empty:\n",
    "tilde: ~   # c\n",
    "base: &b {x: 1}\nuse: *b\n",
    "when: 2026-08-08\n",
    "rate: 1e3\nport: 0o14\n",
    "lists:\n  - - a\n    - b\n  - c: d\n    e: f\n",
]


@st.composite
def value(draw: st.DrawFn, key: str) -> str:
    quote, dash, unit = (
        draw(QUOTES),
        draw(st.sampled_from(["", "  ", "    "])),
        draw(st.sampled_from([1, 2, 4])),
    )
    note = draw(st.sampled_from(["", " # note", "  #!final"]))
    if key == "default_channels":
        items = [quoted(url, quote) for url in draw(LISTS) if "$" not in url or quote]
        kind = draw(st.sampled_from(["block", "block", "flow", "lines", "null"]))
        if kind == "null":
            return f"{note}\n"
        if kind == "block" and items:
            rows = [f"{dash}- {item}{draw(st.sampled_from(['', ' #!top', '   # n']))}\n" for item in items]
            gaps = [draw(st.sampled_from(["", "", f"{dash}# - gone\n", "\n", "# left\n"])) for _ in items]
            return note + "\n" + "".join(gap + row for gap, row in zip(gaps, rows, strict=True))
        if kind == "lines" and items:
            return (
                " [\n    "
                + ",\n    ".join(items)
                + draw(st.sampled_from(["\n  ]", "]", ",\n  ]"]))
                + f"{note}\n"
            )
        return f" [{', '.join(items)}]{note}\n"
    if key == "custom_channels":
        names = draw(st.lists(st.sampled_from(["conda-forge", "pytorch", "bioconda"]), unique=True))
        kind = draw(st.sampled_from(["block", "block", "flow", "null"]))
        pairs = [
            f"{quoted(name, draw(QUOTES))}: {quoted('https://mirror.example/c', quote)}" for name in names
        ]
        if kind == "block" and pairs:
            rows = [f"{' ' * unit}{pair}{draw(st.sampled_from(['', ' # n']))}\n" for pair in pairs]
            gaps = [draw(st.sampled_from(["", "", f"{' ' * unit}# x: y\n", "\n"])) for _ in pairs]
            return note + "\n" + "".join(gap + row for gap, row in zip(gaps, rows, strict=True))
        return f" {{{', '.join(pairs)}}}{note}\n" if kind == "flow" else f"{note}\n"
    if key == "channel_alias":
        url = quoted("https://old.example/conda", quote)
        return draw(
            st.sampled_from([f" {url}{note}\n", f"   {url}\n", f"\n  {url}\n", " >-\n  https://a\n\n"])
        )
    return draw(st.sampled_from([f" true{note}\n", " yes\n", f"{note}\n", " 'false'\n"]))


@st.composite
def condarcs(draw: st.DrawFn) -> list[Piece]:
    head = draw(st.sampled_from(["", "", "# 头\n", "---\n", "%YAML 1.2\n---\n", "# a\n\n--- # b\n"]))
    chosen = draw(st.lists(st.sampled_from([*MANAGED, *range(len(OTHERS))]), unique=True, max_size=6))
    names = [OTHERS[each].split(":")[0] if isinstance(each, int) else each for each in chosen]
    chosen = [each for at, each in enumerate(chosen) if names[at] not in names[:at]]
    found = [Piece(head)]
    for each in chosen:
        if isinstance(each, int):
            found.append(Piece(OTHERS[each]))
        else:
            name = quoted(each, draw(st.sampled_from(["", "", "", "'", '"'])))
            found.append(Piece(f"{name}:{draw(value(each))}", each))
        found += [Piece(f"{line}\n") for line in draw(COMMENTS)]
        found += [Piece(draw(st.sampled_from(["", "", "\n"])))]
    tail = draw(st.sampled_from(["", "", "", "...\n", "# end\n"]))
    return [*found, Piece(tail)]


@st.composite
def flow_condarcs(draw: st.DrawFn) -> list[Piece]:
    data = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "default_channels": LISTS,
                "channel_alias": URLS,
                "custom_channels": st.dictionaries(st.sampled_from(["conda-forge", "x"]), URLS),
                "a b": st.booleans() | WORDS,
            },
        )
    )
    quote = draw(st.sampled_from([None, '"', "'"]))
    items = [f"{scalar(key, quote)}: {inline(item, quote)}" for key, item in data.items()]
    before, between, after = draw(
        st.sampled_from(
            [("", ", ", ""), (" ", ", ", " "), ("\n  ", ",\n  ", "\n"), ("\n ", ", # n\n ", " # m\n")]
        )
    )
    return [Piece("{" + before + between.join(items) + after + "}\n" if items else "{}\n")]


def ends_within_a_block_scalar(file: File) -> bool:
    """`|` without a last newline: a key below would add one to the value."""
    last = next((piece.text for piece in reversed(file.pieces) if piece.text), "")
    return file.open_end and ": |" in last


@given(files(condarcs()), CHANGES)
def test_promises_hold(file: File, changes: Any) -> None:
    try:
        conda_reads(file.text)
    except YAMLError:
        assert outcome(yaml, file.text, changes) is None
        return
    after = hold(yaml, file.text, changes, conda_reads, same)
    if after is None:
        assert ends_within_a_block_scalar(file)
        return
    assert in_order(file.others({path[0] for path in changes}), after)
    if isinstance(changes.get(DEFAULTS), list):
        inside = "".join(piece.text for piece in file.pieces if piece.key == "default_channels")
        assert in_order(re.findall(r"(?m)^ *#.*$", inside), after)
    if pyyaml_reads(file.text) is not None:
        assert (pyyaml_reads(after) is not None) or not conda_reads(after)
        for path, wanted in changes.items():
            assert same(lookup(pyyaml_reads(after), path), wanted)


@given(files(flow_condarcs()), CHANGES)
def test_promises_hold_in_flow_style(file: File, changes: Any) -> None:
    assert hold(yaml, file.text, changes, conda_reads, same) is not None


SOUP = st.lists(
    st.sampled_from(
        [
            *"ab:-?#|>&*!%@'\"[]{},~ \t\n\n\n",
            ": ",
            "- ",
            "\n  ",
            "\r\n",
            "---\n",
            "...\n",
            "<<",
            "default_channels:",
            "\x85",
        ]
    ),
    max_size=30,
).map("".join)


@given(SOUP | SOUP.map("channel_alias: a\n".__add__), CHANGES)
def test_any_text_is_edited_as_promised_or_refused(text: str, changes: Any) -> None:
    try:
        yaml.read(text)
    except FormatError as refused:
        assert refused.line  # noqa: PT017
        assert refused.column  # noqa: PT017
        return
    if outcome(yaml, text, changes) is not None:
        hold(yaml, text, changes, lambda each: yaml.read(each), same)


@given(st.text() | WORDS | URLS, st.sampled_from([None, "'", '"']))
def test_a_scalar_reads_back_in_block_and_in_flow(text: str, quote: str | None) -> None:
    assume(not any("\ud800" <= char <= "\udfff" for char in text))
    for document in (
        f"k: {scalar(text, quote)}\n",
        f"{{k: {scalar(text, quote)}}}\n",
        f"[{scalar(text, quote)}]",
    ):
        for data in (YAML(typ="safe", pure=True).load(document), pyyaml.safe_load(document)):
            assert (data["k"] if isinstance(data, dict) else data[0]) == text


@given(
    files(condarcs(), bom=False), CHANGES, st.sampled_from(["# mine\n", "mine: 1\n", "mine:\n  - a # b\n\n"])
)
def test_what_was_edited_since_stays(file: File, changes: Any, mine: str) -> None:
    assume(not file.text.startswith(("%", "-", "# a", "...")))
    mine = mine.replace("\n", file.newline)
    left = outcome(yaml, file.text, changes)
    if left is None:
        assert ends_within_a_block_scalar(file) or file.text.endswith(("...", "...\n", "...\r\n"))
        return
    assert keys.revert(yaml, mine + left, left, file.text, list(changes)) == mine + file.text


@pytest.mark.parametrize(
    ("text", "changes", "after"),
    [
        ("", {ALIAS: "u"}, "channel_alias: u\n"),
        ("# c", {ALIAS: "u"}, "# c\nchannel_alias: u"),
        ("---\n...\n", {ALIAS: "u"}, "---\nchannel_alias: u\n...\n"),
        ("channels:\n- a\n", {DEFAULTS: ["u"]}, "channels:\n- a\ndefault_channels:\n- u\n"),
        ("channels:\n    - a\n", {DEFAULTS: ["u"]}, "channels:\n    - a\ndefault_channels:\n    - u\n"),
        ("channels:\n  - 'a'\n", {DEFAULTS: ["u"]}, "channels:\n  - 'a'\ndefault_channels:\n  - 'u'\n"),
        ("channel_alias: 'a' # c\r\n", {ALIAS: "u"}, "channel_alias: 'u' # c\r\n"),
        (
            "default_channels:\n  - a #!top\n  # - b\n  - c #!bottom\n",
            {DEFAULTS: ["a", "d"]},
            "default_channels:\n  - a #!top\n  - d\n  # - b\n",
        ),
        ("default_channels: #!final\n- a\n", {DEFAULTS: ["b"]}, "default_channels: #!final\n- b\n"),
        ("default_channels: #!final\n- a\n", {DEFAULTS: []}, "default_channels: [] #!final\n"),
        ("default_channels: [a, 'b'] # c\n", {DEFAULTS: ["b", "c"]}, "default_channels: ['b', c] # c\n"),
        ("custom_channels:\n", {FORGE: "u"}, "custom_channels:\n  conda-forge: u\n"),
        ("custom_channels: {}\n", {FORGE: "u"}, "custom_channels: {conda-forge: u}\n"),
        ("custom_channels: null # c\n", {FORGE: "u"}, "custom_channels: {conda-forge: u} # c\n"),
        (
            "custom_channels: # c\n    a: b # d\n",
            {FORGE: "u"},
            "custom_channels: # c\n    a: b # d\n    conda-forge: u\n",
        ),
        (
            "custom_channels:\n  a: b\n  conda-forge: u\nx: 1\n",
            {FORGE: None},
            "custom_channels:\n  a: b\nx: 1\n",
        ),
        ("custom_channels:\n  conda-forge: u\nx: 1\n", {FORGE: None}, "x: 1\n"),
        ("custom_channels: {conda-forge: u, a: b}\n", {FORGE: None}, "custom_channels: {a: b}\n"),
        ("custom_channels:\n  a: b\n", {CUSTOM: {"c": "d"}}, "custom_channels:\n  c: d\n"),
        ("channel_alias: >-\n  a\n  b\n\nx: 1\n", {ALIAS: "u"}, "channel_alias: u\n\nx: 1\n"),
        ("channel_alias: a\n  b\nx: 1\n", {ALIAS: None}, "x: 1\n"),
        ("ssl_verify: no\n", {ALIAS: Raw(" 'u'")}, "ssl_verify: no\nchannel_alias: 'u'\n"),
        ("x: |\n  a\nchannel_alias: u", {ALIAS: None}, "x: |\n  a\n"),
        ("# a\nchannel_alias: u\n# b\n...\n", {ALIAS: None}, "# a\n{}\n# b\n...\n"),
        ('{"channels": ["a"]}\n', {DEFAULTS: ["u"]}, '{"channels": ["a"], "default_channels": ["u"]}\n'),
        ("show_channel_urls: yes\n", {SHOW: True}, "show_channel_urls: true\n"),
        ("show_channel_urls: True\n", {SHOW: True}, "show_channel_urls: True\n"),
    ],
)
def test_new_text_fits_in(text: str, changes: Any, after: str) -> None:
    assert yaml.edit(text, changes) == after
    assert keys.revert(yaml, after, after, text, list(changes)) == text


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\na: 2\n", "duplicate-key", 2, 1),
        ("x:\n  a: 1\n  a: 2\n", "duplicate-key", 3, 3),
        ("- a\n", "not-a-mapping", 1, 1),
        ("a\n", "not-a-mapping", 1, 1),
        ("# c\n ~\n", "not-a-mapping", 2, 2),
        ("a: [b\n", "parse-error", 2, 1),
        ("a:\n\t- b\n", "parse-error", 2, 1),
        ("a: 1\n---\nb: 2\n", "parse-error", 2, 1),
        ("a: \x07\n", "parse-error", 1, 4),
        ("a: *b\n", "parse-error", 1, 4),
        ("? - a: b\n: c\n", "parse-error", 1, 1),
        ("when: 2026-02-31\n", "parse-error", 1, 1),
        ("a: " + "[" * 5000, "too-deep", 1, 68),
        ("channel_alias: &a x\nb: *a\n", "shared-value", 1, 16),
        ("b: &a x\nchannel_alias: *a\n", "shared-value", 2, 1),
        ("channel_alias: !!str x\n", "shared-value", 1, 1),
        ("b: &a {x: 1}\n<<: *a\n", "shared-value", 1, 1),
    ],
)
def test_what_is_doubtful_is_refused(text: str, code: str, line: int, column: int) -> None:
    with pytest.raises(FormatError) as refused:
        yaml.edit(text, {ALIAS: "u"})
    assert (refused.value.code, refused.value.line, refused.value.column) == (code, line, column)


def test_a_complex_key_of_ours_is_refused_and_anothers_is_none_of_our_business() -> None:
    with pytest.raises(FormatError):
        yaml.edit("? channel_alias\n: u\n", {ALIAS: None})
    assert yaml.edit("? [a]\n: u\nchannel_alias: x\n", {ALIAS: None}) == "? [a]\n: u\n"


def test_a_value_that_is_no_mapping_takes_no_entries() -> None:
    with pytest.raises(FormatError, match="mapping"):
        yaml.edit("custom_channels: x\n", {FORGE: "u"})


def test_no_value_of_the_file_is_in_an_error() -> None:
    with pytest.raises(FormatError) as refused:
        yaml.read("a: https://u:secret@h\na: 1\n")
    assert "secret" not in str(refused.value)
