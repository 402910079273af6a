"""A journal is input, not truth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mirrorcfg.errors import Exit, RecoveryError
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.model.plan import Change
from mirrorcfg.store import Store, sealed
from mirrorcfg.store.replace import BLOCK, torn
from tests.store.workshop import Workshop, apart


class DiedError(BaseException):
    pass


class Dying(RealDisk):
    """Dies at its `number`-th rename of a target, and does nothing any more."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.left = number

    def rename(self, source: Path, target: Path, way: str = "replace") -> None:  # type: ignore[override]
        if ".mirrorcfg-" in source.name:
            self.left -= 1
        self._alive()
        super().rename(source, target, way)  # type: ignore[arg-type]

    def lstat(self, path: Path) -> Any:
        self._alive()
        return super().lstat(path)

    def _alive(self) -> None:
        if self.left <= 0:
            raise DiedError


def interrupted(shop: Workshop, number: int, *goals: tuple[str, bytes]) -> None:
    dying = Workshop(shop.base, disk=Dying(number))
    with pytest.raises(DiedError):
        dying.commit(*goals)
    assert (shop.store.directory / "journal").exists()


def test_the_next_command_takes_it_back_and_tells_the_daemon(tmp_path: Path) -> None:
    told: list[tuple[Change, ...]] = []
    shop = Workshop(tmp_path, on_rollback=told.append)
    one, two = shop.write("a", b"old a"), shop.write("b", b"old b")
    interrupted(shop, 2, ("a", b"new a"), ("b", b"new b"))
    assert (one.read_bytes(), two.read_bytes()) == (b"new a", b"old b")
    assert shop.store.settle() == (one, two)
    assert (one.read_bytes(), two.read_bytes()) == (b"old a", b"old b")
    assert told == [(Change("pip", one, b"new a", b"old a"), Change("pip", two, b"new b", b"old b"))]
    assert shop.litter() == []
    assert shop.store.settle() == ()


def test_a_live_process_is_left_alone(shop: Workshop) -> None:
    path = shop.write("a", b"old")

    def look() -> None:
        other = Workshop(shop.base)
        assert other.store.settle() == ()
        assert path.read_bytes() == b"new"

    shop.commit(("a", b"new"), confirm=lambda: apart(look, mounts=False))
    assert path.read_bytes() == b"new"


def test_a_file_that_is_neither_old_nor_new_is_refused_and_nothing_touched(shop: Workshop) -> None:
    one, two = shop.write("a", b"old a"), shop.write("b", b"old b")
    interrupted(shop, 2, ("a", b"new a"), ("b", b"new b"))
    one.write_bytes(b"their edit")
    for _ in range(2):
        with pytest.raises(RecoveryError) as caught:
            shop.store.settle()
    error = caught.value
    assert (error.exit, error.code, error.path) == (Exit.RECOVERY, "neither-old-nor-new", str(one))
    image = next(word for word in error.what.split() if "/objects/" in word)
    assert Path(image).read_bytes() == b"old a"
    assert (one.read_bytes(), two.read_bytes()) == (b"their edit", b"old b")


def test_a_path_that_no_writer_names_is_refused(shop: Workshop) -> None:
    path = shop.write("a", b"old")
    interrupted(shop, 1, ("a", b"new"))
    strict = Store(shop.store.directory, allowed=lambda path: path.name == "pip.conf")
    with pytest.raises(RecoveryError) as caught:
        strict.recover()
    assert caught.value.code == "journal-refused"
    assert path.read_bytes() == b"old"


def test_a_link_that_leads_elsewhere_by_now_is_refused(shop: Workshop) -> None:
    shop.write("one", b"old")
    shop.write("two", b"old")
    (shop.base / "a").symlink_to("one")
    (shop.base / "z").write_bytes(b"old")
    interrupted(shop, 2, ("a", b"new"), ("z", b"new"))
    (shop.base / "a").unlink()
    (shop.base / "a").symlink_to("two")
    with pytest.raises(RecoveryError) as caught:
        shop.store.recover()
    assert caught.value.code == "journal-refused"
    assert (shop.base / "one").read_bytes() == b"new"
    assert (shop.base / "two").read_bytes() == b"old"


