"""A file system that is remounted read-only at any moment of a change: all-old or all-new, and nothing is left."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.model.plan import Change, Plan
from mirrorcfg.store import Store
from tests.store.workshop import apart, mount, needs_mounts

pytestmark = needs_mounts
STEPS = (
    "create", "write", "sync", "sync_directory", "rename", "unlink", "mkdir", "rmdir", "truncate", "chmod",
    "chown", "attribute",
)  # fmt: skip


class Remounted(RealDisk):
    """The real disk, on which a file system becomes read-only before one of its steps."""

    def __init__(self, at: int, mounted: Path) -> None:
        super().__init__()
        self.steps, self._at, self._mounted = 0, at, mounted

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in STEPS:
            self.steps += 1
            if self.steps == self._at:  # it is busy, and stays as it is, while a file is open for writing
                subprocess.run(["mount", "-o", "remount,ro", self._mounted], capture_output=True)
        return found


def changed(base: Path, at: int, mounted: Path) -> bool:
    """Commit with the remount at a step, and look at what the next command leaves; was that the last step?"""
    files, state = base / "files", base / "state"
    for folder in (files, state):
        folder.mkdir(exist_ok=True)
        mount("-t", "tmpfs", "tmpfs", folder)
    for name in ("a", "b"):
        (files / name).write_text("old")
    disk = Remounted(at, mounted)
    store = Store(state / "s", allowed=lambda path: True, disk=disk)
    edits = [Change("pip", files / name, b"old", b"new") for name in ("a", "b")]
    with suppress(MirrorcfgError), store.locked():
        store.commit(Plan((*edits, Change("pip", files / "d/c", None, b"new"))), command="use")
    mount("-o", "remount,rw", mounted)
    with Store(state / "s", allowed=lambda path: True).locked():
        there = {str(p.relative_to(files)): p.read_text() for p in files.rglob("*") if p.is_file()}
    assert there in ({"a": "old", "b": "old"}, {"a": "new", "b": "new", "d/c": "new"}), at
    assert {path.name for path in (state / "s").iterdir()} <= {"lock", "head", "generations", "objects"}, at
    for folder in (files, state):
        subprocess.run(["umount", "-l", folder], check=True)
    return disk.steps < at


@pytest.mark.parametrize("mounted", ["files", "state"])
def test_at_each_step(tmp_path: Path, mounted: str) -> None:
    def work() -> None:
        at = 1
        while not changed(tmp_path, at, tmp_path / mounted):
            at += 1
        assert at > 50

    apart(work)
