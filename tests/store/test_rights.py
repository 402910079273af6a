"""sudo: a user's files are read and written with that user's rights."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mirrorcfg.errors import PermissionDeniedError
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.model.plan import Change, Plan
from tests.store.workshop import NOBODY, Workshop, apart, needs_root

pytestmark = needs_root


@pytest.fixture
def home(shop: Workshop) -> Path:
    for path in (shop.base, *shop.base.parents):
        if path != Path("/tmp") and path.is_relative_to("/tmp"):
            path.chmod(path.stat().st_mode | 0o011)
    home = shop.base / "home"
    home.mkdir()
    os.chown(home, NOBODY.uid, NOBODY.gid)
    return home


def test_what_is_made_is_the_users(shop: Workshop, home: Path) -> None:
    generation = shop.commit((home / ".config/pip/pip.conf", b"new"), user=NOBODY)
    for path in (home / ".config", home / ".config/pip", home / ".config/pip/pip.conf"):
        assert path.stat().st_uid == NOBODY.uid
    assert generation.files[str(home / ".config/pip/pip.conf")].uid == NOBODY.uid
    assert shop.store.directory.stat().st_uid == 0
    assert (shop.store.directory / "head").stat().st_uid == 0


def test_what_changes_stays_the_users(shop: Workshop, home: Path) -> None:
    path = shop.write("home/.condarc", b"old", 0o640)
    os.chown(path, NOBODY.uid, NOBODY.gid)
    shop.commit((path, b"new"), user=NOBODY)
    assert path.read_bytes() == b"new"
    assert (path.stat().st_uid, path.stat().st_gid) == (NOBODY.uid, NOBODY.gid)
    with pytest.raises(RuntimeError):
        shop.commit((path, b"newer"), user=NOBODY, confirm=_raise)
    assert path.read_bytes() == b"new"
    assert path.stat().st_uid == NOBODY.uid


def _raise() -> None:
    raise RuntimeError


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_planted_link_isnt_followed_with_roots_rights(shop: Workshop, home: Path, mode: int) -> None:
    precious = shop.write("etc/precious", b"root's", mode)
    link = home / ".condarc"
    link.symlink_to(precious)
    plan = Plan((Change("conda", link, b"root's", b"new", user=NOBODY),))
    with pytest.raises(PermissionDeniedError):
        shop.commit(plan=plan)
    assert precious.read_bytes() == b"root's"
    assert precious.stat().st_uid == 0
    assert [path.name for path in precious.parent.iterdir()] == ["precious"]


def test_a_planted_directory_link_makes_nothing(shop: Workshop, home: Path) -> None:
    (shop.base / "etc").mkdir()
    (home / ".config").symlink_to(shop.base / "etc")
    with pytest.raises(PermissionDeniedError):
        shop.commit((home / ".config/pip/pip.conf", b"new"), user=NOBODY)
    assert list((shop.base / "etc").iterdir()) == []


def test_a_file_of_roots_in_the_users_directory_isnt_taken_over(shop: Workshop, home: Path) -> None:
    path = shop.write("home/.condarc", b"root's", 0o644)
    with pytest.raises(PermissionDeniedError):
        shop.commit((path, b"new"), user=NOBODY)
    assert path.read_bytes() == b"root's"
    assert path.stat().st_uid == 0
    assert shop.litter() == []


def test_reading_has_the_users_rights(shop: Workshop, home: Path) -> None:
    path = shop.write("home/secret", b"root's", 0o600)
    with pytest.raises(PermissionDeniedError):
        shop.store.read(path, NOBODY)
    assert shop.store.read(path) == b"root's"


def test_a_user_without_any_privilege_has_a_store_too(shop: Workshop, home: Path) -> None:
    def work() -> None:
        os.setgroups([])
        os.setgid(NOBODY.gid)
        os.setuid(NOBODY.uid)
        mine = Workshop(home)
        assert mine.commit(("a", b"one")).number == 1
        assert mine.commit(("a", b"two")).number == 2
        with pytest.raises(PermissionDeniedError):
            mine.commit((shop.base / "theirs", b"new"))
        assert (home / "a").read_bytes() == b"two"
        assert mine.litter() == []

    apart(work, mounts=False)


def test_the_rights_come_back() -> None:
    disk = RealDisk()
    before = os.geteuid(), os.getegid(), os.getgroups()
    with disk.acting_as(NOBODY):
        assert (disk.uid(), os.getegid(), os.getgroups()) == (NOBODY.uid, NOBODY.gid, [NOBODY.gid])
    assert (os.geteuid(), os.getegid(), os.getgroups()) == before
