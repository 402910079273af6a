from __future__ import annotations

import json as reference
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Raw, json, keys
from mirrorcfg.formats.proof import same, same_spelling
from tests.formats.promises import LISTS, URLS, WORDS, hold

MIRRORS, ROOT, LOG = ("registry-mirrors",), ("data-root",), ("log-opts", "max-size")
NAMES = st.sampled_from(["registry-mirrors", "data-root", "log-opts", "runtimes", "x", "日志", 'a"b', "\\"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | URLS
    | WORDS
    | st.sampled_from(["{{.Name}}", "a/*b*/", "//", 'q"', "\\", "\u2028", "🙂", "[,]", "{"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={MIRRORS: st.none() | LISTS, ROOT: st.none() | URLS, LOG: st.none() | WORDS},
)


@st.composite
def daemon_jsons(draw: st.DrawFn) -> str:
    data = draw(st.dictionaries(NAMES, VALUES, max_size=5))
    if not isinstance(data.get("log-opts", {}), dict):
        del data["log-opts"]
    indent = draw(st.sampled_from([None, 2, 4, "\t", 0]))
    comma = draw(st.sampled_from([",", ", "])) if indent is None else ","
    colon = draw(st.sampled_from([":", ": ", " : "]))
    text = reference.dumps(data, indent=indent, separators=(comma, colon), ensure_ascii=draw(st.booleans()))
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return (
        draw(st.sampled_from(["", "\ufeff"]))
        + text
        + draw(st.sampled_from(["", "\n" if "\r" not in text else "\r\n"]))
    )


@st.composite
def loose_jsons(draw: st.DrawFn) -> str:
    """White space wherever JSON allows it."""
    space = st.sampled_from(["", " ", "\n", "\r\n", "\t", "  \n  "])

    def write(value: Any) -> str:
        if isinstance(value, dict):
            inner = ",".join(
                f"{draw(space)}{reference.dumps(k)}{draw(space)}:{write(v)}" for k, v in value.items()
            )
            return f"{draw(space)}{{{inner}{draw(space)}}}{draw(space)}"
        if isinstance(value, list):
            return f"{draw(space)}[{','.join(map(write, value))}{draw(space)}]{draw(space)}"
        return f"{draw(space)}{reference.dumps(value)}{draw(space)}"

    data = draw(st.dictionaries(NAMES, VALUES, max_size=4))
    return write(data)


def dockerd_reads(text: str) -> Any:
    body = text.removeprefix("\ufeff")
    return reference.loads(body) if body.strip() else {}


def untouched(text: str, after: str, paths: Any) -> None:
    """Every other member is spelt as it was, in its old order."""
    old, new = dockerd_reads(text), dockerd_reads(after)
    rest = [key for key in old if key not in {path[0] for path in paths}]
    assert [key for key in new if key in rest] == rest
    at = 0
    for key in rest:
        raw = json.raw(text, (key,))
        assert raw is not None
        assert raw == json.raw(after, (key,))
        at = after.index(raw.text, at) + len(raw.text)


@given(st.one_of(daemon_jsons(), loose_jsons()), CHANGES)
def test_promises_hold(text: str, changes: Any) -> None:
    after = hold(json, text, changes, dockerd_reads, same)
    if after is None:
        assert not isinstance(dockerd_reads(text).get("log-opts", {}), dict)
    else:
        untouched(text, after, changes)


SOUP = st.lists(
    st.sampled_from(
        [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            '"a"',
            '"b"',
            "1",
            " ",
            "\n",
            "NaN",
            '"\\ud800"',
            "//",
            "null",
            "-",
            '"',
        ]
    )
).map("".join)


@given(SOUP.map(lambda soup: f'{{"x":{soup}}}') | SOUP)
def test_any_text_is_read_as_a_strict_parser_reads_it_or_refused(text: str) -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError
        return dict(pairs)

    def refuse(name: str) -> Any:
        raise ValueError(name)

    try:
        expected = (
            reference.loads(text, object_pairs_hook=once, parse_constant=refuse) if text.strip() else {}
        )
        if not isinstance(expected, dict) or "\\ud800" in text:
            raise ValueError
    except ValueError:
        with pytest.raises(FormatError) as refused:
            json.edit(text, {MIRRORS: ["https://m.example"]})
        assert refused.value.line
        assert refused.value.column
        return
    assert json.read(text) == expected
    hold(json, text, {MIRRORS: ["https://m.example"]}, dockerd_reads, same)


@given(daemon_jsons(), CHANGES, WORDS)
def test_what_was_edited_since_stays(text: str, changes: Any, mine: str) -> None:
    left = json.edit(text, changes)
    since = json.edit(left, {("mine",): mine})
    back = keys.revert(json, since, left, text, list(changes))
    expected = dockerd_reads(text)
    got = dockerd_reads(back)
    assert got.pop("mine") == mine
    for path in changes:
        assert same_spelling(json.raw(back, path), json.raw(text, path)) or path == LOG
    assert {key: value for key, value in got.items() if value != {}} == {
        key: value for key, value in expected.items() if value != {}
    }


@pytest.mark.parametrize(
    ("text", "changes", "after"),
    [
        ("", {MIRRORS: ["u"]}, '{\n  "registry-mirrors": [\n    "u"\n  ]\n}\n'),
        ("\r\n", {ROOT: "u"}, '{\r\n  "data-root": "u"\r\n}\r\n'),
        ("{}", {ROOT: "u"}, '{\n  "data-root": "u"\n}'),
        ('{"a":1}', {MIRRORS: ["u", "v"]}, '{"a":1,"registry-mirrors":["u","v"]}'),
        ('{"a" : 1}', {ROOT: "u"}, '{"a" : 1, "data-root" : "u"}'),
        (
            '{\n\t"a" : {"n": "{{.Name}}"}\n}',
            {ROOT: "u"},
            '{\n\t"a" : {"n": "{{.Name}}"},\n\t"data-root" : "u"\n}',
        ),
        (
            '{\n    "registry-mirrors": ["u"]\n}',
            {MIRRORS: ["v", "u"]},
            '{\n    "registry-mirrors": ["v", "u"]\n}',
        ),
        (
            '{\r\n  "registry-mirrors": [\r\n    "u",\r\n    "v"\r\n  ]\r\n}\r\n',
            {MIRRORS: ["v", "w"]},
            '{\r\n  "registry-mirrors": [\r\n    "v",\r\n    "w"\r\n  ]\r\n}\r\n',
        ),
        ('{"registry-mirrors":[],"a":1}', {MIRRORS: None}, '{"a":1}'),
        ('{\n  "a": 1,\n  "registry-mirrors": []\n}', {MIRRORS: None}, '{\n  "a": 1\n}'),
        ('{\n  "registry-mirrors": []\n}', {MIRRORS: None}, "{}"),
        ('{"log-opts": {"max-size": "1"}, "a": 1}', {LOG: None}, '{"a": 1}'),
        ('{"log-opts": null}', {LOG: "1"}, '{"log-opts": {"max-size": "1"}}'),
        ('{\r\n\t"data-root": "u"\r\n}', {ROOT: None, MIRRORS: []}, '{\r\n\t"registry-mirrors": []\r\n}'),
        ('{"a": 1}', {MIRRORS: Raw('[ "u" ]')}, '{"a": 1, "registry-mirrors": [ "u" ]}'),
    ],
)
def test_new_text_fits_in(text: str, changes: Any, after: str) -> None:
    assert json.edit(text, changes) == after


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('{\n  // no\n  "a": 1\n}', "parse-error", 2, 3),
        ('{"a": /* no */ 1}', "parse-error", 1, 7),
        ('{\n  "a": 1,\n}', "parse-error", 3, 1),
        ('{"a": [1, ]}', "parse-error", 1, 11),
        ('{"a": NaN}', "parse-error", 1, 7),
        ('{"a": -Infinity}', "parse-error", 1, 7),
        ('{"a": 1e999}', "parse-error", 1, 7),
        ('{"a": ' + "9" * 400 + "}", "parse-error", 1, 7),
        ('{"a": 1,\n "a": 2}', "duplicate-key", 2, 2),
        ('{"b": [{"a": 1, "a": 2}]}', "duplicate-key", 1, 17),
        ('{"b": "a", "c": {"a": 1, "\\u0061": 2}}', "duplicate-key", 1, 26),
        ("[]", "parse-error", 1, 1),
        ("\ufeff[]", "parse-error", 1, 1),
        ('{"a": "\\ud83d"}', "lone-surrogate", 1, 7),
        ('{"a": 1}}', "parse-error", 1, 9),
        ('{"a": 1', "parse-error", 1, 8),
        ('{"a": "\t"}', "parse-error", 1, 8),
        ("{'a': 1}", "parse-error", 1, 2),
        ('{"a": ' + "[" * 100_000 + "}", "too-deep", 1, 70),
    ],
)
def test_what_dockerd_cannot_read_is_refused(text: str, code: str, line: int, column: int) -> None:
    with pytest.raises(FormatError) as refused:
        json.edit(text, {MIRRORS: ["u"]})
    assert (refused.value.code, refused.value.line, refused.value.column) == (code, line, column)


def test_a_pair_of_escaped_surrogates_is_one_character() -> None:
    assert json.read('{"a": "\\ud83d\\ude42 \\\\ud800"}') == {"a": "🙂 \\ud800"}


def test_what_a_caller_does_to_the_data_stays_with_him() -> None:
    json.read('{"a": [1]}')["a"].append(2)
    assert json.read('{"a": [1]}') == {"a": [1]}


def test_a_large_file_takes_memory_in_proportion() -> None:
    code = """
import json, resource
from mirrorcfg.formats import json as ours
text = json.dumps({f"k{n}": {"a": [1, 2.5, "x" * 40], "b": {"c": True}} for n in range(36000)}, indent=2)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
ours.edit(text, {("registry-mirrors",): ["https://mirror.example"]})
print(len(text), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    size, kilobytes = map(float, done.stdout.split())
    assert size > 4.9e6
    assert kilobytes < 200_000
