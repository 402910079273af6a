"""A directory with a store in it, and ways to run things apart from the rest of the machine."""

from __future__ import annotations

import ctypes
import os
import pickle
import subprocess
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorcfg.model.generation import Generation
from mirrorcfg.model.plan import Change, Plan, User
from mirrorcfg.store import Store
from tests import parts

NOBODY = User(65534, 65534)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


class Workshop:
    def __init__(self, base: Path, **options: object) -> None:
        self.base = base
        self.store = Store(base / "state", allowed=lambda path: True, **options)  # type: ignore[arg-type]

    def write(self, name: str, data: bytes, mode: int = 0o644) -> Path:
        path = self.base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(mode)
        return path

    def plan(
        self, *goals: tuple[Path | str, bytes | None], user: User | None = None, secret: bool = False
    ) -> Plan:
        paths = [(self.base / path, data) for path, data in goals]
        return Plan(
            tuple(Change("pip", p, self.store.read(p, user), data, secret, user) for p, data in paths)
        )

    def commit(
        self,
        *goals: tuple[Path | str, bytes | None],
        plan: Plan | None = None,
        user: User | None = None,
        secret: bool = False,
        **options: object,
    ) -> Generation:
        with self.store.locked():
            plan = plan or self.plan(*goals, user=user, secret=secret)
            return self.store.commit(plan, command="use", tools={"pip": "x"}, **options)  # type: ignore[arg-type]

    def litter(self) -> list[Path]:
        found = [path for path in self.base.rglob("*") if ".mirrorcfg-" in path.name]
        return [*found, *self.base.rglob("journal")]


def apart(work: Callable[[], None], *, mounts: bool = True) -> None:
    """Run `work` in a process of its own, with mounts of its own that go with it."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        failure: str | None = None
        try:
            if mounts:
                _own_mounts()
            work()
        except BaseException:
            failure = traceback.format_exc()
        os.write(send, pickle.dumps(failure))
        os._exit(0)
    os.close(send)
    with os.fdopen(receive, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    if problem := pickle.loads(said):
        pytest.fail(problem)


def _own_mounts() -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(0x00020000):
        raise OSError(ctypes.get_errno(), "unshare")
    mount("--make-rprivate", "/")


def mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True, capture_output=True)


needs_mounts = pytest.mark.skipif(parts.no_mounts() is not None, reason=str(parts.no_mounts()))
