"""pip's writer: what it changes, what it leaves, and what pip itself makes of the layers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path, PurePath

import pytest

from mirrorcfg.errors import FormatError
from mirrorcfg.formats.past import Past
from mirrorcfg.model.layer import Effective, Reading
from mirrorcfg.model.machine import Machine
from mirrorcfg.writers import Writer, pip

WRITER: Writer = pip  # the module satisfies the protocol: mypy checks it
MIRROR = "https://mirror.example/simple"

GOLDEN = [
    ("a new file", "", f"[global]\nindex-url = {MIRROR}\n"),
    (
        "a comment, an odd space and the last line without its newline stay",
        "# mine\n[global]\ntimeout = 60\nindex-url =  https://old.example/simple",
        f"# mine\n[global]\ntimeout = 60\nindex-url =  {MIRROR}",
    ),
    ("CRLF", "[global]\r\ntimeout=60\r\n", f"[global]\r\ntimeout=60\r\nindex-url={MIRROR}\r\n"),
    (
        "pip's other spelling",
        "[global]\nindex_url: https://old.example\n",
        f"[global]\nindex_url: {MIRROR}\n",
    ),
    (
        "a percent sign is no interpolation",
        "[global]\nproxy = http://u:p%40@proxy.example\n",
        f"[global]\nproxy = http://u:p%40@proxy.example\nindex-url = {MIRROR}\n",
    ),
    (
        "other options of ours are the user's",
        "[install]\nextra-index-url = https://own.example/y\n[global]\nextra-index-url = https://own.example/x\n",
        "[install]\nextra-index-url = https://own.example/y\n"
        f"[global]\nextra-index-url = https://own.example/x\nindex-url = {MIRROR}\n",
    ),
    (
        "another index for one command would win, so it goes; in sections that ask none it means nothing",
        "# mine\n[install]\n# why\nindex-url = https://own.example/simple\ntrusted-host = own.example\n"
        "[Download]\nindex-url = https://a.example\n[wheel]\nIndex_URL: https://b.example\n[search]\nindex-url = c\n",
        "# mine\n[install]\n# why\ntrusted-host = own.example\n"
        "[Download]\nindex-url = https://a.example\n[wheel]\n[search]\nindex-url = c\n"
        f"\n[global]\nindex-url = {MIRROR}\n",
    ),
    (
        "the other name of the option, and the section of the variables",
        "[global]\npypi-url = https://own.example/simple\n[:env:]\nindex-url = https://own.example/simple\n",
        f"[global]\nindex-url = {MIRROR}\n[:env:]\n",
    ),
    (
        "what every section inherits is set over in those that there are",
        "[DEFAULT]\nindex-url = https://own.example/simple\n[install]\ntimeout = 5\n[global]\n",
        f"[DEFAULT]\nindex-url = https://own.example/simple\n[install]\ntimeout = 5\nindex-url = {MIRROR}\n"
        f"[global]\nindex-url = {MIRROR}\n",
    ),
]


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in GOLDEN], ids=[case[0] for case in GOLDEN])
def test_the_index_is_set_and_nothing_else(before: str, after: str) -> None:
    assert pip.edit(before, {"index-url": MIRROR}) == after
    assert pip.edit(after, {"index-url": MIRROR}) == after
    assert pip.revert(after, after, before) == before


def test_default_takes_the_key_away() -> None:
    text = f"[global]\n# why\nindex-url = {MIRROR}\ntimeout = 5\n"
    assert pip.edit(text, {}) == "[global]\n# why\ntimeout = 5\n"


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff[global]\n",
        "[global]\n[global]\n",
        "index-url = x\n",
        "[global]\na=1\na=2\n",
        "[global]\nindex-url=a\nindex_url=b\n",
    ],
)
def test_what_pip_refuses_is_refused(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        pip.edit(text, {"index-url": MIRROR})
    assert caught.value.line is not None


def test_an_option_that_an_earlier_profile_set_goes_back_to_the_users() -> None:
    origin = "[global]\ncert = /corp/ca.pem\n"
    left = pip.edit(origin, {"index-url": MIRROR, "ca-file": "/acme.pem", "find-links": ("/w",)})
    assert "cert = /acme.pem" in left
    assert "find-links = /w" in left
    after = pip.edit(left, {"index-url": "https://two.example"}, Past(origin, left))
    assert after == "[global]\ncert = /corp/ca.pem\nindex-url = https://two.example\n"


def test_an_option_that_the_user_changed_since_stays() -> None:
    left = pip.edit("", {"index-url": MIRROR, "find-links": ("/w",)})
    edited = left.replace("/w", "/my-own")
    assert "/my-own" in pip.edit(edited, {"index-url": MIRROR}, Past("", left))


# --- what pip itself says: the settings of `pip install` as its own parser computes them

_ORACLE = """
import json
from pip._internal.commands import create_command
options = create_command("install").parser.get_default_values()
print(json.dumps([options.index_url, options.extra_index_urls, options.find_links, options.no_index]))
"""


def pips_own(environ: dict[str, str]) -> tuple[str, list[str], list[str], bool]:
    clean = {
        key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "XDG_", "VIRTUAL_"))
    }
    done = subprocess.run(
        [sys.executable, "-c", _ORACLE], env=clean | environ, capture_output=True, text=True, check=True
    )
    index, extra, links, no_index = json.loads(done.stdout)
    return index, extra, links, no_index


def ours(environ: dict[str, str]) -> Effective:
    machine = Machine(
        "linux",
        PurePath(environ["HOME"]),
        environ=environ,
        cwd=Path.cwd(),
        is_file=lambda path: Path(path).is_file(),
        is_dir=lambda path: Path(path).is_dir(),
        which=lambda program: PurePath(sys.prefix, "bin", program),
    )
    readings = []
    for layer in pip.layers(machine):
        there = layer.path is not None and Path(layer.path).is_file()
        readings.append(
            Reading(layer, pip.read(Path(layer.path).read_text()) if there and layer.path else {})
        )
    return pip.effective(readings)


USER, OLD, XDG, NAMED = ".config/pip/pip.conf", ".pip/pip.conf", "xdg/pip/pip.conf", "named.conf"
A, B = "https://a.example/simple", "https://b.example/simple"

LAYERS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "nothing": ({}, {}),
    "user": ({USER: f"[global]\nindex-url={A}\n"}, {}),
    "the old place is weaker": ({USER: f"[global]\nindex-url={A}\n", OLD: f"[global]\nindex-url={B}\n"}, {}),
    "the old place alone": ({OLD: f"[global]\nindex-url={B}\n"}, {}),
    "system [install] beats user [global]": (
        {XDG: f"[install]\nindex-url={B}\n", USER: f"[global]\nindex-url={A}\n"},
        {},
    ),
    "variable": ({USER: f"[global]\nindex-url={A}\n"}, {"PIP_INDEX_URL": B}),
    "an empty variable counts for nothing": ({USER: f"[global]\nindex-url={A}\n"}, {"PIP_INDEX_URL": ""}),
    "an empty value hides a weaker one": (
        {XDG: f"[global]\nindex-url={B}\n", USER: "[global]\nindex-url=\n"},
        {},
    ),
    "[DEFAULT]": ({USER: f"[DEFAULT]\nindex-url={A}\n[global]\ntimeout=5\n"}, {}),
    "[DEFAULT] without a section": ({USER: f"[DEFAULT]\nindex-url={A}\n"}, {}),
    "underscores": ({USER: f"[global]\nindex_url={A}\n"}, {}),
    "PIP_CONFIG_FILE replaces the user's": (
        {USER: f"[global]\nindex-url={A}\n", NAMED: "[global]\ntimeout=5\n"},
        {"PIP_CONFIG_FILE": NAMED},
    ),
    "PIP_CONFIG_FILE that isn't there": ({USER: f"[global]\nindex-url={A}\n"}, {"PIP_CONFIG_FILE": "gone"}),
    "PIP_CONFIG_FILE is /dev/null": ({USER: f"[global]\nindex-url={A}\n"}, {"PIP_CONFIG_FILE": "/dev/null"}),
    "PIP_CONFIG_FILE is empty": ({USER: f"[global]\nindex-url={A}\n"}, {"PIP_CONFIG_FILE": ""}),
    "PIP_CONFIG_FILE is a folder": ({USER: f"[global]\nindex-url={A}\n"}, {"PIP_CONFIG_FILE": "/"}),
    "lists are replaced": (
        {XDG: f"[global]\nextra-index-url={A}\n", USER: f"[global]\nextra-index-url=\n  {B}\n  {A}\n"},
        {},
    ),
    "find-links of a variable": ({USER: "[global]\nfind-links=/a /b\n"}, {"PIP_FIND_LINKS": "/c"}),
}


@pytest.mark.parametrize("case", LAYERS)
def test_the_layers_are_merged_as_pip_merges_them(case: str, tmp_path: Path) -> None:
    files, variables = LAYERS[case]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "xdg")}
    environ |= {
        key: str(tmp_path / value) if value == NAMED or value == "gone" else value
        for key, value in variables.items()
    }
    index, extra, links, _ = pips_own(environ)
    default = pips_own({"HOME": "/nonexistent", "PIP_CONFIG_FILE": "/dev/null"})[0]
    found = ours(environ).settings
    assert found.get("index-url", default) == index
    assert list(found.get("extra-index-urls", ())) == extra  # type: ignore[arg-type]
    assert list(found.get("find-links", ())) == links  # type: ignore[arg-type]


def test_no_index_means_that_no_index_is_asked(tmp_path: Path) -> None:
    (tmp_path / ".config/pip").mkdir(parents=True)
    (tmp_path / USER).write_text(f"[global]\nindex-url={A}\nno-index=yes\n")
    effective = ours({"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "xdg")})
    assert "index-url" not in effective.settings
    assert effective.origins["index-url"][0].path == tmp_path / USER


def test_a_section_of_another_command_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / ".config/pip").mkdir(parents=True)
    (tmp_path / USER).write_text(f"[global]\nindex-url={A}\n[download]\nindex-url={B}\n")
    effective = ours({"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "xdg")})
    assert effective.settings["index-url"] == A
    assert "pip download" in effective.warnings[0]
