"""What the machine refuses: a clear error, the right exit code, and every file as it was."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from mirrorcfg.errors import Exit, MirrorcfgError, PermissionDeniedError
from mirrorcfg.model.plan import Change, Plan
from tests.store.workshop import NOBODY, Workshop, apart, mount, needs_mounts, needs_root


def fails(
    shop: Workshop, code: str, exit_code: Exit, *goals: tuple[Path | str, bytes | None]
) -> MirrorcfgError:
    before = {path: path.read_bytes() for path in _files(shop)}
    with pytest.raises(MirrorcfgError) as caught:
        shop.commit(*goals)
    error = caught.value
    assert (error.code, error.exit) == (code, exit_code)
    assert error.path
    assert error.hint
    assert {path: path.read_bytes() for path in _files(shop)} == before
    assert shop.litter() == []
    assert shop.store.head() is None
    return error


def _files(shop: Workshop) -> list[Path]:
    found = [path for path in shop.base.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in found if not path.is_relative_to(shop.base / "state")]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("directory", "not-a-file"),
        ("fifo", "not-a-file"),
        ("device", "not-a-file"),
        ("loop", "symlink-loop"),
        ("long", "name-too-long"),
        ("under a file", "not-a-directory"),
        ("huge", "file-too-large"),
    ],
)
def test_what_is_no_file_is_refused(shop: Workshop, kind: str, code: str) -> None:
    shop.write("0", b"old")
    path = shop.base / ("n" * 300 if kind == "long" else "0/a" if kind == "under a file" else "a")
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/null")
    elif kind == "loop":
        path.symlink_to("b")
        (shop.base / "b").symlink_to("a")
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(1 << 30)
    plan = Plan((Change("pip", shop.base / "0", b"old", b"new"), Change("pip", path, None, b"new")))
    with pytest.raises(MirrorcfgError) as caught:
        shop.commit(plan=plan)
    assert caught.value.code == code
    assert (shop.base / "0").read_bytes() == b"old"
    assert shop.litter() == []


@needs_mounts
def test_a_full_disk_at_the_target(shop: Workshop) -> None:
    def work() -> None:
        small = shop.base / "small"
        small.mkdir()
        mount("-t", "tmpfs", "-o", "size=64k", "none", small)
        shop.write("0", b"old")
        shop.write("small/a", b"old")
        fails(shop, "disk-full", Exit.FAILED, ("0", b"new"), ("small/a", b"x" * 100_000))

    apart(work)


@needs_mounts
def test_a_full_disk_under_the_history(shop: Workshop) -> None:
    def work() -> None:
        state = shop.base / "state"
        state.mkdir()
        mount("-t", "tmpfs", "-o", "size=64k,mode=700", "none", state)
        shop.write("0", b"old")
        fails(shop, "disk-full", Exit.FAILED, ("0", b"x" * 100_000))

    apart(work)


@needs_mounts
def test_a_history_disk_that_is_full_at_the_very_end(shop: Workshop) -> None:
    """Nothing is left for the record of the generation, when all files have been changed."""

    def work() -> None:
        state = shop.base / "state"
        state.mkdir()
        mount("-t", "tmpfs", "-o", "size=64k,mode=700", "none", state)
        path = shop.write("0", b"old")

        def fill() -> None:
            assert path.read_bytes() == b"new"
            with (state / "filler").open("wb", buffering=0) as file, suppress(OSError):
                while file.write(b"x" * 4096):
                    pass

        with pytest.raises(MirrorcfgError) as caught:
            shop.commit(("0", b"new"), confirm=fill)
        assert caught.value.code == "disk-full"
        assert path.read_bytes() == b"old"
        assert shop.litter() == []
        assert shop.store.head() is None

    apart(work)


@needs_mounts
def test_a_read_only_file_system(shop: Workshop) -> None:
    def work() -> None:
        shop.write("0", b"old")
        shop.write("ro/a", b"old")
        mount("--bind", shop.base / "ro", shop.base / "ro")
        mount("-o", "remount,ro,bind", shop.base / "ro")
        fails(shop, "read-only-file-system", Exit.PERMISSION, ("0", b"new"), ("ro/a", b"new"))

    apart(work)


@needs_mounts
@pytest.mark.parametrize("same", [True, False])
def test_a_mounted_file_is_written_in_place(shop: Workshop, same: bool) -> None:
    def work() -> None:
        source = shop.write("source", b"old, from the host")
        if not same:
            other = shop.base / "other"
            other.mkdir()
            mount("-t", "tmpfs", "none", other)
            source = shop.write("other/source", b"old, from the host")
        path, last = shop.write("a", b""), shop.write("b", b"old")
        mount("--bind", source, path)
        generation = shop.commit(("a", b"new"), ("b", b"new"))
        assert source.read_bytes() == path.read_bytes() == last.read_bytes() == b"new"
        assert generation.number == 1
        assert shop.litter() == []

    apart(work)


@needs_mounts
def test_a_file_mounted_into_a_read_only_directory(shop: Workshop) -> None:
    def work() -> None:
        source = shop.write("source", b"old")
        path = shop.write("ro/a", b"")
        mount("--bind", shop.base / "ro", shop.base / "ro")
        mount("--bind", source, path)
        mount("-o", "remount,ro,bind", shop.base / "ro")
        shop.commit(("ro/a", b"new"))
        assert source.read_bytes() == b"new"

    apart(work)


@needs_mounts
def test_a_mounted_file_cant_be_removed(shop: Workshop) -> None:
    def work() -> None:
        source = shop.write("source", b"old")
        mount("--bind", source, shop.write("a", b""))
        shop.write("0", b"old")
        fails(shop, "busy", Exit.FAILED, ("0", b"new"), ("a", None))

    apart(work)


@needs_root
@pytest.mark.parametrize("what", ["a", "."])
def test_an_immutable_file_or_directory(shop: Workshop, what: str) -> None:
    target = shop.write("d/a", b"old").parent / what
    shop.write("0", b"old")
    made = subprocess.run(["chattr", "+i", target], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("the file system knows no immutable files")
    try:
        if what == "a":
            error = fails(shop, "operation-not-permitted", Exit.PERMISSION, ("0", b"new"), ("d/a", b"new"))
            assert "chattr -i" in (error.hint or "")
        else:  # the directory's names are fixed, the file's bytes are not
            shop.commit(("d/a", b"new"))
            assert (shop.base / "d/a").read_bytes() == b"new"
    finally:
        subprocess.run(["chattr", "-i", target], check=True)


@needs_root
def test_a_directory_of_somebody_elses(shop: Workshop) -> None:
    shop.base.chmod(0o755)
    directory = shop.write("d/a", b"old").parent
    before = directory.stat()
    with pytest.raises(PermissionDeniedError):
        shop.commit(("d/a", b"new"), user=NOBODY)
    with pytest.raises(PermissionDeniedError):
        shop.commit(("d/b", b"new"), user=NOBODY)
    assert (directory / "a").read_bytes() == b"old"
    assert [path.name for path in directory.iterdir()] == ["a"]
    assert directory.stat().st_mode == before.st_mode
