"""What a daemon complained of since a moment, out of the log that is its standard error."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mirrorcfg.activation import words
from mirrorcfg.activation.process import Daemon
from tests import parts

FIRST = 'time="2026-01-01T00:00:00Z" level=error msg="an old complaint"\n'


@contextmanager
def talker(log: Path | None) -> Iterator[subprocess.Popen[str]]:
    """A process that says what it is told on its standard error."""
    script = "echo; while read -r line; do printf '%s\\n' \"$line\" >&2; echo; done"
    pipe = subprocess.PIPE
    with (
        (log or Path("/dev/null")).open("ab") as out,
        subprocess.Popen(
            [parts.program("sh"), "-c", script], stdin=pipe, stdout=pipe, stderr=out, text=True
        ) as it,
    ):
        say(it)
        yield it


def of(process: subprocess.Popen[str]) -> Daemon:
    """As what a dockerd would be known."""
    return Daemon(process.pid, "", os.geteuid(), True, ("dockerd",), Path("/none"), ())


def say(process: subprocess.Popen[str], *lines: str) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    for line in lines:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
    for _ in lines or ("",):
        process.stdout.readline()


@pytest.mark.parametrize(
    ("lines", "heard"),
    [
        ([], None),
        (['time="x" level=info msg="Got signal to reload configuration"'], None),
        (
            ['level=error msg="Error reloading: key \\"x\\" is unknown"'],
            'Error reloading: key "x" is unknown',
        ),
        (['level=warning msg="one"', 'level=error msg="two"', 'level=info msg="three"'], "two"),
        (["nothing of the kind"], None),
    ],
)
def test_the_last_complaint_since(tmp_path: Path, lines: list[str], heard: str | None) -> None:
    log = tmp_path / "log"
    log.write_text(FIRST)
    with talker(log) as daemon:
        ear = words.listen(of(daemon))
        say(daemon, *lines) if lines else None
        assert ear.heard() == heard


def test_a_log_that_is_no_file_is_not_read() -> None:
    with talker(None) as daemon:
        ear = words.listen(of(daemon))
        say(daemon, 'level=error msg="unheard"')
        assert ear.heard() is None


def test_a_log_of_somebody_else_is_not_read(tmp_path: Path) -> None:
    parts.root()
    log = tmp_path / "log"
    log.write_text(FIRST)
    os.chown(log, 65534, 65534)
    with talker(log) as daemon:
        ear = words.listen(of(daemon))
        say(daemon, 'level=error msg="unheard"')
        assert ear.heard() is None


def test_a_daemon_that_is_gone() -> None:
    with talker(None) as daemon:
        pass
    assert words.listen(of(daemon)).heard() is None
