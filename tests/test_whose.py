"""Whose a path is: every folder and link on the way to it counts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mirrorcfg.whose import owner, stranger
from tests import parts

STRANGER = 65534


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder of root's with a file in it."""
    parts.root()
    (tmp_path / "one").mkdir(mode=0o755)
    (tmp_path / "one/file").write_text("")
    return tmp_path


def test_what_only_root_could_put_there(tree: Path) -> None:
    assert stranger(tree / "one/file") is None


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777])
def test_a_folder_that_others_can_write(tree: Path, mode: int) -> None:
    os.chown(tree / "one", 0, STRANGER)
    (tree / "one").chmod(mode)
    assert stranger(tree / "one/file") == tree / "one"


def test_a_folder_that_roots_own_group_can_write(tree: Path) -> None:
    (tree / "one").chmod(0o775)
    assert stranger(tree / "one/file") is None


@pytest.mark.parametrize("place", ["one", "one/file"])
def test_what_belongs_to_a_stranger(tree: Path, place: str) -> None:
    os.chown(tree / place, STRANGER, STRANGER)
    assert stranger(tree / "one/file") == tree / place
    assert stranger(tree / "one/file", STRANGER) is None


def test_a_sticky_folder_keeps_what_is_in_it(tree: Path) -> None:
    (tree / "one").chmod(0o1777)
    assert stranger(tree / "one/file") is None
    os.chown(tree / "one/file", STRANGER, STRANGER)
    assert stranger(tree / "one/file") == tree / "one/file"


def test_a_file_that_others_can_write(tree: Path) -> None:
    (tree / "one/file").chmod(0o646)
    assert stranger(tree / "one/file") == tree / "one/file"


@pytest.mark.parametrize("target", ["{}/one", "one", "./x/../one"])
def test_a_link_is_followed_and_is_somebodys_too(tree: Path, target: str) -> None:
    (tree / "x").mkdir()
    link = tree / "link"
    link.symlink_to(target.format(tree))
    assert stranger(link / "file") is None
    os.chown(tree / "one", STRANGER, STRANGER)
    assert stranger(link / "file") == tree / "one"
    os.chown(tree / "one", 0, 0)
    os.chown(link, STRANGER, STRANGER, follow_symlinks=False)
    assert stranger(link / "file") == link


def test_links_in_a_circle_lead_nowhere(tree: Path) -> None:
    (tree / "link").symlink_to("link")
    with pytest.raises(OSError, match="Too many"):
        stranger(tree / "link")


def test_whose_a_place_is_tells_the_first_other_than_root(tree: Path) -> None:
    assert owner(tree / "one/file") == owner(tree / "one/none/yet") == 0
    os.chown(tree / "one", STRANGER, STRANGER)
    (tree / "two").symlink_to(tree / "one")
    assert owner(tree / "one/none/yet") == owner(tree / "two/file") == STRANGER
    os.chown(tree / "two", STRANGER - 1, 0, follow_symlinks=False)
    assert owner(tree / "two/file") == STRANGER - 1
