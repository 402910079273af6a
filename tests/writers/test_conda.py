"""conda's writer: entry by entry in a map, and every layer merged as conda merges it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from mirrorcfg.errors import FormatError
from mirrorcfg.formats.past import Past
from mirrorcfg.model.layer import Effective, Layer, Reading
from mirrorcfg.model.machine import Machine
from mirrorcfg.writers import Writer, conda
from tests.sandbox import Sandbox

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


def test_what_a_stronger_layer_has_too_is_from_there_alone() -> None:
    for key, text in (
        ("default-channels", "default_channels: [a]\n"),
        ("custom-channels", "custom_channels: {x: 1}\n"),
    ):
        assert [layer.name for layer in merged(text, text).origins[key]] == ["l1"]


def test_scalars_are_the_strongest() -> None:
    weak, strong = "channel_alias: http://a\n", "channel_alias: http://b\n"
    assert merged(weak, strong).settings["channel-alias"] == "http://b"
    variable = {"CONDA_CHANNEL_ALIAS": "http://v"}
    assert merged(weak, variables=variable).settings["channel-alias"] == "http://v"


def test_final_ends_it() -> None:
    effective = merged(
        "channel_alias: http://a  #!final\n",
        "channel_alias: http://b\n",
        variables={"CONDA_CHANNEL_ALIAS": "http://v"},
    )
    assert effective.settings["channel-alias"] == "http://a"
    assert effective.origins["channel-alias"][0].name == "l0"


def test_an_entry_that_is_final_has_the_last_word() -> None:
    effective = merged("custom_channels:\n  x: http://a  #!final\n", "custom_channels: {x: http://b}\n")
    assert effective.settings["custom-channels"] == {"x": "http://a"}


def test_null_is_not_set() -> None:
    assert merged("default_channels: [b]\n", "default_channels:\n").settings["default-channels"] == ("b",)


def test_a_bundle_that_is_named_wins_and_an_empty_one_is_none() -> None:
    """To requests, with which conda speaks."""
    text = "ssl_verify: /a.pem\n"
    assert merged(text, variables={"REQUESTS_CA_BUNDLE": "/b.pem"}).settings["ca-file"] == "/b.pem"
    assert merged(text, variables={"REQUESTS_CA_BUNDLE": ""}).settings["ca-file"] == "/a.pem"


@pytest.mark.parametrize(("word", "yes"), [("true", True), ("'yes'", True), ("1", True), ("'none'", False)])
def test_words_for_yes_and_no_name_no_bundle(word: str, yes: bool) -> None:
    assert merged(f"ssl_verify: {word}\n").settings["ca-file"] is yes


def test_sources_are_whole_addresses() -> None:
    custom = {"conda-forge": f"{BASE}/cloud", "lab": f"{BASE}/lab/"}
    told = conda.sources({**SETTINGS, "channel-alias": f"{BASE}/cloud", "custom-channels": custom})
    assert [source.url for source in told] == [
        f"{BASE}/pkgs/main",
        f"{BASE}/pkgs/r",
        f"{BASE}/cloud",
        f"{BASE}/cloud/conda-forge",
        f"{BASE}/lab/lab",
    ]


def test_a_token_stands_where_conda_puts_it() -> None:
    """Behind the host, or behind /conda as Anaconda's own server has it (tried with conda 26.7.1)."""
    resolver = conda.channels.Resolver([], conda.channels.Version())
    urls = ["https://h.example/conda/t/tk-9/x", "https://h.example/a/t/tk-9/x"]
    assert [resolver.resolve(url)[0][1].url for url in urls] == [urls[0], "https://h.example/t/tk-9/a/x"]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("25.8.0", (True, True, False)),
        ("25.9.0", (False, False, False)),
        ("25.11.1", (False, False, False)),
        ("26.1.0", (False, False, True)),
        (None, (True, False, True)),
    ],
)
def test_what_is_told_by_condas_version(number: str | None, told: tuple[bool, bool, bool]) -> None:
    """Tried with conda 25.7.0, 25.9.0, 25.11.1 and 26.1.0 themselves; there was no 25.8."""
    assert conda.channels.Version.named(number) == told


STOCK = "channels:\n  - https://upstream.invalid/pkgs/main\n  - https://upstream.invalid/pkgs/r\n"


@pytest.fixture
def miniconda(box: Sandbox) -> Path:
    """The installation's own .condarc, as its installer writes it: addresses, and no `defaults`."""
    box.write(box.home / "miniconda3/bin/conda", "#!/bin/sh\nexit 1\n")
    (box.home / "miniconda3/bin/conda").chmod(0o755)
    box.environ["PATH"] = f"{box.home}/miniconda3/bin:{box.environ['PATH']}"
    file = box.home / "miniconda3/.condarc"
    box.write(file, STOCK)
    return file


MIRROR = '[conda]\ndefault-channels = ["https://a.invalid/main"]\ncustom-channels = { conda-forge = "https://a.invalid/c" }\n'


