"""The texts for systemd, launchd and cron: what each of them reads out of ours is what was meant."""

from __future__ import annotations

import plistlib
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.service import MARK, Job, cron, launchd, systemd
from tests import parts

ODD = 'a "b" \\c %d $HOME ${X} é\'f;g #h'
JOB = Job(
    loop=("/bin/echo", "watch", ODD),
    once=("/bin/echo", "failover", ODD),
    interval=60,
    timeout=10,
    environ={"PATH": "/usr/bin:/bin", "MIRRORCFG_PROFILES": ODD},
    system=False,
)
LINES = st.lists(st.text(st.characters(exclude_characters="\n\r\0", codec="utf-8"), max_size=20), max_size=6)


@pytest.mark.parametrize("system", [False, True])
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path, system: bool) -> None:
    path = tmp_path / systemd.FILE
    for for_user in (False, system):
        job = JOB._replace(system=system, writable=("/etc", "/srv/a b"), for_user=for_user)
        path.write_text(systemd.unit(job))
    argv = [parts.program("systemd-analyze"), "verify", *([] if system else ["--user"]), str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, env={"XDG_RUNTIME_DIR": str(tmp_path)})
    assert (done.returncode, [line for line in done.stderr.splitlines() if systemd.FILE in line]) == (0, [])


def test_a_unit_with_a_fault_is_found(tmp_path: Path) -> None:
    path = tmp_path / systemd.FILE
    path.write_text(systemd.unit(JOB).replace("Restart=on-failure", "Restart=on-a-whim"))
    argv = [parts.program("systemd-analyze"), "verify", "--user", str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, env={"XDG_RUNTIME_DIR": str(tmp_path)})
    assert systemd.FILE in done.stderr


def test_launchd_reads_what_was_meant() -> None:
    text = launchd.plist(JOB, "/tmp/log & more")
    content = plistlib.loads(text.encode())
    assert content["ProgramArguments"] == list(JOB.loop)
    assert content["EnvironmentVariables"] == JOB.environ
    assert content["KeepAlive"] == {"SuccessfulExit": False}
    assert MARK in text


@pytest.mark.parametrize(
    ("seconds", "when"),
    [(1, "*/1"), (60, "*/1"), (61, "*/2"), (600, "*/10"), (3600, "0"), (86400, "0")],
)
def test_cron_looks_every_so_many_minutes(seconds: float, when: str) -> None:
    assert cron.line(JOB._replace(interval=seconds)).startswith(f"{when} * * * * ")


def test_the_shell_of_cron_reads_what_was_meant() -> None:
    command = cron.line(JOB).split(" ", 5)[5]
    assert not [at for at, char in enumerate(command) if char == "%" and command[at - 1] != "\\"]
    shown = command.replace("\\%", "%").removesuffix(" >/dev/null 2>&1")
    done = subprocess.run(["/bin/sh", "-c", shown], capture_output=True, text=True, check=True)
    assert done.stdout == f"failover {ODD}\n"
    assert shlex.split(shown)[1] == f"MIRRORCFG_PROFILES={ODD}"


@given(LINES, LINES)
def test_every_other_line_of_a_crontab_stays(before: list[str], after: list[str]) -> None:
    theirs = "".join(f"{line}\n" for line in (*before, *after))
    ours = cron.installed(theirs, JOB)
    assert ours.startswith(theirs)
    assert cron.found(ours) == cron.block(JOB)
    assert cron.installed(ours, JOB) == ours
    assert cron.removed(ours) == theirs
    between = (
        "".join(f"{line}\n" for line in before) + cron.block(JOB) + "".join(f"{line}\n" for line in after)
    )
    later = cron.installed(between, JOB._replace(interval=600))
    assert cron.removed(later) == cron.removed(between) == theirs


def test_a_crontab_without_us_is_left_as_it_is() -> None:
    assert (
        cron.removed("# >>> mirrorcfg watch >>> torn\n1 2 3\n") == "# >>> mirrorcfg watch >>> torn\n1 2 3\n"
    )
    assert cron.found("") == ""
