"""docs/profiles.md, in both languages, has every key and every profile that there is."""

from __future__ import annotations

import json
import re

import pytest

from tests.pages import ROOT

TEXTS = [(ROOT / "docs" / name).read_text() for name in ("profiles.md", "profiles.zh-CN.md")]


@pytest.mark.parametrize("text", TEXTS, ids=["en", "zh"])
def test_every_key_of_every_tool_has_its_row(text: str) -> None:
    schema = json.loads((ROOT / "profiles/profile.schema.json").read_text())
    meant = {
        (tool, key)
        for tool, table in schema["properties"].items()
        if tool not in ("tls", "variables")
        for key in table.get("properties", {})
        if "unavailable" in table["properties"] and key not in ("default", "unavailable")
    }
    said, tool = set(), ""
    for name, keys in re.findall(r"^\| ?(\w*) \| (`[a-z`, 、-]+) \| ", text, re.MULTILINE):
        tool = name or tool
        said |= {(tool, key) for key in re.findall(r"`([a-z-]+)`", keys)}
    assert said == meant


@pytest.mark.parametrize("text", TEXTS, ids=["en", "zh"])
def test_every_profile_that_comes_along_has_its_row(text: str) -> None:
    rows = re.findall(r"^\| (`.*?) \|(?: .*)? \|(?: .*)? \|(?: .*)? \|", text, re.MULTILINE)
    said = {name for row in rows for name in re.findall(r"`([a-z]+)`", row)}
    assert {path.stem for path in (ROOT / "profiles").glob("*.toml")} <= said
