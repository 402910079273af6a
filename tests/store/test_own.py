"""mirrorcfg's own files: whole or as before, with the rights and the links they have."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mirrorcfg.errors import MirrorcfgError, PermissionDeniedError
from mirrorcfg.store import own
from tests.store.workshop import NOBODY, needs_root


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_gets_its_directories_and_the_umask_its_say(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        own.put(tmp_path / "a/b/file", b"one")
        own.put(tmp_path / "a/b/private", b"one", secret=True)
    finally:
        os.umask(before)
    assert own.read(tmp_path / "a/b/file") == b"one"
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "a/b").iterdir()}
    assert modes == {"file": 0o640, "private": 0o600}


def test_a_file_that_is_there_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"one")
    (tmp_path / "real").chmod(0o604)
    (tmp_path / "link").symlink_to("real")
    own.put(tmp_path / "link", b"two")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"two"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o604
    assert names(tmp_path) == ["link", "real"]


def test_a_reader_sees_one_whole_file_or_the_other(tmp_path: Path) -> None:
    path = tmp_path / "state"
    own.put(path, b"a" * 100_000)
    with path.open("rb") as file:
        start = file.read(10)
        own.put(path, b"b" * 100_000)
        assert set(start + file.read()) == {ord("a")}
    assert set(path.read_bytes()) == {ord("b")}


def test_one_that_may_not_be_there_is_left_alone(tmp_path: Path) -> None:
    assert own.create(tmp_path / "new", b"one")
    assert not own.create(tmp_path / "new", b"two")
    assert own.read(tmp_path / "new") == b"one"
    assert names(tmp_path) == ["new"]


def test_what_was_put_can_be_taken_away_once(tmp_path: Path) -> None:
    own.put(tmp_path / "file", b"one")
    assert own.remove(tmp_path / "file")
    assert not own.remove(tmp_path / "file")
    assert own.read(tmp_path / "file") is None
    assert names(tmp_path) == []


def test_what_a_dead_process_of_the_same_number_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f".file.mirrorcfg-{os.getpid()}").write_bytes(b"half")
    own.put(tmp_path / "file", b"one")
    assert names(tmp_path) == ["file"]


def test_anything_but_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MirrorcfgError) as caught:
        own.put(tmp_path / "folder", b"one")
    assert caught.value.code == "not-a-file"
    with pytest.raises(MirrorcfgError) as caught:
        own.put(tmp_path / "file/below", b"one")
    assert caught.value.code == "not-a-directory"
    assert names(tmp_path) == ["file", "folder"]


@needs_root
def test_it_is_written_with_the_users_rights() -> None:
    with TemporaryDirectory() as name:  # where nobody can go, unlike pytest's own
        folder = Path(name)
        folder.chmod(0o755)
        with pytest.raises(PermissionDeniedError):
            own.put(folder / "file", b"one", user=NOBODY)
        os.chown(folder, NOBODY.uid, NOBODY.gid)
        own.put(folder / "file", b"one", user=NOBODY)
        assert (folder / "file").stat().st_uid == NOBODY.uid
        assert own.remove(folder / "file", user=NOBODY)
