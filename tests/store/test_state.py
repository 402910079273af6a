"""Where the history lives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mirrorcfg.errors import Exit, MirrorcfgError, PermissionDeniedError
from mirrorcfg.store import Store, state_directory
from tests.store.workshop import NOBODY, Workshop, needs_root


def test_it_depends_on_who_asks(tmp_path: Path) -> None:
    assert state_directory(None, {}, tmp_path, euid=0) == Path("/var/lib/mirrorcfg")
    if sys.platform == "linux":
        assert state_directory(None, {}, tmp_path, euid=1000) == tmp_path / ".local/state/mirrorcfg"
        named = {"XDG_STATE_HOME": str(tmp_path / "s")}
        assert state_directory(None, named, tmp_path, euid=1000) == tmp_path / "s/mirrorcfg"
        assert (
            state_directory(None, {"XDG_STATE_HOME": "s"}, tmp_path, euid=1)
            == tmp_path / ".local/state/mirrorcfg"
        )
    assert state_directory(tmp_path, {}, tmp_path) == tmp_path / "var/lib/mirrorcfg"
    assert state_directory(tmp_path, {"MIRRORCFG_STATE": str(tmp_path / "x")}) == tmp_path / "x"


def test_it_stays_inside_the_root(tmp_path: Path) -> None:
    (tmp_path / "root" / "var").mkdir(parents=True)
    (tmp_path / "root" / "var" / "lib").symlink_to("/elsewhere")
    assert state_directory(tmp_path / "root", {}) == tmp_path / "root/elsewhere/mirrorcfg"


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_one_that_others_may_write_isnt_trusted(shop: Workshop, mode: int) -> None:
    shop.commit(("a", b"one"))
    shop.store.directory.chmod(mode)
    for use in (shop.store.head, shop.store.settle, lambda: shop.commit(("a", b"two"))):
        with pytest.raises(PermissionDeniedError) as caught:
            use()
        assert caught.value.exit == Exit.PERMISSION
        assert caught.value.code == "state-not-trusted"
    assert (shop.base / "a").read_bytes() == b"one"


@needs_root
def test_one_of_someone_elses_isnt_trusted(shop: Workshop) -> None:
    shop.store.directory.mkdir(mode=0o700)
    os.chown(shop.store.directory, NOBODY.uid, NOBODY.gid)
    with pytest.raises(PermissionDeniedError):
        shop.commit(("a", b"one"))
    assert list(shop.store.directory.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "link"])
def test_one_that_is_no_directory_isnt_used(shop: Workshop, kind: str) -> None:
    if kind == "file":
        shop.store.directory.write_bytes(b"")
    else:
        shop.store.directory.symlink_to(shop.base)
    with pytest.raises(MirrorcfgError) as caught:
        shop.store.head()
    assert caught.value.code == "state-not-a-directory"


def test_it_can_be_looked_into_without_a_write(tmp_path: Path) -> None:
    assert Store(tmp_path / "a/b", allowed=lambda path: True).head() is None
    assert list(tmp_path.iterdir()) == []


def test_importing_the_store_is_light() -> None:
    code = "import sys, mirrorcfg.store; print(*sys.modules)"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run(
        [sys.executable, "-S", "-c", code], env=env, capture_output=True, text=True, check=True
    )
    heavy = {"tempfile", "shutil", "subprocess", "ctypes", "datetime", "platformdirs", "random", "threading"}
    assert not heavy & set(run.stdout.split())
