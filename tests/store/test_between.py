"""A content that stands there for a moment: on the way there, and on the way back."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from mirrorcfg.model.plan import Change, Plan
from tests.store.workshop import Workshop

VIA = b'{"registry-mirrors": []}'
ENDS = [(b"old", b"new"), (None, b"new"), (b"old", None)]


class Watched(Workshop):
    """Notes what stands in the file each time somebody is told."""

    def __init__(self, base: Path) -> None:
        self.file, self.seen = base / "a", list[bytes | None]()
        super().__init__(base, on_rollback=lambda changes: self.note())

    def note(self) -> None:
        self.seen.append(self.file.read_bytes() if self.file.exists() else None)

    def pass_through(self, before: bytes | None, after: bytes | None, **options: object) -> None:
        if before is not None:
            self.write("a", before)
        plan = Plan((Change("pip", self.file, before, after, between=VIA),))
        self.commit(plan=plan, halfway=self.note, **options)


@pytest.mark.parametrize(("before", "after"), ENDS)
def test_it_stands_there_halfway(tmp_path: Path, before: bytes | None, after: bytes | None) -> None:
    shop = Watched(tmp_path)
    shop.pass_through(before, after, confirm=shop.note)
    assert shop.seen == [VIA, after]
    assert shop.litter() == []


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize(("before", "after"), ENDS)
def test_a_no_goes_back_over_it(
    tmp_path: Path, before: bytes | None, after: bytes | None, linked: bool
) -> None:
    shop = Watched(tmp_path)
    if linked and before is not None and after is not None:
        os.link(shop.write("a", before), tmp_path / "other")

    def refuse() -> None:
        shop.note()
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        shop.pass_through(before, after, confirm=refuse)
    assert shop.seen == [VIA, after, VIA, before]
    assert shop.litter() == []


@pytest.mark.parametrize("halfway", [False, True])
@pytest.mark.parametrize(("before", "after"), ENDS)
def test_a_killed_change_is_taken_back_over_it(
    tmp_path: Path, before: bytes | None, after: bytes | None, halfway: bool
) -> None:
    shop = Watched(tmp_path)
    if (child := os.fork()) == 0:
        where = {"halfway" if halfway else "confirm": lambda: os.kill(os.getpid(), signal.SIGKILL)}
        if before is not None:
            shop.write("a", before)
        plan = Plan((Change("pip", shop.file, before, after, between=VIA),))
        shop.commit(plan=plan, **where)
    os.waitpid(child, 0)
    assert shop.store.recover() == (shop.file,)
    assert shop.seen == [VIA, before]
    assert shop.litter() == []
