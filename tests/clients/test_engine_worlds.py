"""Would an image come by this mirror? Engines, trust, proxies and servers by chance: the real engine is the judge."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.clients import engine_worlds
from tests.clients.engine_worlds import World
from tests.clients.place import Place

COUNT, SEED = int(os.environ.get("MIRRORCFG_WORLDS", "40")), int(os.environ.get("MIRRORCFG_SEED", "14"))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with engine_worlds.lab(tmp_path_factory.mktemp("place")) as found:
        yield found


def test_an_image_comes_where_mirrorcfg_says_so(lab: Place) -> None:
    wrong: list[tuple[World, bool, str]] = []
    said = set()
    for around, modes in engine_worlds.worlds(COUNT, SEED).items():
        for world, pulled, code in engine_worlds.judged(lab, around, modes):
            said.add(code)
            if pulled != (code == "ok"):
                wrong.append((world, pulled, code))
    assert wrong == []
    assert {"ok"} < said
