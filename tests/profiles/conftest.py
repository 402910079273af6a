from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mirrorcfg.model.settings import Key, Kind
from mirrorcfg.profiles import Catalogue, Directory
from mirrorcfg.profiles.search import builtin

CATALOGUE: Mapping[str, Mapping[str, Key]] = {
    "pip": {
        "index-url": Key(Kind.URL, "the index", example="https://${host}/pypi/simple"),
        "extra-index-urls": Key(Kind.URLS, "more indexes"),
        "find-links": Key(Kind.LINKS, "places of files"),
        "no-index": Key(Kind.FLAG, "no index at all"),
    },
    "conda": {
        "default-channels": Key(Kind.LINKS, "what defaults stands for"),
        "channel-alias": Key(Kind.URL, "before a bare name"),
        "custom-channels": Key(Kind.URL_MAP, "single channels"),
        "channels": Key(Kind.NAMES, "the channels"),
        "show-channel-urls": Key(Kind.FLAG, "show them"),
    },
    "docker": {
        "registry-mirrors": Key(Kind.URLS, "mirrors of Docker Hub", example=("https://${host}",)),
        "archives": Key(Kind.LINKS, "folders of archives"),
    },
    "uv": {
        "index-url": Key(Kind.URL, "the index"),
        "python-install-mirror": Key(Kind.URL, "where Pythons come from"),
    },
    "podman": {"registry-mirrors": Key(Kind.URLS, "mirrors of Docker Hub")},
    "containerd": {
        "registry-mirrors": Key(Kind.URLS, "mirrors of Docker Hub"),
        "resolve": Key(Kind.FLAG, "may they resolve"),
    },
    "buildkit": {"registry-mirrors": Key(Kind.URLS, "mirrors of Docker Hub")},
    "k3s": {"registry-mirrors": Key(Kind.URLS, "mirrors of Docker Hub")},
    "odd": {"path": Key(Kind.PATH, "a path"), "url": Key(Kind.URL, "with a query", query=True)},
}


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Every kind of key; the writers' own are for test_schema.py."""
    return CATALOGUE


@pytest.fixture
def user(tmp_path: Path) -> Path:
    directory = tmp_path / "user"
    directory.mkdir()
    return directory


@pytest.fixture
def directories(tmp_path: Path, user: Path) -> tuple[Directory, ...]:
    return (
        Directory("extra", tmp_path / "extra"),
        Directory("user", user),
        Directory("system", tmp_path / "system"),
        Directory("builtin", builtin()),
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a profile, `schema` and `name` before the text, into a layer's directory."""

    def _write(name: str, text: str, layer: str = "user") -> Path:
        path = tmp_path / layer / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(f'schema = 1\nname = "{name}"\n{text}'.encode())
        return path

    return _write
