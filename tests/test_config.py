from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg import config
from mirrorcfg.config import Config, load
from mirrorcfg.errors import ConfigError
from mirrorcfg.ops.schema import text
from mirrorcfg.profiles.search import builtin
from tests.sandbox import Sandbox

WHOLE = b"""
profile = "acme"
chain = ["acme", "tsinghua", "nju"]
hold = 300
soft-failures = 5
interval = 0x1E
timeout = 2.5
keep = 50
"""


def said(text: str, system: str = "") -> Config:
    return load({"/etc/mirrorcfg/config.toml": system.encode(), "config.toml": text.encode()})


def test_without_a_file_everything_has_a_value() -> None:
    assert load({}) == Config() == Config(None, (), 600.0, 3, 60.0, 10.0, 1000, {})


def test_every_key() -> None:
    found = load({"c": WHOLE})
    assert found[:-1] == ("acme", ("acme", "tsinghua", "nju"), 300.0, 5, 30.0, 2.5, 50)
    assert found.origins == dict.fromkeys(config.SETTINGS, "c")


def test_the_user_wins_key_by_key() -> None:
    found = said('chain = ["nju"]\nhold = 1', system='chain = ["acme", "nju"]\nkeep = 5')
    assert (found.chain, found.hold, found.keep) == (("nju",), 1.0, 5)
    assert found.origins == {
        "chain": "config.toml",
        "hold": "config.toml",
        "keep": "/etc/mirrorcfg/config.toml",
    }


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        ("hold = 1\nsoft_failures = 3", "unknown-key", 2, "Did you mean 'soft-failures'?"),
        ("[pip]\nx = 1", "unknown-key", 1, "'pip'"),
        ("\nprofile = 1", "wrong-type", 2, "must be a string, not a number"),
        ("keep = 1.5", "wrong-type", 1, "must be a whole number"),
        ("keep = true", "wrong-type", 1, "not a switch"),
        ("timeout = true", "wrong-type", 1, "must be a number, not a switch"),
        ("chain = 'acme'", "wrong-type", 1, "must be a list of strings, not a string"),
        ("keep = 1", "out-of-range", 1, "from 2 to 1000000"),
        ("timeout = 0", "out-of-range", 1, "from 0.1 to 3600"),
        ("hold = -1", "out-of-range", 1, "from 0 to 604800"),
        ("interval = nan", "out-of-range", 1, "from 1 to 86400"),
        ("timeout = inf", "out-of-range", 1, "from 0.1 to 3600"),
        ("profile = './acme.toml'", "config-name", 1, "not the name of a profile"),
        ("chain = [\n 'a',\n 1,\n]", "config-name", 3, "a number is not the name"),
        ("chain = [\n 'a',\n 'a',\n]", "duplicate-value", 3, "twice"),
        ("chain = []", "empty-value", 1, "is empty"),
        ("hold = 1\nhold = 2", "config-syntax", 2, "The configuration is not valid TOML"),
    ],
)
def test_what_is_wrong_has_file_line_and_key(text: str, code: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        said(text)
    assert (caught.value.code, caught.value.path, caught.value.line) == (code, "config.toml", line)
    assert words in caught.value.what


@pytest.mark.parametrize(
    ("data", "code"), [(b"\xff", "config-encoding"), (b"#" * 300000, "config-too-large")]
)
def test_what_is_no_text_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load({"config.toml": data})
    assert caught.value.code == code


_SCALARS = st.one_of(
    st.integers(-5, 2_000_000), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.text()
)
_NAMES = st.sampled_from(["acme", "a-b", "", "A", "a b", "-a", "a" * 64, "a" * 65])
_VALUES = _SCALARS | _NAMES | st.lists(_NAMES | _SCALARS, max_size=4)


@given(st.dictionaries(st.sampled_from([*config.SETTINGS, "hoId", "soft_failures"]), _VALUES, max_size=3))
def test_the_schema_takes_what_is_taken(content: dict[str, Any]) -> None:
    # A whole number written as 3.0 is one to JSON, and none to TOML.
    whole = {key for key, setting in config.SETTINGS.items() if setting.kind is int}
    content = {k: v for k, v in content.items() if not (k in whole and isinstance(v, float))}
    raw = "\n".join(f"{json.dumps(key)} = {_toml(value)}" for key, value in content.items())
    valid = jsonschema.Draft7Validator(config.schema()).is_valid(tomllib.loads(raw))
    try:
        load({"config.toml": raw.encode()})
    except ConfigError:
        assert not valid
    else:
        assert valid


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, float):
        return f"{math.floor(value)}.5" if abs(value) < 1e15 else "1e300"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(char):08x}" for char in value) + '"'
    return json.dumps(value)


