"""What root has run for ever: nothing in it is a user's, and no word begins a line of its own."""

from __future__ import annotations

import sys

import pytest

from mirrorcfg.errors import UsageError
from mirrorcfg.service import Job, cron, launchd, systemd
from tests.attacks.stage import EVE, Stage

SYSTEMCTL = "#!/bin/sh\nexit 0\n"
BAD = [
    "a\nb",
    "a\rExecStart=/evil",
    "a\x0bb",
    "a\x0cb",
    "a\x00b",
    "a\x85b",
    "a\u2028b",
    "a\u2029b",
    "a\x1b[2Jb",
    "a\x7fb",
]


def job(**changes: object) -> Job:
    plain = Job(
        ("/usr/bin/mirrorcfg", "watch"),
        ("/usr/bin/mirrorcfg", "failover"),
        60,
        10,
        {"A": "b"},
        True,
        ("/etc",),
    )
    return plain._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("place", ["loop", "once", "environ", "writable"])
def test_a_word_that_would_begin_a_directive_or_a_line(bad: str, place: str) -> None:
    value = {"A": bad} if place == "environ" else ("/usr/bin/mirrorcfg", bad)
    for write in (systemd.unit, cron.block, lambda made: launchd.plist(made, "/log")):
        with pytest.raises(UsageError) as caught:
            write(job(**{place: value}))
        assert caught.value.code == "control-character"


@pytest.mark.parametrize("name", ["A B", "A=B", "A\nB", "", "1A", "Ä"])
def test_a_variable_whose_name_is_none(name: str) -> None:
    for write in (systemd.unit, cron.block, lambda made: launchd.plist(made, "/log")):
        with pytest.raises(UsageError):
            write(job(environ={name: "x"}))


@pytest.mark.parametrize("path", ["/srv/a\rb", "/srv/a\nb", "/srv/a\u2028b"])
def test_from_the_command_line(stage: Stage, path: str) -> None:
    done = stage.run("watch", "--install", "--dry-run", "--metrics", path, "--scope", "system")
    assert done.code in (2, 5), (done.out, done.err)
    assert "[Service]" not in done.out


def test_a_program_that_somebody_else_could_change_is_not_made_roots_service(stage: Stage) -> None:
    """The Python that runs here is below a folder that is the attacker's, in this stage."""
    stage.sh(
        f"mount -t tmpfs -o mode=755,uid={EVE} tmpfs /home && mkdir /home/py && mount --rbind / /home/py || true"
    )
    line = f"exec /home/py{sys.executable} -P -m mirrorcfg watch --install --dry-run --scope system"
    done = stage.sh(line)
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert "[Service]" not in done.stdout


def test_roots_service_has_no_home_of_a_users_and_an_isolated_python(stage: Stage) -> None:
    stage.write("/home/eve/.keep", "", EVE)
    environ = {"HOME": "/home/eve", "SUDO_UID": str(EVE), "SUDO_GID": str(EVE), "PYTHONPATH": ""}
    done = stage.run("watch", "--install", "--dry-run", "--scope", "system", **environ)
    if done.code == 5:  # this checkout's own folders aren't only root's; then nothing is installed at all
        assert "[Service]" not in done.out
        return
    assert done.code == 0, done.err
    assert "HOME=/home/eve" not in done.out
    assert '"-I"' in done.out
    assert "CAP_DAC_OVERRIDE" not in done.out
    assert "ReadWritePaths=" in done.out
