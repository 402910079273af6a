"""What a change keeps, and what it takes back."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from mirrorcfg.errors import ConflictError, Exit, MirrorcfgError, RecoveryError
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.model.plan import Change, Plan
from mirrorcfg.store import Store, digest
from tests.store.workshop import Workshop, needs_root


def refuse() -> None:
    raise MirrorcfgError("no", "the daemon didn't take it")


def test_files_change_appear_and_go_as_one(shop: Workshop) -> None:
    shop.write("a", b"old a")
    shop.write("c", b"old c")
    generation = shop.commit(("a", b"new a"), ("deep/er/b", b"new b"), ("c", None))
    assert shop.store.read(shop.base / "a") == b"new a"
    assert shop.store.read(shop.base / "deep/er/b") == b"new b"
    assert shop.store.read(shop.base / "c") is None
    assert generation == shop.store.head() == shop.store.generation(1)
    kept = generation.files[str(shop.base / "a")]
    assert (kept.origin, kept.before, kept.after) == (digest(b"old a"), digest(b"old a"), digest(b"new a"))
    assert shop.store.images(kept.origin) == (b"old a",)
    assert shop.litter() == []


def test_a_no_takes_all_back(shop: Workshop) -> None:
    shop.write("a", b"old a", 0o640)
    shop.write("c", b"old c")
    inode = (shop.base / "a").stat().st_ino
    with pytest.raises(MirrorcfgError, match="daemon"):
        shop.commit(("a", b"new a"), ("deep/er/b", b"new b"), ("c", None), confirm=refuse)
    assert (shop.base / "a").read_bytes() == b"old a"
    assert (shop.base / "a").stat().st_ino == inode
    assert not (shop.base / "deep").exists()
    assert (shop.base / "c").read_bytes() == b"old c"
    assert shop.store.head() is None
    assert shop.litter() == []


def test_directories_that_were_made_go_with_the_last_file_in_them(shop: Workshop) -> None:
    shop.commit(("deep/one/a", b"a"))
    shop.commit(("deep/two/b", b"b"))
    shop.commit(("deep/one/a", None))
    assert not (shop.base / "deep/one").exists()
    shop.commit(("deep/two/b", None))
    assert not (shop.base / "deep").exists()
    shop.commit(("deep/two/b", b"b"))
    assert shop.store.read(shop.base / "deep/two/b") == b"b"


def test_a_directory_of_someone_else_s_or_with_their_file_stays(shop: Workshop) -> None:
    (shop.base / "theirs").mkdir()
    shop.commit(("theirs/a", b"a"), ("deep/er/b", b"b"))
    shop.write("deep/er/c", b"theirs")
    shop.commit(("theirs/a", None), ("deep/er/b", None))
    assert (shop.base / "theirs").is_dir()
    assert [path.name for path in (shop.base / "deep/er").iterdir()] == ["c"]


def test_the_check_sees_the_new_contents_and_may_refuse(shop: Workshop) -> None:
    one, hard = shop.write("a", b"old a"), shop.write("h", b"old h")
    (shop.base / "h2").hardlink_to(hard)
    seen: dict[Path, bytes] = {}

    def check(staged: Mapping[Path, Path]) -> None:
        seen.update({path: place.read_bytes() for path, place in staged.items()})
        assert one.read_bytes() == b"old a"
        refuse()

    with pytest.raises(MirrorcfgError, match="daemon"):
        shop.commit(("a", b"new a"), ("h", b"new h"), check=check)
    assert seen == {one: b"new a", hard: b"new h"}
    assert one.read_bytes() == b"old a"
    assert shop.litter() == []


def test_the_listener_is_told_of_a_rollback(tmp_path: Path) -> None:
    told: list[tuple[Change, ...]] = []
    shop = Workshop(tmp_path, on_rollback=told.append)
    path = shop.write("a", b"old a")
    with pytest.raises(MirrorcfgError, match="daemon"):
        shop.commit(("a", b"new a"), confirm=refuse)
    assert told == [(Change("pip", path, b"new a", b"old a"),)]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_whatever_ends_it_takes_it_back(shop: Workshop, error: type[BaseException]) -> None:
    path = shop.write("a", b"old a")

    def interrupted() -> None:
        raise error

    with pytest.raises(error):
        shop.commit(("a", b"new a"), confirm=interrupted)
    assert path.read_bytes() == b"old a"
    assert shop.litter() == []


def test_an_interrupt_by_signal_takes_it_back(shop: Workshop) -> None:
    path = shop.write("a", b"old a")
    with pytest.raises(KeyboardInterrupt):
        shop.commit(("a", b"new a"), confirm=lambda: os.kill(os.getpid(), signal.SIGINT))
    assert path.read_bytes() == b"old a"
    assert shop.store.head() is None


class Meddling(RealDisk):
    """Someone saves the file just before that step."""

    def __init__(self, path: Path, before: str, *, atomically: bool) -> None:
        super().__init__()
        self.path, self.before, self.atomically = path, before, atomically

    def rename(self, source: Path, target: Path, way: str = "replace") -> None:  # type: ignore[override]
        if way == self.before:
            self._save()
        super().rename(source, target, way)  # type: ignore[arg-type]

    def sync(self, handle: int) -> None:
        super().sync(handle)
        if self.before == "sync" and ".mirrorcfg-" in self._open[handle].name:
            self._save()

    def _save(self) -> None:
        self.before = ""
        if self.atomically:
            other = self.path.with_name("editor")
            other.write_bytes(b"their edit")
            other.replace(self.path)
        else:
            self.path.write_bytes(b"their edit")


@pytest.mark.parametrize("atomically", [True, False])
@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        ("sync", b"old", b"new"),
        ("exchange", b"old", b"new"),  # in the very moment between the last look and the rename
        ("new", None, b"new"),
        ("new", b"old", None),
    ],
)
def test_an_edit_meanwhile_survives(
    tmp_path: Path, before: str, old: bytes | None, new: bytes | None, atomically: bool
) -> None:
    path = tmp_path / "a"
    shop = Workshop(tmp_path, disk=Meddling(path, before, atomically=atomically))
    first = shop.write("0", b"old")
    if old is not None:
        shop.write("a", old)
    with pytest.raises(ConflictError) as caught:
        shop.commit(("0", b"new") if before == "sync" else ("1", None), ("a", new))
    assert caught.value.exit == Exit.CONFLICT
    assert path.read_bytes() == b"their edit"
    assert first.read_bytes() == b"old"
    assert shop.litter() == []
    assert shop.store.head() is None


@pytest.mark.parametrize("after", [b"new", b"then", b"now", None])
def test_a_plan_that_is_out_of_date_is_a_conflict(shop: Workshop, after: bytes | None) -> None:
    path = shop.write("a", b"now")
    plan = Plan((Change("pip", path, b"then", after),))
    with pytest.raises(ConflictError):
        shop.commit(plan=plan)
    assert path.read_bytes() == b"now"


def test_an_edit_after_the_rename_isnt_rolled_over(shop: Workshop) -> None:
    path, other = shop.write("a", b"old"), shop.write("b", b"old")

    def confirm() -> None:
        path.write_bytes(b"their edit")
        refuse()

    with pytest.raises(RecoveryError) as caught:
        shop.commit(("a", b"new"), ("b", b"new"), confirm=confirm)
    assert path.read_bytes() == b"their edit"
    error = caught.value
    assert error.exit == Exit.RECOVERY
    assert error.path == str(path)
    assert str(shop.store.directory / "objects") in error.what
    with pytest.raises(RecoveryError), shop.store.locked():
        pass
    assert other.read_bytes() == b"new"
    assert shop.store.recover(keep=True) == (other,)
    assert path.read_bytes() == b"their edit"
    assert other.read_bytes() == b"old"
    assert shop.litter() == []


def test_the_old_content_put_back_by_hand_ends_a_refusal(shop: Workshop) -> None:
    path = shop.write("a", b"old")

    def confirm() -> None:
        path.write_bytes(b"their edit")
        refuse()

    with pytest.raises(RecoveryError):
        shop.commit(("a", b"new"), confirm=confirm)
    path.write_bytes(b"old")
    with shop.store.locked() as recovered:
        assert recovered == (path,)
    assert shop.litter() == []


@needs_root
def test_mode_owner_and_attributes_stay(shop: Workshop) -> None:
    path = shop.write("a", b"old", 0o604)
    os.chown(path, 1234, 4321)
    os.setxattr(path, "user.note", b"mine")
    shop.commit(("a", b"new"))
    found = path.stat()
    assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o604, 1234, 4321)
    assert os.getxattr(path, "user.note") == b"mine"


def test_an_acl_stays_and_none_is_inherited(shop: Workshop) -> None:
    # Version 2, then tag, rights and id: owner, user 1234, group, mask, others.
    entries = ((1, 6, -1), (2, 4, 1234), (4, 4, -1), (16, 4, -1), (32, 0, -1))
    acl = b"\2\0\0\0" + b"".join(
        tag.to_bytes(2, "little") + rights.to_bytes(2, "little") + (who & 0xFFFFFFFF).to_bytes(4, "little")
        for tag, rights, who in entries
    )
    path, plain = shop.write("a", b"old"), shop.write("b", b"old")
    try:
        os.setxattr(path, "system.posix_acl_access", acl)
        os.setxattr(shop.base, "system.posix_acl_default", acl)
    except OSError:
        pytest.skip("the file system has no ACLs")
    shop.commit(("a", b"new"), ("b", b"new"))
    assert os.getxattr(path, "system.posix_acl_access") == acl
    assert "system.posix_acl_access" not in os.listxattr(plain)
    assert stat.S_IMODE(plain.stat().st_mode) == 0o644


def test_new_files_follow_the_umask_and_secrets_are_private(shop: Workshop) -> None:
    before = os.umask(0o027)
    try:
        shop.commit(("a", b"new"))
        shop.commit(("b", b"new"), secret=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((shop.base / "a").stat().st_mode) == 0o640
    assert stat.S_IMODE((shop.base / "b").stat().st_mode) == 0o600


def test_a_secret_in_a_readable_file_is_reported(shop: Workshop) -> None:
    path = shop.write("a", b"old", 0o644)
    shop.commit(("a", b"new"), secret=True)
    assert [finding.code for finding in shop.store.findings] == ["secret-readable"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_link_stays_and_the_file_behind_it_changes(shop: Workshop) -> None:
    real = shop.write("dotfiles/a", b"old")
    link = shop.base / "a"
    link.symlink_to("dotfiles/a")
    shop.commit(("a", b"new"))
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_dangling_link_gets_its_file(shop: Workshop) -> None:
    (shop.base / "a").symlink_to("gone/b")
    shop.commit(("a", b"new"))
    assert (shop.base / "a").is_symlink()
    assert (shop.base / "gone" / "b").read_bytes() == b"new"


def test_a_link_that_is_turned_elsewhere_meanwhile_is_a_conflict(shop: Workshop) -> None:
    shop.write("one", b"old")
    shop.write("two", b"old")
    link = shop.base / "a"
    link.symlink_to("one")

    def check(staged: Mapping[Path, Path]) -> None:
        link.unlink()
        link.symlink_to("two")

    with pytest.raises(ConflictError):
        shop.commit(("a", b"new"), check=check)
    assert (shop.base / "one").read_bytes() == (shop.base / "two").read_bytes() == b"old"


def test_a_hard_link_stays_one(shop: Workshop) -> None:
    path = shop.write("a", b"old, and longer")
    other = shop.base / "other"
    other.hardlink_to(path)
    shop.commit(("a", b"new"))
    assert other.samefile(path)
    assert other.read_bytes() == b"new"


def test_two_names_of_one_file_cant_both_change(shop: Workshop) -> None:
    shop.write("a", b"old")
    (shop.base / "b").symlink_to("a")
    with pytest.raises(MirrorcfgError) as caught:
        shop.commit(("a", b"one"), ("b", b"two"))
    assert caught.value.code == "same-file"


def test_a_new_label_is_a_generation_without_a_write(shop: Workshop) -> None:
    path = shop.write("a", b"same")
    found = path.stat()
    assert shop.commit(("a", b"same")).number == 1
    assert shop.commit(plan=Plan(())).number == 2
    assert path.stat() == found


def test_links_of_an_installed_system_stay_inside_it(tmp_path: Path) -> None:
    root = tmp_path / "root"
    outside = tmp_path / "etc" / "pip.conf"
    shop = Workshop(tmp_path)
    shop.write("etc/pip.conf", b"outside")
    shop.write("root/real/pip.conf", b"inside")
    (root / "etc").symlink_to("/real")
    (root / "up").symlink_to("../../../../../real/pip.conf")
    store = Store(root / "var/lib/mirrorcfg", allowed=lambda path: True, root=root)
    for name, old, new in (("etc/pip.conf", b"inside", b"one"), ("up", b"one", b"two")):
        assert store.read(root / name) == old
        with store.locked():
            store.commit(Plan((Change("pip", root / name, old, new),)), command="use")
        assert (root / "real/pip.conf").read_bytes() == new
    assert outside.read_bytes() == b"outside"
    with pytest.raises(MirrorcfgError) as caught:
        store.read(outside)
    assert caught.value.code == "outside-root"


def test_the_history_of_an_installed_system_moves_with_it(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    (one / "etc").mkdir(parents=True)
    store = Store(one / "var/lib/mirrorcfg", allowed=lambda path: True, root=one)
    with store.locked():
        store.commit(Plan((Change("pip", one / "etc/pip.conf", None, b"new"),)), command="use")
    one.rename(two)
    head = Store(two / "var/lib/mirrorcfg", allowed=lambda path: True, root=two).head()
    assert head is not None
    assert list(head.files) == [str(two / "etc/pip.conf")]


def test_reading_makes_nothing(shop: Workshop) -> None:
    assert shop.store.head() is None
    assert shop.store.history() == []
    assert shop.store.settle() == ()
    assert shop.store.recover() == ()
    assert list(shop.base.iterdir()) == []


def test_a_commit_needs_the_lock(shop: Workshop) -> None:
    with pytest.raises(RuntimeError):
        shop.store.commit(Plan(()), command="use")
