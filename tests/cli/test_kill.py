"""`use` and `undo`, killed at each system call that changes something; the next command puts it right."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests import parts
from tests.crash import kill
from tests.sandbox import PROGRAM, Sandbox

pytestmark = pytest.mark.timeout(2400)  # a run of the program for each step at which it may die

OLD = {
    "root/etc/pip.conf": b"# ours\r\n[global]\r\ntimeout = 60\r\nindex-url = https://old.example/simple\r\n",
    "root/etc/conda/.condarc": b"channels:\n  - conda-forge  # first\n  - defaults",
    "root/etc/docker/daemon.json": None,
}
USE = ("use", "china", "--root", "root", "--yes", "--no-verify")
UNDO = ("undo", "--root", "root", "--yes")
STATUS = ("status", "--root", "root", "--json")


class Place:
    """Sandboxes by name, and how their files stand before and after the command."""

    def __init__(self, folder: Path, verb: Sequence[str]) -> None:
        self.folder, self.verb = folder, verb
        self.outcomes: set[str] = set()
        begin = self.made("begin")
        if verb == UNDO:
            mirrorcfg(begin, USE)
        whole = self.prepared("reference")
        self.before = self.stand("reference")
        mirrorcfg(whole, verb)
        self.after = self.stand("reference")
        assert self.before != self.after

    def made(self, name: str) -> Sandbox:
        (self.folder / name).mkdir()
        box = Sandbox(self.folder / name)
        for path, data in OLD.items():
            if data is not None:
                box.write(box.folder / path, data)
        box.environ |= {"PYTHONDONTWRITEBYTECODE": "1"}
        return box

    def prepared(self, name: str) -> Sandbox:
        """One that stands as the first does: no record says where its root is."""
        box, begin = self.made(name), self.folder / "begin"
        for part in ("root", "state"):
            if (begin / part).exists():
                shutil.copytree(begin / part, box.folder / part, dirs_exist_ok=True)
        return box

    def stand(self, name: str) -> dict[str, bytes | None]:
        base = self.folder / name
        return {path: (base / path).read_bytes() if (base / path).exists() else None for path in OLD}

    def command(self, name: str) -> tuple[Sequence[str], Mapping[str, str]]:
        box = self.prepared(name)
        script = (
            f"import os, sys; os.chdir({str(box.folder)!r}); sys.argv = {['mirrorcfg', *self.verb]!r}; {_RUN}"
        )
        return [*_PYTHON, "-c", script], box.environ | _PATHS

    def judge(self, name: str) -> Iterator[str]:
        box = Sandbox.__new__(Sandbox)
        box.folder, box.environ = self.folder / name, {"HOME": str(self.folder / name / "home")}
        box.environ["MIRRORCFG_STATE"] = str(box.folder / "state")
        done = mirrorcfg(box, STATUS)
        stands = self.stand(name)
        if stands not in (self.before, self.after):
            yield f"neither old nor new: {stands}"
        self.outcomes.add("old" if stands == self.before else "new")
        generation = json.loads(done.stdout)["data"]["generation"]
        expected = {UNDO: (1, 2), USE: (None, 1)}[tuple(self.verb)]  # type: ignore[index]
        if generation != expected[stands == self.after]:
            yield f"the history says {generation}"
        litter = [
            path for path in box.folder.rglob("*") if ".mirrorcfg-" in path.name or path.name == "journal"
        ]
        if litter:
            yield f"left behind: {litter}"


def mirrorcfg(box: Sandbox, argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([PROGRAM, *argv], env=box.environ, cwd=box.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


_RUN = "from mirrorcfg.cli.app import main; main()"
_PYTHON = [str(kill.INTERPRETER), "-S"]
_PATHS = {"PYTHONPATH": ":".join(kill.packages())}


@pytest.mark.parametrize("verb", [USE, UNDO], ids=["use", "undo"])
def test_all_old_or_all_new_wherever_it_is_killed(verb: Sequence[str], tmp_path: Path) -> None:
    if reason := kill.why_not():
        parts.absent(reason)
    place = Place(tmp_path, verb)
    runs, problems = kill.everywhere(place.command, place.judge, tmp_path)
    assert problems == []
    assert runs > 20
    assert place.outcomes == {"old", "new"}
