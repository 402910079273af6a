"""conda's writer: entry by entry in a map, and every layer merged as conda merges it."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from mirrorcfg.errors import FormatError
from mirrorcfg.formats.past import Past
from mirrorcfg.model.layer import Effective, Layer, Reading
from mirrorcfg.writers import Writer, conda

WRITER: Writer = conda
BASE = "https://mirror.example/anaconda"
SETTINGS = {
    "default-channels": (f"{BASE}/pkgs/main", f"{BASE}/pkgs/r"),
    "custom-channels": {"conda-forge": f"{BASE}/cloud"},
}

GOLDEN = [
    (
        "a new file",
        "",
        f"default_channels:\n  - {BASE}/pkgs/main\n  - {BASE}/pkgs/r\ncustom_channels:\n  conda-forge: {BASE}/cloud\n",
    ),
    (
        "comments, the user's channels and their own custom channel stay",
        "channels:  # mine\n- conda-forge   #!top\n#  - nvidia\n- defaults\ncustom_channels:\n    lab: https://lab.example\n",
        "channels:  # mine\n- conda-forge   #!top\n#  - nvidia\n- defaults\ncustom_channels:\n    lab: https://lab.example\n"
        f"    conda-forge: {BASE}/cloud\ndefault_channels:\n- {BASE}/pkgs/main\n- {BASE}/pkgs/r\n",
    ),
]


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in GOLDEN], ids=[case[0] for case in GOLDEN])
def test_the_channels_are_set_and_nothing_else(before: str, after: str) -> None:
    assert conda.edit(before, SETTINGS) == after
    assert conda.edit(after, SETTINGS) == after
    assert conda.revert(after, after, before) == before


def test_default_clears_what_is_always_ours_and_no_more() -> None:
    text = "channel_alias: https://a.example\nchannels: [x]\ncustom_channels: {lab: https://lab.example}\n"
    assert conda.edit(text, {}) == "channels: [x]\ncustom_channels: {lab: https://lab.example}\n"


def test_only_the_custom_channels_that_we_set_go() -> None:
    origin = "custom_channels:\n  lab: https://lab.example\n  conda-forge: https://own.example\n"
    left = conda.edit(origin, SETTINGS)
    assert f"conda-forge: {BASE}/cloud" in left
    assert conda.edit(left, {}, Past(origin, left)) == origin


def test_a_map_that_is_none_is_refused() -> None:
    with pytest.raises(FormatError):
        conda.read("custom_channels: [a]\n")


def merged(*texts: str, variables: dict[str, str] | None = None) -> Effective:
    readings = [
        Reading(Layer(f"l{n}", PurePosixPath(f"/l{n}"), target=n == len(texts) - 1), conda.read(text))
        for n, text in enumerate(texts)
    ]
    readings += [
        Reading(Layer(name, variable=name, value=value)) for name, value in (variables or {}).items()
    ]
    return conda.effective(readings)


def test_lists_are_the_union_stronger_first() -> None:
    effective = merged("default_channels: [b, c]\n", "default_channels: [a, b]\n")
    assert effective.settings["default-channels"] == ("a", "b", "c")
    assert [layer.name for layer in effective.origins["default-channels"]] == ["l1", "l0"]


def test_maps_are_the_union_by_key() -> None:
    effective = merged("custom_channels: {x: 1, y: 2}\n", "custom_channels: {y: 3}\n")
    assert effective.settings["custom-channels"] == {"y": "3", "x": "1"}


def test_scalars_are_the_strongest() -> None:
    assert merged("channel_alias: a\n", "channel_alias: b\n").settings["channel-alias"] == "b"
    assert (
        merged("channel_alias: a\n", variables={"CONDA_CHANNEL_ALIAS": "v"}).settings["channel-alias"] == "v"
    )


def test_final_ends_it() -> None:
    effective = merged(
        "channel_alias: a  #!final\n", "channel_alias: b\n", variables={"CONDA_CHANNEL_ALIAS": "v"}
    )
    assert effective.settings["channel-alias"] == "a"
    assert effective.origins["channel-alias"][0].name == "l0"


def test_null_is_not_set() -> None:
    assert merged("default_channels: [b]\n", "default_channels:\n").settings["default-channels"] == ("b",)


def test_sources_are_whole_addresses() -> None:
    assert [source.url for source in conda.sources(SETTINGS)] == [
        f"{BASE}/pkgs/main",
        f"{BASE}/pkgs/r",
        f"{BASE}/cloud/conda-forge",
    ]