def test_the_schemas_file_is_what_is_checked() -> None:
    assert (builtin() / "config.schema.json").read_text("utf-8") == text("config"), "run `make schema`"
    jsonschema.Draft7Validator.check_schema(config.schema())


def test_every_setting_is_described() -> None:
    page = (Path(__file__).parents[1] / "docs/config.md").read_text("utf-8")
    rows = {
        line.split("`")[1] for line in page.partition("## Errors")[0].splitlines() if line.startswith("| `")
    }
    assert rows == set(config.SETTINGS)


def test_use_takes_the_profile_of_the_configuration(box: Sandbox) -> None:
    done = box.run("use", code=2)
    assert "error[no-profile]" in done.err
    box.write(box.home / ".config/mirrorcfg/config.toml", 'profile = "tsinghua"\n')
    assert box.json("diff", "--tool", "pip")["data"]["tools"]["pip"]["profile"] == "tsinghua"
    assert box.json("use", "--tool", "pip")["data"]["tools"]["pip"]["profile"] == "tsinghua"
    assert box.json("use", "nju", "--tool", "pip")["data"]["tools"]["pip"]["profile"] == "nju"


def test_an_image_has_a_configuration_of_its_own(box: Sandbox) -> None:
    box.write(box.root / "etc/mirrorcfg/config.toml", 'profile = "nju"\n')
    used = box.json("use", "--tool", "pip", "--root", str(box.root))
    assert used["data"]["tools"]["pip"]["profile"] == "nju"


def test_a_link_to_dotfiles_is_followed(box: Sandbox) -> None:
    box.write(box.folder / "dotfiles/config.toml", 'profile = "nju"\n')
    (box.home / ".config/mirrorcfg").mkdir(parents=True)
    (box.home / ".config/mirrorcfg/config.toml").symlink_to(box.folder / "dotfiles/config.toml")
    assert box.json("diff", "--tool", "pip")["data"]["tools"]["pip"]["profile"] == "nju"


def test_the_history_keeps_as_many_as_it_says(box: Sandbox) -> None:
    config_toml = box.home / ".config/mirrorcfg/config.toml"
    box.write(config_toml, "keep = 2\n")
    for profile in ("tsinghua", "nju", "bfsu", "sjtu"):
        box.run("use", profile, "--tool", "pip", code=0)
    assert [g["number"] for g in box.json("history")["data"]["generations"]] == [4, 3]
    box.write(config_toml, "keep = none\n")
    assert "note[config-syntax]" in box.run("history", code=0).err
    assert box.run("history", environ={"MIRRORCFG_KEEP": "2"}, code=0).out.count("use ") == 2


def test_config_shows_what_counts_and_which_file_says_so(box: Sandbox) -> None:
    file = box.home / ".config/mirrorcfg/config.toml"
    box.write(file, 'chain = ["nju", "sjtu"]\n')
    settings = box.json("config")["data"]["settings"]
    assert set(settings) == set(config.SETTINGS)
    assert (settings["chain"]["value"], settings["chain"]["origin"]) == (["nju", "sjtu"], str(file))
    assert (settings["timeout"]["value"], settings["timeout"]["origin"]) == (10.0, None)
    assert box.run("config", "chain", code=0).out == "nju,sjtu\n"
    assert str(file) in box.run("config", code=0).out


def test_the_shell_completes_keys_and_profiles(box: Sandbox) -> None:
    box.profile("acme", "")

    def completed(line: str) -> list[str]:
        return [
            each.split("\t")[0] for each in box.run("complete", "--line", line, code=0).out.split("\n")[1:-1]
        ]

    assert completed("mirrorcfg config s") == ["soft-failures", "set"]
    assert completed("mirrorcfg config set chain nju,ac") == ["nju,acme"]
    assert completed("mirrorcfg use ac") == ["acme"]
    assert completed("mirrorcfg profile update ac") == ["acme"]
