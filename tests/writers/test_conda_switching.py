"""What a switch takes along in conda's files: the user's own stays what it was, an old mirror's gives way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import pytest

from mirrorcfg.model.layer import Layer, Reading
from mirrorcfg.model.settings import Settings, Value
from mirrorcfg.writers import Case, conda

NEW = "https://new.example/conda"
PROFILE: Settings = {
    "default-channels": (f"{NEW}/pkgs/main",),
    "custom-channels": {"conda-forge": f"{NEW}/cloud", "bioconda": f"{NEW}/cloud"},
}
OLD = "https://old.example/anaconda"
MIRRORS: Sequence[Settings] = (
    {"default-channels": (f"{OLD}/pkgs/main", f"{OLD}/pkgs/r"), "show-channel-urls": True},
    {"custom-channels": {"conda-forge": "https://names.example/x/cloud"}},
    {"channel-alias": "https://alias.example/cloud"},
)
ALIAS = "channel_alias: https://nexus.example/c\n"


def taken_along(
    text: str,
    settings: Settings,
    weaker: str = "",
    environ: Mapping[str, str] | None = None,
    version: str | None = None,
) -> tuple[Mapping[str, Value], int, tuple[str, ...]]:
    """What is set besides, how many notes, and what stays; with a weaker file, and variables that open here."""

    def opened(values: Mapping[str, Value]) -> Mapping[str, Value]:
        found = dict(values)
        for name, value in found.items():
            for variable, said in (environ or {}).items():
                if isinstance(value, str):
                    found[name] = value.replace(f"${variable}", said)
        return found

    layers = (Layer("system", PurePosixPath("/w")), Layer("user", PurePosixPath("/u"), target=True))
    own = [
        Reading(layer, opened(conda.read(said))) for layer, said in zip(layers, (weaker, text), strict=True)
    ]
    after = [
        Reading(Layer("conda", value=version)),
        own[0],
        Reading(layers[1], conda.read(conda.edit(text, settings))),
    ]
    more = conda.besides(Case(text, own, after, settings, lambda: MIRRORS))
    return more.settings, len(more.notes), more.stays


def test_nothing_of_the_users_own_nothing_besides() -> None:
    assert taken_along("channels: ['defaults', lab]\n", PROFILE) == ({}, 0, ())
    assert taken_along("", {}) == ({}, 0, ())


def test_channels_are_needed_where_conda_asks_nobody_for_want_of_them() -> None:
    defaults = {"channels": ("defaults",)}
    assert taken_along("", PROFILE, version="26.7.1") == (defaults, 0, ())
    assert taken_along("channels: [lab]\noffline: true\n", PROFILE, version="26.7.1") == ({}, 0, ())
    assert taken_along("channels: [lab]\ndenylist_channels: [lab]\n", PROFILE) == ({}, 0, ())


def test_a_profile_of_names_needs_no_channels() -> None:
    """Though a file that it leaves alone says what `defaults` are."""
    names: Settings = {"custom-channels": {"conda-forge": f"{NEW}/cloud"}}
    weaker = "default_channels: ['https://d.example']\n"
    assert taken_along("", names, weaker, version="26.7.1") == ({}, 0, ())


def test_a_private_alias_stays_as_it_is_spelt() -> None:
    assert taken_along(ALIAS, PROFILE) == (
        {"channel-alias": "https://nexus.example/c"},
        1,
        ("channel-alias",),
    )
    spelt = 'channel_alias: "https://$HOST/c"\n'
    settings, notes, stays = taken_along(spelt, PROFILE, environ={"HOST": "nexus.example"})
    assert (settings, notes, stays) == ({"channel-alias": "https://$HOST/c"}, 1, ("channel-alias",))


def test_a_weaker_files_alias_stays_there() -> None:
    assert taken_along("", PROFILE, weaker=ALIAS) == ({}, 0, ("channel-alias",))
    mirrors = "channel_alias: https://alias.example/cloud\n"
    final = ALIAS.replace("\n", "  #!final\n")
    assert taken_along(mirrors, PROFILE, weaker=final) == ({}, 0, ("channel-alias",))


@pytest.mark.parametrize(
    "alias",
    [
        "https://alias.example/cloud",
        "https://alias.example/cloud/",
        "http://old.example/anaconda/cloud",
        "https://names.example/x",
    ],
)
def test_a_known_mirrors_alias_goes(alias: str) -> None:
    assert taken_along(f"channel_alias: {alias}\n", PROFILE) == ({}, 0, ())


@pytest.mark.parametrize("alias", ["https://old.example/anaconda-of-ours", "https://old.example"])
def test_an_alias_beside_a_known_mirrors_is_private(alias: str) -> None:
    assert taken_along(f"channel_alias: {alias}\n", PROFILE)[2] == ("channel-alias",)


BOTH: Settings = {**PROFILE, "channel-alias": f"{NEW}/cloud"}


def test_the_names_of_the_old_alias_keep_it() -> None:
    listed = (
        "channels: [defaults, team/label/dev, lab/linux-64, conda-forge/label/x, 'https://u.example/x', /srv/c,"
        " <unknown>, group, own]\ncustom_multichannels: {group: ['https://g.example/x']}\n"
        "custom_channels: {own: 'https://own.example'}\n"
    )
    settings, notes, stays = taken_along(ALIAS + listed, BOTH)
    mine = dict.fromkeys(["team/label/dev", "lab"], "https://nexus.example/c")
    assert settings == {"custom-channels": {**dict(PROFILE["custom-channels"]), **mine}}  # type: ignore[arg-type]
    assert (notes, stays) == (1, ())


def test_the_old_alias_is_kept_as_the_file_has_it() -> None:
    spelt, environ = 'channel_alias: "https://$HOST/c"\nchannels: [team]\n', {"HOST": "nexus.example"}
    kept = taken_along(spelt, BOTH, environ=environ)[0]["custom-channels"]
    assert isinstance(kept, Mapping)
    assert kept["team"] == "https://$HOST/c"
    final = ALIAS.replace("\n", "  #!final\n")
    kept = taken_along("channel_alias: https://mine.example\nchannels: [team]\n", BOTH, weaker=final)[0][
        "custom-channels"
    ]
    assert isinstance(kept, Mapping)
    assert kept["team"] == "https://nexus.example/c"  # which counted, though another stands in the file


def test_the_profiles_own_alias_needs_no_names() -> None:
    assert taken_along(f"channel_alias: {NEW}/cloud\nchannels: [team]\n", BOTH) == ({}, 0, ())
    assert taken_along(f"{ALIAS}channels: [defaults]\n", BOTH) == ({}, 0, ())


@pytest.mark.parametrize(
    ("listed", "instead"),
    [
        ([f"{OLD}/pkgs/free/", "defaults", f"{OLD}/pkgs/main"], ["defaults"]),
        ([f"{OLD}/cloud/bioconda", f"{OLD}/cloud/bioconda/"], ["bioconda"]),
        (["http://old.example/anaconda/pkgs/r", "lab"], ["defaults", "lab"]),
        (["https://names.example/x/cloud/conda-forge"], ["conda-forge"]),
        (["https://alias.example/cloud/bioconda"], ["bioconda"]),
    ],
)
def test_an_old_mirrors_address_gives_way_to_a_name(listed: list[str], instead: list[str]) -> None:
    settings, notes, _ = taken_along(f"channels: {listed}\n", PROFILE)
    assert settings == {"channels": tuple(instead)}
    assert notes == len([item for item in listed if "://" in item])


@pytest.mark.parametrize(
    "item",
    [
        f"{OLD}/cloud/lab",  # the profile doesn't have it
        f"{OLD}-two/pkgs/main",
        f"{OLD}/other/conda-forge",
        "https://other.example/anaconda/pkgs/main",
        "old.example/anaconda/pkgs/main",  # a name
        "https://pkgs/main",  # hosts
        "https://cloud/bioconda",
        f"{NEW}/pkgs/main",
    ],
)
def test_any_other_address_stays(item: str) -> None:
    assert taken_along(f"channels: ['{item}']\n", PROFILE) == ({}, 0, ())


def test_the_profiles_own_address_stays_whoever_else_has_it() -> None:
    ours: Settings = {"default-channels": (f"{OLD}/pkgs/main",)}
    assert taken_along(f"channels: ['{OLD}/pkgs/main/', '{OLD}/pkgs/r']\n", ours)[0] == {
        "channels": (f"{OLD}/pkgs/main/", "defaults")
    }


def test_no_defaults_for_a_profile_of_names() -> None:
    names: Settings = {"custom-channels": {"conda-forge": f"{NEW}/cloud"}}
    assert taken_along(f"channels: ['{OLD}/pkgs/main']\n", names) == ({}, 0, ())


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (
            "channels: ['https://u.example/pkgs/main', 'https://u.example/pkgs/r/', lab]\n",
            "channels: ['defaults', lab]\n",
        ),
        ("channel: ['https://u.example/pkgs/msys2']\n", "channel: ['defaults']\n"),
        ("channels: ['https://u.example/x/pkgs/main/y', 'https://u.example/pkgs/other']\n", None),
        ("mirrored_channels: {conda-forge: [x], lab: [y]}\n", "mirrored_channels: {lab: [y]}\n"),
        ("channels: [lab]\n", None),
    ],
)
def test_what_gives_way(text: str, after: str | None) -> None:
    assert conda.give_way(text, PROFILE) == (after or text)


def test_addresses_stay_for_a_profile_of_names() -> None:
    text = "channels: ['https://u.example/pkgs/main']\n"
    assert conda.give_way(text, {"custom-channels": {"conda-forge": NEW}}) == text


def test_mambas_mirrors_come_back() -> None:
    text = "channels: [a]\nmirrored_channels: {conda-forge: [x], lab: [y]}\n"
    assert conda.revert(conda.give_way(text, PROFILE), conda.give_way(text, PROFILE), text) == text
