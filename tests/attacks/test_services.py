"""What runs by itself as root: nothing in its text is another's line, and nothing that it runs is another's code."""

from __future__ import annotations

import json
import os
import plistlib
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorcfg.errors import UsageError
from mirrorcfg.service import Job, cron, launchd, systemd
from tests import parts
from tests.conftest import CHECKOUT
from tests.sandbox import Sandbox

STRANGER = 65534
SHOW = ("watch", "--install", "--scope", "system", "--dry-run", "--json")
JOB = Job(("/bin/true",), ("/bin/true",), 60, 10, {}, system=True)
EVIL = "* * * * * root /tmp/evil"
BREAKS = ["\r", "\n", "\0", "\x0b", "\x0c", "\x1b[2J", "\x1c", "\x85", "\x7f", "\u2028", "\u2029", "\udc80"]
TEXTS: list[Callable[[Job], str]] = [systemd.unit, cron.block, lambda job: launchd.plist(job, "/tmp/log")]
PLACES: list[Callable[[str], Job]] = [
    lambda word: JOB._replace(loop=("/bin/true", word)),
    lambda word: JOB._replace(once=("/bin/true", word)),
    lambda word: JOB._replace(environ={"PATH": word}),
    lambda word: JOB._replace(writable=(word,)),
]


@pytest.mark.parametrize("text", TEXTS, ids=["systemd", "cron", "launchd"])
@pytest.mark.parametrize("place", PLACES, ids=["loop", "once", "variable", "folder"])
@pytest.mark.parametrize("found", BREAKS, ids=ascii)
def test_no_character_begins_a_line_of_its_own(
    text: Callable[[Job], str], place: Callable[[str], Job], found: str
) -> None:
    with pytest.raises(UsageError) as caught:
        text(place(f"a{found}{EVIL}"))
    assert caught.value.code == "control-character"


@pytest.mark.parametrize("text", TEXTS, ids=["systemd", "cron", "launchd"])
@pytest.mark.parametrize("name", ["A\nExecStart", "A B", "A=B", "$(reboot)", "A;reboot", "1A", "", "Ä"])
def test_no_name_of_a_variable_is_more_than_a_name(text: Callable[[Job], str], name: str) -> None:
    with pytest.raises(UsageError) as caught:
        text(JOB._replace(environ={name: "x"}))
    assert caught.value.code == "bad-variable"


@pytest.mark.parametrize("found", ["\r", "\x1b", "\u2028"])
@pytest.mark.parametrize("variable", ["MIRRORCFG_PROFILES", "DOCKER_HOST"])
def test_a_variable_of_the_caller_s_makes_no_directive(box: Sandbox, variable: str, found: str) -> None:
    parts.root()
    parts.program("systemctl")
    answer = box.json(*SHOW[:-1], environ={variable: f"x{found}ExecStartPre=/tmp/evil"}, code=2)
    assert answer["error"]["code"] == "control-character"


def test_the_path_of_a_metrics_file_makes_none_either(box: Sandbox) -> None:
    parts.root()
    parts.program("systemctl")
    answer = box.json(*SHOW[:-1], "--metrics", f"{box.folder}/a\rExecStartPre=/tmp/evil", code=2)
    assert answer["error"]["code"] == "control-character"


def shown(box: Sandbox, **environ: str) -> str:
    """The text for root, where somebody called sudo whose home is the box's."""
    parts.root()
    parts.program("systemctl")
    box.open()
    os.chown(box.home, STRANGER, STRANGER)
    caller = {"SUDO_UID": str(STRANGER), "SUDO_GID": str(STRANGER)}
    text: str = box.json(*SHOW[:-1], environ=caller | environ)["data"]["service"]["text"]
    return text


def test_root_s_service_has_nobody_else_s_home(box: Sandbox) -> None:
    text = shown(box, XDG_CONFIG_HOME=str(box.home / ".config"))
    variables = [line for line in text.splitlines() if line.startswith("Environment=")]
    assert not [line for line in variables if str(box.home) in line or "HOME" in line]
    assert f'Environment="SUDO_UID={STRANGER}"' in variables  # by number, and its home is looked up
    assert '"-I"' in text


def test_root_s_service_has_no_folder_of_others_on_its_path(box: Sandbox) -> None:
    own = box.home / "bin"
    own.mkdir()
    loose = box.folder / "loose"
    loose.mkdir()
    loose.chmod(0o777)
    text = shown(box, PATH=f"{own}:.:{loose}:relative::{box.environ['PATH']}")
    path = next(line for line in text.splitlines() if "PATH=" in line and "Environment" in line)
    assert path.endswith(':/usr/bin:/bin"')
    assert not {str(own), ".", str(loose), "relative", ""} & set(
        path.removesuffix('"').partition("PATH=")[2].split(":")
    )