def test_one_command_gets_conda_to_the_mirror_on_a_stock_miniconda(box: Sandbox, miniconda: Path) -> None:
    before = box.write(miniconda, f"# the installer's\n{STOCK}  - nvidia  # mine\n")
    box.profile("acme", MIRROR + 'channel-alias = "https://a.invalid/c"\n')
    plan = box.json("use", "acme", "--tool", "conda", "--dry-run")["data"]["tools"]["conda"]
    assert [file["path"] for file in plan["files"]] == [str(box.condarc), str(miniconda)]
    assert miniconda.read_bytes() == before
    tool = box.json("use", "acme", "--tool", "conda")["data"]["tools"]["conda"]
    assert tool["effective"] == ["https://a.invalid/main", "https://a.invalid/c/nvidia"]
    assert miniconda.read_text() == "# the installer's\nchannels:\n  - defaults\n  - nvidia  # mine\n"
    assert box.json("status", "--tool", "conda")["data"]["tools"]["conda"]["drifted"] is False
    box.run("undo", code=0)
    assert (miniconda.read_bytes(), box.condarc.exists()) == (before, False)


def test_the_second_files_difference_is_shown_in_its_own_words(box: Sandbox, miniconda: Path) -> None:
    box.write(miniconda, f"# 安装器\n{STOCK}")
    box.profile("acme", MIRROR)
    diff = box.json("diff", "acme", "--tool", "conda")["data"]["diffs"][str(miniconda)]
    assert " # 安装器\n" in diff
    assert "+  - defaults" in diff


def test_the_default_gives_the_installers_channels_back(box: Sandbox, miniconda: Path) -> None:
    box.profile("acme", MIRROR)
    box.run("use", "acme", "--tool", "conda", code=0)
    box.run("use", "official", "--tool", "conda", code=0)
    assert miniconda.read_text() == STOCK


def test_an_installation_of_somebody_elses_is_left_and_said(box: Sandbox) -> None:
    box.write(box.folder / "opt/bin/conda", "#!/bin/sh\nexit 1\n")
    (box.folder / "opt/bin/conda").chmod(0o755)
    box.environ["PATH"] = f"{box.folder}/opt/bin:{box.environ['PATH']}"
    box.write(box.folder / "opt/.condarc", STOCK)
    box.profile("acme", MIRROR)
    answer = box.json("use", "acme", "--tool", "conda", code=3)
    tool = answer["data"]["tools"]["conda"]
    assert tool["effective"] == ["https://upstream.invalid/pkgs/main", "https://upstream.invalid/pkgs/r"]
    assert tool["shadowed_by"] == [str(box.folder / "opt/.condarc")]
    assert (box.folder / "opt/.condarc").read_text() == STOCK
    status = box.json("status", "--tool", "conda", code=3)["data"]["tools"]["conda"]
    assert status["shadowed_by"] == [str(box.folder / "opt/.condarc")]


def test_a_channel_that_only_conda_knows_is_asked_of_it(box: Sandbox, miniconda: Path) -> None:
    miniconda.write_text("channels:\n  - conda-forge\n")
    box.profile("acme", MIRROR)
    assert box.json("use", "acme", "--tool", "conda")["data"]["tools"]["conda"]["effective"] == [
        "https://a.invalid/c/conda-forge"
    ]
    box.profile("bare", '[conda]\ndefault-channels = ["https://a.invalid/main"]\n')
    answer = box.json("use", "bare", "--tool", "conda", code=3)
    assert answer["data"]["tools"]["conda"]["effective"] == ["conda-forge"]


def test_official_over_a_mirrors_alias_in_a_weaker_file_writes_condas_own(
    box: Sandbox, miniconda: Path
) -> None:
    miniconda.write_text("channel_alias: https://mirror.nju.edu.cn/anaconda/cloud\nchannels: [lab]\n")
    answer = '[{"aliases": [], "default_value": "https://ships.invalid", "name": "channel_alias"}]'
    line = "config --describe channel_alias --json"
    box.write(miniconda.parent / "bin/conda", f"#!/bin/sh\n[ \"$*\" = '{line}' ] && echo '{answer}'\n")
    told = box.json("use", "official", "--tool", "conda")["data"]["tools"]["conda"]
    assert told["effective"] == ["https://ships.invalid/lab"]
    assert box.condarc.read_text() == "channel_alias: https://ships.invalid\n"


def test_where_no_conda_is_none_is_asked() -> None:
    assert conda.questions(Machine("linux", PurePosixPath("/home/li"))) == {}


def test_what_the_user_has_beside_the_mirror_is_his_own(box: Sandbox) -> None:
    box.write(box.condarc, "channels:\n  - defaults\n  - https://ours.invalid/c\n")
    box.profile("acme", MIRROR)
    tool = box.json("use", "acme", "--tool", "conda")["data"]["tools"]["conda"]
    assert tool["effective"] == ["https://a.invalid/main", "https://ours.invalid/c"]


def test_channels_without_the_mirror_leave_it_unasked(box: Sandbox) -> None:
    box.write(box.condarc, "channels:\n  - https://old.invalid/c\n")
    box.profile("acme", MIRROR)
    answer = box.json("use", "acme", "--tool", "conda", code=3)
    assert answer["data"]["tools"]["conda"]["shadowed_by"] == [str(box.condarc)]
