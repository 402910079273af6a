"""What conda was seen to ask, world by world, and what mirrorcfg says that it asks."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.host import Host
from mirrorcfg.host.layers import layers_of
from tests.clients.conda_by_hand import BY_HAND
from tests.clients.conda_worlds import World, world
from tests.clients.record import ANSWERS

KEPT = json.loads(ANSWERS.read_text())
RECORDED: list[list[str] | str] = KEPT["asked"]
HUNDREDS = range(0, len(RECORDED), 100)
# Where mirrorcfg means to say something else than conda does (docs/conda.md, "Stricter than conda").
MEANT = {
    "a folder below the home directory is told as it is spelt": "~",
    "a channel_alias without a scheme is refused though a stronger file has another": "channel_alias",
    "a flag that is neither true nor false is refused though a stronger file has another": "neither",
}

# Folders that mirrorcfg tells as they are spelt.
HERE = {
    "~": "file://%/home",
    **dict.fromkeys(("./lab", "../work/lab", r"\\lab"), "file://%/work/lab"),
    "c:/lab": "file://%/work/c:/lab",
}


def said(folder: Path, environ: dict[str, str]) -> list[str] | MirrorcfgError:
    """What mirrorcfg says of a world; the error with which it refuses."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("CONDA", "XDG", "MAMBA"))
    }
    clean |= {"PATH": f"{folder}/prefix/bin:/usr/bin:/bin", **environ}
    here = Path.cwd()
    os.chdir(folder / "work")
    try:
        with mock.patch.dict(os.environ, clean, clear=True):
            asked = layers_of(Host.here(), "conda").asked()
    except MirrorcfgError as error:
        return error
    finally:
        os.chdir(here)
    found: dict[str, None] = {}
    for url in asked:
        url = HERE.get(url, url)
        found |= dict.fromkeys(
            ["?pkgs/main", "?pkgs/r"] if url == "defaults" else [url if "://" in url else f"?{url}"]
        )
    return list(found)


def wrong(
    made: World, version: str, asked: Any, meant: Iterable[str] = MEANT.values()
) -> tuple[object, object] | None:
    """What was said and what is so, where these differ and aren't `meant` to."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        found = said(folder, made.build(folder, version))
    if isinstance(found, MirrorcfgError):
        allowed = any(word in found.what for word in meant)
        return None if isinstance(asked, str) or allowed else (f"{found.code}: {found.what}", asked)
    if asked in ("ChannelDenied", "ChannelNotAllowed"):
        return None if not found else (found, asked)
    return None if found == asked else (found, asked)


@pytest.mark.parametrize("start", HUNDREDS)
def test_status_says_what_conda_asks(start: int) -> None:
    differing = {}
    for number in range(start, min(start + 100, len(RECORDED))):
        made = world(number)
        if found := wrong(made, KEPT["conda"][made.era], RECORDED[number]):
            differing[number] = found
    assert differing == {}


def test_each_rule_by_hand() -> None:
    differing = {}
    for name, asked in KEPT["by hand"].items():
        made = BY_HAND[name]
        if found := wrong(made, KEPT["conda"][made.era], asked, ()):
            differing[name] = found
    assert differing == {}
