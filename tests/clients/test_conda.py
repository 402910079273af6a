"""What conda was seen to ask, world by world, and what mirrorcfg says that it asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mirrorcfg.host import Host
from mirrorcfg.host.layers import layers_of
from tests.clients.conda_worlds import world
from tests.clients.record import ANSWERS

RECORDED = json.loads(ANSWERS.read_text())["asked"]


def said(folder: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    with monkeypatch.context() as patch:
        for name in (
            "CONDA_PREFIX",
            "CONDA_EXE",
            "CONDA_ROOT",
            "CONDARC",
            "CONDA_CHANNELS",
            "XDG_CONFIG_HOME",
        ):
            patch.delenv(name, raising=False)
        patch.setenv("PATH", f"{folder}/prefix/bin:/usr/bin:/bin")
        for name, value in environ.items():
            patch.setenv(name, value)
        asked = layers_of(Host.here(), "conda").asked()
    return [url.rstrip("/") if "://" in url else f"?{url}" for url in asked]


@pytest.mark.parametrize("hundred", range(6))
def test_status_says_what_conda_asks(hundred: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {}
    for number in range(100 * hundred, 100 * hundred + 100):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = said(folder, world(number).build(folder), monkeypatch)
        # From 25.9 on conda asks nothing where no `channels` are said; up to 25.8 its defaults.
        if RECORDED[number] and found != RECORDED[number]:
            wrong[number] = (found, RECORDED[number])
    assert wrong == {}
