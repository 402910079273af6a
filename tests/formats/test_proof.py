from __future__ import annotations

from typing import Any

import pytest

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Entry, Raw, json
from mirrorcfg.formats.proof import lookup, prove, same, without

A, DEEP = ("a",), ("b", "c")


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ('{"a": "1"}', '{"a": "1"}', {A: "2"}),
        ('{"a": "1"}', '{"a": "1"}', {A: None}),
        ('{"a": "1"}', '{"a": null}', {A: None}),
        ('{"a": "1"}', '{"a": 1}', {A: True}),
        ('{"a": "1", "x": 1}', '{"a": "2", "x": 2}', {A: "2"}),
        ('{"a": "1", "x": 1}', '{"a": "2"}', {A: "2"}),
        ('{"a": "1"}', '{"a": "2", "x": 1}', {A: "2"}),
        ('{"a": "1"}', '{"a": "2"', {A: "2"}),
        ('{"b": {"c": "1", "d": 1}}', '{"x": 1}', {DEEP: None}),
        ('{"b": {"c": "1", "d": 1}}', "{}", {DEEP: None}),
        ('{"a": [ "1" ]}', '{"a": ["1"]}', {A: Raw("[  ]")}),
        ("{}", "{}", {A: Raw("1")}),
    ],
)
def test_a_result_that_is_not_what_was_asked_for_is_not_given_out(
    before: str, after: str, changes: Any
) -> None:
    with pytest.raises(FormatError) as refused:
        prove(json.read, json.raw, before, after, changes)
    assert refused.value.code == "edit-not-proven"
    assert refused.value.key in ("a", "b.c")


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ('{"b": {"c": "1"}}', '{"b": {}}', {DEEP: None}),
        ('{"b": {"c": "1"}}', "{}", {DEEP: None}),
        ('{"b": null}', '{"b": {"c": "1"}}', {DEEP: "1"}),
        ("{}", '{"a": ["1"]}', {A: ("1",)}),
        ("{}", '{"a": [\\r\\n]}'.replace("\\r\\n", "\r\n"), {A: Raw("[\n]")}),
    ],
)
def test_a_result_that_is_what_was_asked_for_is_given_out(before: str, after: str, changes: Any) -> None:
    assert prove(json.read, json.raw, before, after, changes) == after


def test_one_is_not_true() -> None:
    assert not same(1, True)
    assert not same([1], [True])
    assert same({"a": ["b"]}, {"a": ("b",)})


def test_an_entry_of_an_array_is_found_by_its_key() -> None:
    data = {"index": [{"default": 1}, {"default": True, "url": "u"}]}
    path = ("index", Entry("default", True))
    assert lookup(data, (*path, "url")) == "u"
    assert without(data, path) == {"index": [{"default": 1}]}
    assert data["index"][1]["url"] == "u"