def test_root_s_service_may_write_where_it_has_to_and_can_do_little_else(box: Sandbox) -> None:
    parts.root()
    parts.program("systemctl")
    text = box.json(*SHOW[:-1])["data"]["service"]["text"]
    assert "\nProtectSystem=strict\n" in text
    assert '"-/etc"' in text
    for broad in ("CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_SETUID", "CAP_SYS_PTRACE", "CAP_KILL"):
        assert broad not in text


def theirs(folder: Path) -> Path:
    os.chown(folder, STRANGER, STRANGER)
    return folder


def open_to_all(folder: Path) -> Path:
    folder.chmod(0o777)
    return folder


def open_to_a_group(folder: Path) -> Path:
    os.chown(folder, 0, STRANGER)
    folder.chmod(0o775)
    return folder


@pytest.mark.parametrize("make", [theirs, open_to_all, open_to_a_group])
@pytest.mark.parametrize("place", ["", "below"])
def test_a_program_in_a_folder_that_others_can_change_is_not_given_to_root(
    box: Sandbox, pyz: Path, make: Callable[[Path], Path], place: str
) -> None:
    parts.root()
    parts.program("systemctl")
    folder = box.folder / "opt"
    own = folder / place / "mirrorcfg.pyz"
    own.parent.mkdir(parents=True)
    shutil.copy(pyz, own)
    make(folder)
    environ = box.environ | {"XDG_CACHE_HOME": str(box.folder / "cache")}
    done = subprocess.run([sys.executable, own, *SHOW], env=environ, capture_output=True, text=True)
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"], error["path"]) == (1, "program-not-roots", str(folder))
    assert "pipx" in error["hint"]


def test_a_package_that_root_s_python_alone_does_not_find_is_not_given_to_it(box: Sandbox) -> None:
    """By PYTHONPATH, as in a user's own packages: what `-I` would run in its place is another."""
    parts.root()
    parts.program("systemctl")
    copy = box.folder / "lib"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "mirrorcfg", copy / "mirrorcfg", ignore=ignored)
    shutil.copytree(CHECKOUT / "profiles", copy / "profiles")
    environ = box.environ | {"PYTHONPATH": str(copy)}
    line = [sys.executable, "-m", "mirrorcfg", *SHOW]
    done = subprocess.run(line, env=environ, cwd=box.folder, capture_output=True, text=True)
    assert json.loads(done.stdout)["error"]["code"] == "program-not-roots"


def test_root_s_python_takes_no_package_out_of_a_home(box: Sandbox, pyz: Path) -> None:
    """The words of the unit, run as its root would, in an environment that somebody prepared."""
    parts.root()
    parts.program("systemctl")
    python = Path("/usr/bin/python3")
    if (
        not python.exists()
        or subprocess.run([python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).returncode
    ):
        parts.absent("there is no Python 3.11 in /usr/bin")
    line = [python, shutil.copy(pyz, box.folder / "mirrorcfg.pyz"), *SHOW]
    environ = box.environ | {"XDG_CACHE_HOME": str(box.folder / "cache")}
    done = subprocess.run(line, env=environ, capture_output=True, text=True, check=True)
    text = json.loads(done.stdout)["data"]["service"]["text"]
    words = shlex.split(
        next(line for line in text.splitlines() if line.startswith("ExecStart=")).partition("=")[2]
    )
    version = subprocess.run([python, "-c", "import site; print(site.getusersitepackages())"],
                             env={"HOME": str(box.home)}, capture_output=True, text=True, check=True)  # fmt: skip
    packages = Path(version.stdout.strip())
    packages.mkdir(parents=True)
    diary = box.folder / "ran"
    (packages / "usercustomize.py").write_text(f"open({str(diary)!r}, 'w')")
    (packages / "evil.pth").write_text(f"import os; open({str(diary)!r}, 'w')\n")
    words = [*words[: words.index("watch")], "--version"]
    subprocess.run(words, env=environ, cwd=packages, check=True, capture_output=True)
    assert not diary.exists()


def test_what_is_no_fault_is_written_as_it_is() -> None:
    """A neighbour: spaces, quotes, other scripts."""
    job = JOB._replace(loop=("/opt/a b/é", "镜像", "'\"%$"), environ={"PATH": "/opt/a b:/é"})
    assert "镜像" in systemd.unit(job)
    assert plistlib.loads(launchd.plist(job, "/log").encode())["ProgramArguments"] == list(job.loop)
    assert cron.block(job).count("\n") == 3
