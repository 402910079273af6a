"""`run` with the real uv in a project whose lock names a mirror: what it says is what uv then does."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import parts
from tests.sandbox import Sandbox, environment
from tests.verifier.lab import Authority, Route, Server, html, ranged

WHEEL = "six-1.0-py3-none-any.whl"
PROJECT = '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.8"\ndependencies = ["six"]\n'


def index() -> dict[str, Route]:
    packed = io.BytesIO()
    texts = {
        "six.py": "",
        "six-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: six\nVersion: 1.0\n",
        "six-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(packed, "w") as file:
        for name, text in {
            **texts,
            "six-1.0.dist-info/RECORD": "".join(f"{name},,\n" for name in texts),
        }.items():
            file.writestr(zipfile.ZipInfo(name), text)
    page = html(f'<!DOCTYPE html><a href="../../files/{WHEEL}">{WHEEL}</a>')
    return {"/simple/six/": page, f"/files/{WHEEL}": ranged(packed.getvalue())}


class Mirrors(NamedTuple):
    old: Server
    new: Server
    project: Path
    environ: dict[str, str]


@pytest.fixture
def mirrors(box: Sandbox, tmp_path: Path) -> Iterator[Mirrors]:
    """A project with a lock that the real uv made with `old`, and a profile of `new`."""
    authority = Authority(tmp_path)
    with ExitStack() as stack:
        old, new = (stack.enter_context(Server(authority.context(), index())) for _ in range(2))
        box.profile("new", f'[pip]\nindex-url = "{new.url}/simple"\n')
        box.write(box.home / "project/pyproject.toml", PROJECT)
        (box.home / "project/src").mkdir()
        box.environ |= {"SSL_CERT_FILE": str(authority.file), "UV_NO_CACHE": "1", "UV_HTTP_RETRIES": "0"}
        environ = environment() | box.environ
        locked = [parts.program("uv"), "lock", "--default-index", f"{old.url}/simple"]
        subprocess.run(locked, cwd=box.home / "project", env=environ, check=True, capture_output=True)
        old.seen.clear()
        yield Mirrors(old, new, box.home / "project", environ)


# The command, its variables and where it is run; whether uv then asks the old mirror, its exit code, what is said.
CASES: dict[str, tuple[str, dict[str, str], str, bool, int, str | None]] = {
    "frozen": ("uv sync --frozen", {}, ".", True, 0, "a frozen uv takes all from there, not from new"),
    "frozen below": ("uv sync --frozen", {}, "src", True, 0, "a frozen uv takes all from there"),
    "frozen elsewhere": ("uv --directory ../.. --project project sync --frozen", {}, "src", True, 0, "takes all from there"),
    "frozen by a variable": ("uv sync", {"UV_FROZEN": "1"}, ".", True, 0, "takes all from there"),
    "frozen run": ("uv run --frozen python -c pass", {}, ".", True, 0, "takes all from there"),
    "frozen, by another name": ("python -m uv sync --frozen", {}, ".", True, 0, "takes all from there"),
    "locked": ("uv sync --locked", {}, ".", False, 1, "so uv fails"),
    "locked by a variable": ("uv run python -c pass", {"UV_LOCKED": "true"}, ".", False, 1, "so uv fails"),
    "plain": ("uv sync", {}, ".", False, 0, "uv resolves anew with new"),
    "plain run": ("uv run python -c pass", {}, ".", False, 0, "uv resolves anew with new"),
    "another program's frozen": ("uv run echo --frozen", {}, ".", False, 0, "uv resolves anew with new"),
    "not a project's": ("uv pip install --target t six", {}, ".", False, 0, None),
    "a frozen tree": ("uv tree --frozen", {}, ".", False, 0, None),
    "without it": ("uv run --no-project python -c pass", {}, ".", False, 0, None),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_said_of_a_lock_is_what_uv_does(case: str, box: Sandbox, mirrors: Mirrors) -> None:
    line, variables, folder, asks, code, says = CASES[case]
    done = ran(box, mirrors, line, variables, folder)
    assert (done.returncode == 0) == (code == 0), done.stderr
    assert any(each.path.startswith("/files/") for each in mirrors.old.seen) == asks
    assert bool(mirrors.old.seen) == asks
    lock = (mirrors.project / "uv.lock").read_text()
    assert (f"{mirrors.new.url}/simple" in lock) == (says is not None and "anew with new" in says)
    assert (
        (says or "note") in done.stderr.replace("\n  ", " ")
        if says
        else "lock-names-mirror" not in done.stderr
    )
    host = mirrors.old.url.removeprefix("https://")
    assert (host in done.stderr) == (says is not None)


def ran(
    box: Sandbox, mirrors: Mirrors, line: str, variables: dict[str, str], folder: str = "."
) -> subprocess.CompletedProcess[str]:
    program = [str(Path(parts.program("mirrorcfg"))), "run", "--chain", "new", "--", *line.split()]
    return subprocess.run(
        program, cwd=mirrors.project / folder, env=mirrors.environ | variables, capture_output=True, text=True
    )


def test_a_lock_that_names_what_is_asked_is_no_news(box: Sandbox, mirrors: Mirrors) -> None:
    done = ran(box, mirrors, "uv sync --frozen", {"UV_INDEX": f"{mirrors.old.url}/simple"})
    assert "lock-names-mirror" not in done.stderr
    assert done.returncode == 0


def test_what_is_no_lock_is_for_uv_to_say(box: Sandbox, mirrors: Mirrors) -> None:
    (mirrors.project / "uv.lock").write_text("[[package]\n")
    done = ran(box, mirrors, "uv sync --frozen", {})
    assert "lock-names-mirror" not in done.stderr
    assert "uv.lock" in done.stderr


def test_a_pinned_command_runs_with_neither(box: Sandbox, mirrors: Mirrors) -> None:
    box.profile("broken", '[pip]\nindex-url = "https://localhost:1/simple"\n')
    program = [parts.program("mirrorcfg"), "run", "--chain", "broken,new", "--", "uv", "sync", "--frozen"]
    done = subprocess.run(program, cwd=mirrors.project, env=mirrors.environ, capture_output=True, text=True)
    assert "this runs with new" not in done.stderr
    assert "takes all from there" in done.stderr.replace("\n  ", " ")
