"""A profile as variables, held against the real pip and uv."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mirrorcfg import writers
from mirrorcfg.model.layer import Layer, Reading
from mirrorcfg.model.settings import Settings
from tests import parts
from tests.conformance import content

MIRROR, OTHER, THIRD = (f"https://localhost:1/{name}/simple" for name in ("mirror", "other", "third"))


def run(tool: str, settings: Settings, home: Path, environ: Mapping[str, str]) -> str:
    """What the real tool says while it looks for acme-tool with the settings' variables on top of `environ`."""
    argv = {
        "pip": [sys.executable, "-m", "pip", "--retries", "0", "install", "--dry-run", "--no-deps"],
        "uv": [
            parts.program("uv"),
            "pip",
            "install",
            "-v",
            "--dry-run",
            "--no-deps",
            "--python",
            sys.executable,
        ],
    }[tool]
    merged: dict[str, str | None] = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    merged |= {"UV_HTTP_RETRIES": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_NO_CACHE": "1"}
    merged |= {**environ, **writers.writer(tool).environment(settings)}
    done = subprocess.run(
        [*argv, "--target", str(home / "to"), "acme-tool"],
        env={name: value for name, value in merged.items() if value is not None},
        cwd=home,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return f"{done.returncode}\n{done.stdout}{done.stderr}"


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    content.wheel(folder, "acme-tool")
    return folder


@pytest.mark.parametrize(
    "environ",
    [{}, {"PIP_INDEX_URL": OTHER}, {"PIP_CONFIG_FILE": "pip.conf"}, {"PIP_CONFIG_FILE": os.devnull}],
    ids=str,
)
def test_pip_asks_the_index_whatever_its_files_say(environ: dict[str, str], tmp_path: Path) -> None:
    for path in (tmp_path / "pip.conf", tmp_path / ".config/pip/pip.conf"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"[global]\nindex-url = {OTHER}\n[install]\nindex-url = {THIRD}\n")
    said = run("pip", {"index-url": MIRROR}, tmp_path, environ)
    assert f"Looking in indexes: {MIRROR}\n" in said
    assert OTHER not in said
    assert THIRD not in said


@pytest.mark.parametrize("environ", [{}, {"UV_INDEX_URL": OTHER}, {"UV_DEFAULT_INDEX": OTHER}], ids=str)
def test_uv_asks_the_index_whatever_its_files_say(environ: dict[str, str], tmp_path: Path) -> None:
    for path in (tmp_path / "uv.toml", tmp_path / ".config/uv/uv.toml"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'[[index]]\nurl = "{OTHER}"\ndefault = true\n')
    said = run("uv", {"index-url": MIRROR}, tmp_path, environ)
    assert f"{MIRROR}/acme-tool/" in said
    assert OTHER not in said


@pytest.mark.parametrize("tool", ["pip", "uv"])
@pytest.mark.parametrize("spelling", ["{}", "file://{}"])
def test_a_wheelhouse_is_enough(tool: str, spelling: str, wheels: Path, tmp_path: Path) -> None:
    settings: Settings = {"find-links": (spelling.format(wheels),), "no-index": True}
    for variable in ("PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        said = run(tool, settings, tmp_path, {variable: OTHER})
        assert said.startswith("0\n"), said
        assert OTHER not in said


def test_uv_finds_links_with_a_comma(wheels: Path, tmp_path: Path) -> None:
    odd = wheels.rename(tmp_path / "a,b")
    assert run("uv", {"find-links": (f"file://{odd}",), "no-index": True}, tmp_path, {}).startswith("0\n")


def test_uv_is_not_cut_off_from_links_on_the_network() -> None:
    told = writers.writer("uv").environment({"find-links": ("https://a.example/",), "no-index": True})
    assert "UV_OFFLINE" not in told


@pytest.mark.parametrize(
    ("tool", "settings", "variables"),
    [
        ("pip", {}, {"PIP_INDEX_URL": None}),
        (
            "pip",
            {
                "index-url": MIRROR,
                "extra-index-urls": (OTHER, THIRD),
                "ca-file": "/ca.pem",
                "no-index": False,
            },
            {
                "PIP_INDEX_URL": MIRROR,
                "PIP_EXTRA_INDEX_URL": f"{OTHER} {THIRD}",
                "PIP_CERT": "/ca.pem",
                "PIP_NO_INDEX": "0",
            },
        ),
        ("uv", {}, {"UV_DEFAULT_INDEX": None, "UV_INDEX_URL": None}),
        (
            "uv",
            {"index-url": MIRROR, "system-store": True},
            {"UV_DEFAULT_INDEX": MIRROR, "UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"},
        ),
        ("conda", {}, {"CONDA_DEFAULT_CHANNELS": None, "CONDA_CHANNEL_ALIAS": None}),
        (
            "conda",
            {
                "default-channels": ("https://a.example/x,y", "file:///srv/conda"),
                "custom-channels": {"conda-forge": "https://a.example"},
                "channels": ("conda-forge", "defaults"),
                "show-channel-urls": True,
                "ca-file": "/ca.pem",
            },
            {
                "CONDA_DEFAULT_CHANNELS": "https://a.example/x%2Cy,file:///srv/conda",
                "CONDA_CHANNEL_ALIAS": None,
                "CONDA_CHANNELS": "conda-forge,defaults",
                "CONDA_SHOW_CHANNEL_URLS": "true",
                "CONDA_SSL_VERIFY": "/ca.pem",
            },
        ),
        ("docker", {"registry-mirrors": ("https://a.example",)}, {}),
    ],
)
def test_the_variables_of_settings(tool: str, settings: Settings, variables: dict[str, str | None]) -> None:
    assert writers.writer(tool).environment(settings) == variables


SAID: list[tuple[str, Settings]] = [
    ("pip", {"index-url": MIRROR, "extra-index-urls": (OTHER, THIRD), "find-links": ("/a", "file:///b")}),
    ("pip", {"find-links": ("/a",), "no-index": True}),
    ("uv", {"index-url": MIRROR, "find-links": ("/a", "file:///b")}),
    ("uv", {"find-links": ("/a",), "no-index": True}),
    ("conda", {"default-channels": (MIRROR, "file:///b"), "channel-alias": OTHER, "show-channel-urls": True}),
]


@pytest.mark.parametrize(("tool", "settings"), SAID)
def test_what_is_said_by_variables_is_effective(tool: str, settings: Settings) -> None:
    writer = writers.writer(tool)
    told = writer.environment(settings)
    readings = [Reading(Layer(name, variable=name, value=value)) for name, value in told.items() if value]
    assert writer.effective(readings).settings == settings
