from __future__ import annotations

import json
import tomllib
from datetime import date
from typing import Any

import jsonschema
import pytest

from mirrorcfg import writers
from mirrorcfg.profiles import Catalogue
from mirrorcfg.profiles.schema import schema
from mirrorcfg.profiles.search import builtin

NAMES = sorted(path.stem for path in builtin().glob("*.toml"))


def written() -> Any:
    return json.loads((builtin() / "profile.schema.json").read_text("utf-8"))


def test_the_file_is_what_the_writers_keys_make_of_it() -> None:
    catalogue = {tool: writers.writer(tool).KEYS for tool in writers.names()}
    assert written() == schema(catalogue), "run `make schema`"


def test_it_is_a_schema(catalogue: Catalogue) -> None:
    jsonschema.Draft7Validator.check_schema(schema(catalogue))
    jsonschema.Draft7Validator.check_schema(written())


@pytest.mark.parametrize("name", NAMES)
def test_every_builtin_profile_is_valid(name: str) -> None:
    content = tomllib.loads((builtin() / f"{name}.toml").read_text("utf-8"))
    if isinstance(content.get("checked"), date):
        content["checked"] = content["checked"].isoformat()
    jsonschema.validate(content, written(), jsonschema.Draft7Validator)


@pytest.mark.parametrize(
    ("tool", "key", "value"),
    [
        ("pip", "index-url", "https://${host}:${port}/simple/%20@x"),
        ("pip", "index-url", "${index}"),
        ("pip", "find-links", ["/srv/wheels", "C:\\wheels", "${dir}", "file:///srv", "https://a.example/x"]),
        ("pip", "no-index", False),
        ("conda", "channels", ["defaults", "a/label/b", "${channel}", "https://a.example/x"]),
        ("conda", "custom-channels", {"a/b": "https://a.example"}),
        ("docker", "unavailable", "为什么"),
        ("docker", "unavailable", {"en": "why", "zh": "为什么"}),
        ("odd", "url", "https://a.example/?x#y"),
        ("odd", "path", "/a b/${x}"),
    ],
)
def test_what_is_right_is_valid(tool: str, key: str, value: Any, catalogue: Catalogue) -> None:
    content = {"schema": 1, "name": "acme", tool: {key: value}}
    jsonschema.validate(content, schema(catalogue), jsonschema.Draft7Validator)


def test_a_new_tool_is_an_addition_only(catalogue: Catalogue) -> None:
    before, after = schema(catalogue), schema({**catalogue, "new": catalogue["odd"]})
    after["properties"].pop("new")
    assert before == after
