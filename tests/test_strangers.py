"""The suite on a machine that isn't its authors': parts missing, signals ignored, a test that hangs or touches."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import parts, untouched

CONFTEST = "from tests.conftest import *\n"


def session(
    folder: Path, text: str, *argv: str, first: str = "", more: str = ""
) -> subprocess.CompletedProcess[str]:
    """A run of the tests in `text`, as those here are run; what a shell does `first`, and `more` of a conftest.py."""
    (folder / "test_it.py").write_text(text)
    (folder / "conftest.py").write_text(CONFTEST + more)
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        "pyproject.toml",
        *argv,
        str(folder),
    ]
    return subprocess.run(
        ["sh", "-c", f'{first}\nexec "$@"', "sh", *words],
        cwd=untouched.CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_program_that_is_missing_is_a_skip_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIRRORCFG_CI", raising=False)
    with (
        pytest.raises(pytest.skip.Exception, match="the program no-such-program is not installed"),
        parts.needed(),
    ):
        subprocess.run(["no-such-program"], check=True)
    with pytest.raises(FileNotFoundError), parts.needed():
        Path("no-such-file").read_text()
    monkeypatch.setenv("MIRRORCFG_CI", "1")
    with pytest.raises(pytest.fail.Exception, match="no-such-program"), parts.needed():
        subprocess.run(["no-such-program"], check=True)


MISSING = """
import asyncio, subprocess, pytest

@pytest.fixture(scope="session")
def lab():
    return subprocess.Popen(["no-such-lab"])

def test_fixture(lab): pass
def test_again(lab): pass
def test_call(): asyncio.run(asyncio.create_subprocess_exec("no-such-call"))
"""


def test_in_a_fixture_and_in_a_call_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIRRORCFG_CI", raising=False)
    done = session(tmp_path, MISSING)
    assert done.returncode == 0, done.stdout
    assert "3 skipped" in done.stdout
    assert done.stdout.count("the program no-such-lab is not installed") >= 1


DEAF = """
import os, signal, subprocess, sys, pytest

ASK = "import signal; print(*(signal.getsignal(n) == signal.SIG_IGN for n in (1, 2, 3, 15)))"

def test_children():
    assert subprocess.check_output([sys.executable, "-c", ASK], text=True).split() == ["False"] * 4

@pytest.mark.parametrize("number", [1, 3])
def test_the_run_outlives_what_it_was_told_to_ignore(number):
    os.kill(os.getpid(), number)

def test_an_interrupt_is_python_s():
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(2)
"""


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_run_from_nohup_or_in_the_background(tmp_path: Path, workers: str) -> None:
    done = session(tmp_path, DEAF, "-n", workers, first='trap "" HUP INT QUIT TERM')
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


HANGS = """
import ctypes, re, subprocess, pytest

def test_waits(): subprocess.run(["sleep", "60"])
def test_goes_on(): pass
@pytest.mark.timeout(60)
def test_deaf_in_c(): ctypes.PyDLL(None).sleep(60)  # with the interpreter's lock
"""


def test_a_test_that_hangs_fails(tmp_path: Path) -> None:
    done = session(tmp_path, HANGS, "-n", "1", "--timeout", "1", "-o", "faulthandler_timeout=3")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Failed: Timeout (>1.0s)" in done.stdout
    assert "crashed while running" in done.stdout
    assert "2 failed, 1 passed" in done.stdout


TOUCHES = """
from pathlib import Path

HERE = Path(__file__).with_name("machine")

def test_it():
    (HERE / "new").mkdir()
    (HERE / "gone").unlink()
    (HERE / "mode").chmod(0o600)
    (HERE / "in/size").write_text("longer")
    (HERE / "link").unlink()
    (HERE / "link").symlink_to("elsewhere")
    (HERE / "passing/by").write_text("")
    (HERE / "passing/by").unlink()
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_that_changes_the_machine_fails_and_says_where(tmp_path: Path, workers: str) -> None:
    machine = tmp_path / "machine"
    for folder in ("", "in", "passing"):
        (machine / folder).mkdir()
    for file in ("gone", "mode", "in/size", "same"):
        (machine / file).write_text("text")
    (machine / "link").symlink_to("somewhere")
    conftest = f"from tests import untouched\nuntouched.SYSTEM = (untouched.Place(untouched.Path({str(machine)!r}), 3),)\n"
    done = session(tmp_path, TOUCHES, "-n", workers, more=conftest)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    told = dict(re.findall(rf"^{machine}/?(\S*): (.*)$", done.stdout, re.M))
    assert told == {
        "": "another time",
        "gone": "gone",
        "in/size": "another size, time",
        "link": "another time, target",
        "mode": "another mode",
        "new": "new",
        "passing": "another time",
    }


def test_what_a_run_looks_at() -> None:
    """Every place that mirrorcfg writes to by itself, and it takes no time."""
    began = time.monotonic()
    seen = untouched.seen()
    assert time.monotonic() - began < 5
    assert {"/etc", "/etc/passwd", "/var/lib", str(Path.home().resolve())} <= seen.keys()
    assert not untouched.differences(seen, seen)
    watched = {str(place.path) for place in untouched.places()}
    assert {
        str(Path.home().resolve() / name) for name in (".config/pip", ".condarc", ".local/state")
    } <= watched


def test_every_test_has_a_ceiling(request: pytest.FixtureRequest) -> None:
    assert 0 < float(request.config.getini("timeout")) < float(request.config.getini("faulthandler_timeout"))
    assert request.config.getini("faulthandler_exit_on_timeout")


def test_the_readme_says_what_ci_installs() -> None:
    """What `make test` needs for nothing to be skipped."""
    script = (untouched.CHECKOUT / ".ci/run").read_text()
    packages = re.findall(r"packages=\((.*?)\)", script, re.DOTALL)[0].split()
    line = f"apt-get install --no-install-recommends {' '.join(packages)}\n"
    for page in ("README.md", "README.zh-CN.md"):
        assert line in (untouched.CHECKOUT / page).read_text(), page