def forge(shop: Workshop, change: Callable[[dict[str, Any]], None]) -> None:
    place = shop.store.directory / "journal"
    content = sealed.unseal(place.read_bytes())
    change(content)
    place.write_bytes(sealed.seal(content))


@pytest.mark.parametrize(
    "change",
    [
        lambda journal: journal.update(version=2),
        lambda journal: journal.update(token="../../x"),
        lambda journal: journal.update(entries=None),
        lambda journal: journal["entries"][0].update(before="../../../etc/shadow"),
        lambda journal: journal["entries"][0].update(path="a"),
        lambda journal: journal["entries"][0].update(real="/tmp/../etc/passwd"),
        lambda journal: journal["entries"][0].update(real="/etc/passwd"),
        lambda journal: journal["entries"][0].update(made=99),
        lambda journal: journal["entries"][0].update(look="rwx"),
        lambda journal: journal["entries"][0].pop("tool"),
    ],
)
def test_a_forged_journal_touches_nothing(shop: Workshop, change: Callable[[dict[str, Any]], None]) -> None:
    path = shop.write("a", b"old")
    interrupted(shop, 1, ("a", b"new"))
    forge(shop, change)
    before = sorted(item.name for item in shop.base.rglob("*"))
    with pytest.raises(RecoveryError) as caught:
        shop.store.recover()
    assert caught.value.exit == Exit.RECOVERY
    assert path.read_bytes() == b"old"
    assert sorted(item.name for item in shop.base.rglob("*")) == before


def test_a_torn_journal_is_not_believed(shop: Workshop) -> None:
    shop.write("a", b"old")
    interrupted(shop, 1, ("a", b"new"))
    place = shop.store.directory / "journal"
    place.write_bytes(place.read_bytes()[:-10])
    with pytest.raises(RecoveryError) as caught:
        shop.store.recover()
    assert caught.value.code == "journal-damaged"


def test_half_a_temporary_journal_is_none(shop: Workshop) -> None:
    shop.commit(("a", b"one"))
    (shop.store.directory / "journal.new").write_bytes(b"half")
    assert shop.store.recover() == ()
    assert shop.commit(("a", b"two")).number == 2


OLD = b"".join(b"old %04d\n" % n for n in range(200))
NEW = b"".join(b"new %04d\n" % n for n in range(150))


@pytest.mark.parametrize(
    "data",
    [
        OLD,
        NEW,
        NEW + OLD[len(NEW) :],
        NEW[:700] + OLD[700:],
        OLD[:BLOCK] + NEW[BLOCK : 2 * BLOCK] + OLD[2 * BLOCK :],
        b"\0" * BLOCK + OLD[BLOCK:],
        OLD[:100] + NEW[100:300] + OLD[300:],
        NEW[:700],
        OLD[:700],
        b"",
    ],
)
def test_a_torn_file_is_ours(data: bytes) -> None:
    assert torn(data, OLD, NEW)
    assert torn(data, NEW, OLD) or data == OLD[:100] + NEW[100:300] + OLD[300:]


@pytest.mark.parametrize(
    "data",
    [
        OLD + b"# mine\n",
        OLD.replace(b"old 0150", b"my  0150"),
        b"mine\n",
        NEW + b"#",
        OLD[:100] + b"x" + OLD[101:],
    ],
)
def test_an_edited_file_is_not(data: bytes) -> None:
    assert not torn(data, OLD, NEW)


def test_a_torn_file_that_was_written_in_place_goes_back(shop: Workshop) -> None:
    path, other = shop.write("a", OLD), shop.write("z", b"old")
    (shop.base / "hard").hardlink_to(path)
    interrupted(shop, 1, ("a", NEW), ("z", b"new"))
    assert path.read_bytes() == NEW
    path.write_bytes(NEW[:700] + OLD[700:])
    assert shop.store.recover() == (path, other)
    assert path.read_bytes() == OLD
    assert path.samefile(shop.base / "hard")
