"""`demo`, as a user runs it: it needs nothing and touches nothing but a folder of its own, which goes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests import parts
from tests.sandbox import PROGRAM, Sandbox

# No network but a loopback of its own, and a disk on which only $TMPDIR can be written; what is left there.
ALONE = """\
ip link set lo up && mount --make-rprivate / && mount -t tmpfs tmpfs "$TMPDIR" && mount -o remount,bind,ro /
"$@"; code=$?; ls -A "$TMPDIR" >&2; exit $code
"""


def environ(box: Sandbox) -> dict[str, str]:
    (box.folder / "tmp").mkdir()
    return box.environ | {"TMPDIR": str(box.folder / "tmp"), "https_proxy": "http://127.0.0.1:1"}


def test_it_goes_as_told_without_a_network_on_a_disk_that_is_read_only(box: Sandbox) -> None:
    parts.mounts()
    box.write(box.pip_conf, "[global]\nindex-url = https://pypi.example.com/simple\n")
    variables = environ(box) | {
        "PIP_INDEX_URL": "https://other.example.com/simple",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    argv = [parts.program("unshare"), "-m", "-n", "sh", "-ec", ALONE, "sh", PROGRAM, "demo", "--json"]
    done = subprocess.run(argv, env=variables, cwd=box.folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    steps = json.loads(done.stdout)["data"]["steps"]
    assert all(set(step) == {"told", "command", "exit_code", "output", "ok"} for step in steps)
    commands = [step["command"].split()[:2] for step in steps if step["command"]]
    words = [words[1] for words in commands if words[0] == "mirrorcfg"]
    assert words == ["profile", "verify", "diff", "use", "status", *["failover"] * 3, "history", "restore"]
    assert commands.count(["pip", "install"]) == 2
    assert steps[-1]["output"].count("as it was") == 3


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (signal.SIGINT, "$ mirrorcfg profile"),
        (signal.SIGINT, "$ mirrorcfg use"),
        (signal.SIGTERM, "$ pip install"),
    ],
)
def test_a_signal_in_the_middle_leaves_nothing(box: Sandbox, number: int, line: str) -> None:
    variables = environ(box)
    demo = subprocess.Popen(
        [PROGRAM, "demo"],
        env=variables,
        cwd=box.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout
    while not demo.stdout.readline().startswith(line):
        assert demo.poll() is None
    demo.send_signal(number)
    _, err = demo.communicate()
    assert demo.returncode == 128 + number, err
    assert err == "error[interrupted]: Interrupted; nothing was changed.\n"
    assert "Traceback" not in err
    assert list((box.folder / "tmp").iterdir()) == []
    assert running_in(box.folder) == []


def test_without_openssl_it_says_what_to_install(box: Sandbox) -> None:
    done = box.run("demo", environ=environ(box) | {"PATH": str(box.folder)}, code=1)
    assert "error[no-openssl]" in done.err
    assert "install openssl" in done.err
    assert list((box.folder / "tmp").iterdir()) == []


def running_in(folder: Path) -> list[str]:
    """Processes that know the folder from their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (
                str(folder).encode() in (process / "environ").read_bytes()
                and int(process.name) != os.getpid()
            ):
                found.append(process.name)
        except OSError:
            continue
    return found
