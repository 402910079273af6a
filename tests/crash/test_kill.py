"""A real process, killed at each of its system calls."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from mirrorcfg.store import Store
from tests.crash import driver, kill

pytestmark = pytest.mark.timeout(2400)  # a run of the program for each step at which it may die

OLD = {
    "etc/pip.conf": b"# old pip\n",
    "home/config/condarc": None,
    "etc/daemon.json": b'{"old": 1}\n',
    "etc/gone": b"to be removed\n",
}


@pytest.mark.skipif(kill.why_not() is not None, reason=str(kill.why_not()))
def test_all_old_or_all_new_wherever_the_process_is_killed(tmp_path: Path) -> None:
    outcomes: set[int] = set()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(_path()), "PYTHONDONTWRITEBYTECODE": "1"}

    def prepare(name: str) -> tuple[Sequence[str], Mapping[str, str]]:
        base = tmp_path / name
        for path, data in OLD.items():
            if data is not None:
                (base / path).parent.mkdir(parents=True, exist_ok=True)
                (base / path).write_bytes(data)
        (base / "etc" / "hard").hardlink_to(base / "etc" / "daemon.json")
        return [str(kill.INTERPRETER), "-S", "-m", "tests.crash.driver", str(base)], env

    def judge(name: str) -> Iterator[str]:
        base = tmp_path / name
        store = Store(base / "state", allowed=lambda path: path.is_relative_to(base))
        store.recover()
        stands = {path: _bytes(base / path) for path in OLD}
        head = store.head()
        outcomes.add(head.number if head else 0)
        if stands != (OLD if head is None else driver.GOAL):
            yield f"torn: {stands}, {head}"
        if not (base / "etc" / "hard").samefile(base / "etc" / "daemon.json"):
            yield "the hard link is gone"
        if litter := [
            path for path in base.rglob("*") if ".mirrorcfg-" in path.name or path.name == "journal"
        ]:
            yield f"left behind: {litter}"
        if head is None and (base / "home").exists():
            yield "a directory is left behind"

    runs, problems = kill.everywhere(prepare, judge, tmp_path)
    assert problems == []
    assert runs > 40
    assert outcomes == {0, 1}


def _path() -> list[str]:
    import mirrorcfg

    return [str(Path(mirrorcfg.__file__).parents[1])]


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
