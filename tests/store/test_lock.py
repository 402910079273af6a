"""One at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mirrorcfg.errors import MirrorcfgError
from tests.store.workshop import Workshop

ADD = """
import sys
from pathlib import Path
from mirrorcfg.model.plan import Change, Plan
from mirrorcfg.store import Store
base = Path(sys.argv[1])
store = Store(base / "state", allowed=lambda path: True)
with store.locked():
    before = store.read(base / "a") or b""
    store.commit(Plan((Change("pip", base / "a", before or None, before + b"x"),)), command="use")
"""


def test_fifty_at_once_come_one_after_another(shop: Workshop) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", ADD, str(shop.base)]
    crowd = [subprocess.Popen(command, env=env, cwd=Path(__file__).parents[2]) for _ in range(50)]
    assert [process.wait() for process in crowd] == [0] * 50
    assert (shop.base / "a").read_bytes() == b"x" * 50
    assert [generation.number for generation in shop.store.history()] == list(range(50, 0, -1))
    assert shop.litter() == []


def test_who_holds_it_too_long_is_named(tmp_path: Path) -> None:
    one, two = Workshop(tmp_path), Workshop(tmp_path, timeout=0.0)
    with one.store.locked():
        with pytest.raises(MirrorcfgError) as caught, two.store.locked():
            pass
        assert caught.value.code == "locked"
        assert str(os.getpid()) in caught.value.what
    with two.store.locked():
        pass


def test_a_holder_that_dies_lets_go(tmp_path: Path) -> None:
    hold = ADD.split("    before")[0] + "    print('held', flush=True); sys.stdin.read()\n"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        impatient = Workshop(tmp_path, timeout=0.0)
        with pytest.raises(MirrorcfgError, match=str(holder.pid)), impatient.store.locked():
            pass
        holder.kill()
        holder.wait()
        with impatient.store.locked():
            pass


def test_it_may_be_taken_twice_by_its_holder(shop: Workshop) -> None:
    with shop.store.locked(), shop.store.locked():
        assert shop.store.settle() == ()
        assert shop.commit(("a", b"one")).number == 1
