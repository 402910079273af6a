"""What the captures show is what the program shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mirrorcfg.cli.width import cells
from tests import chinese
from tests.tour.__main__ import CAPTURES, PAGES, page, recorded
from tests.tour.stage import KINDS
from tests.tour.stories import STORIES

KNOWN = {path.stem: path.read_text() for path in CAPTURES.iterdir()}


@pytest.fixture(scope="module")
def now() -> dict[str, str]:
    return recorded()


@pytest.mark.parametrize("name", [f"{story}.{kind.name}" for story in STORIES for kind in KINDS])
def test_a_screen_is_as_it_was_recorded(now: dict[str, str], name: str) -> None:
    """Where it is meant to be another: look at what `python -m tests.tour` makes of it."""
    assert now[name] == KNOWN.get(name)


def test_there_is_no_capture_of_anything_else(now: dict[str, str]) -> None:
    assert set(KNOWN) == set(now)


def test_colour_adds_nothing_but_colour() -> None:
    for story in STORIES:
        coloured = KNOWN[f"{story}.80-en-colour"]
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == KNOWN[f"{story}.80-en"]
        assert "\x1b[" in coloured


def test_nothing_is_wider_than_the_terminal() -> None:
    """But for what is to be pasted, which a line break of ours would break, and the command line itself."""
    pasted = re.compile(r"\$ |hint: |提示|  at |[ ]+https?://")
    for name, text in KNOWN.items():
        columns = int(name.partition(".")[2][:3].strip("-"))
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
        assert not [line for line in plain.split("\n") if cells(line) > columns and not pasted.match(line)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_shows_them(path: Path) -> None:
    assert page(path, KNOWN) == path.read_text()
    assert path.read_text().count("<!-- tests/tour/captures/") == len(STORIES)


def test_nothing_is_said_in_english_in_the_chinese_ones() -> None:
    for name, text in KNOWN.items():
        said = "\n".join(line for line in text.split("\n") if not line.startswith("$ "))
        if "-zh" in name:
            assert chinese.english(re.sub(r"( |^)(pip|uv|conda|docker)(?= )", "", said)) == [], name
