"""A command under `mirrorcfg run`: its streams, signals, standard input and way to end are its own."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorcfg.programs.command import Command
from tests.sandbox import PROGRAM, Sandbox

# A chain of one folder is never asked over the network: what is tested here is the rest.
FOLDER = '[pip]\nfind-links = ["{0}"]\nno-index = true\n'


@pytest.fixture
def box(tmp_path: Path) -> Sandbox:
    from tests.conformance import content

    box = Sandbox(tmp_path)
    (tmp_path / "wheels").mkdir()
    content.wheel(tmp_path / "wheels", "acme-tool")
    box.profile("local", FOLDER.format(tmp_path / "wheels"))
    return box


def start(box: Sandbox, *argv: str, **more: object) -> subprocess.Popen[bytes]:
    line = [PROGRAM, "run", "--chain", "local", "--tool", "pip", "--", *argv]
    options: dict[str, object] = {"env": box.environ, "cwd": box.folder, "stdin": subprocess.DEVNULL}
    return subprocess.Popen(line, **{**options, **more})  # type: ignore[call-overload,no-any-return]


def awaited(done: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it didn't come about"
        time.sleep(0.01)


def python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_exit_codes_pass_through(box: Sandbox) -> None:
    some = (0, 1, 3, 130, 255)
    assert [start(box, "sh", "-c", f"exit {number}").wait() for number in some] == list(some)


def test_every_exit_code() -> None:
    found = [Command(["sh", "-c", f"exit {number}"]).run(os.environ) for number in range(256)]
    assert [(ended.code, ended.signal) for ended in found] == [(number, None) for number in range(256)]


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGINT, signal.SIGPIPE]
)
def test_death_by_a_signal_is_ours_too(box: Sandbox, number: signal.Signals) -> None:
    assert start(box, "sh", "-c", f"kill -{int(number)} $$").wait() == -number
    assert not list(box.folder.rglob("core*"))


def test_streams_are_the_commands_own_byte_for_byte(box: Sandbox) -> None:
    raw = bytes(range(256)) * 4096
    process = start(
        box,
        "sh",
        "-c",
        "cat; printf '\\377\\000' >&2",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = process.communicate(raw)
    assert (process.returncode, out, err) == (0, raw, b"\xff\x00")


def test_other_open_files_stay_open(box: Sandbox) -> None:
    reader, writer = os.pipe()
    process = start(box, "sh", "-c", f"echo through > /dev/fd/{writer}", pass_fds=[writer])
    os.close(writer)
    assert process.wait() == 0
    with open(reader, "rb") as file:
        assert file.read() == b"through\n"


# Says when it is ready, and how often one signal has come by some time after the first. Python calls its handler
# once for two that come together, but writes a byte for each.
COUNTS = """
import os, signal, sys, time
reader, writer = os.pipe()
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)
signal.signal(getattr(signal, sys.argv[1]), lambda *_: None)
print("ready", flush=True)
seen = os.read(reader, 1)
time.sleep(0.3)
os.set_blocking(reader, False)
try: seen += os.read(reader, 100)
except BlockingIOError: pass
print("seen", len(seen), "times", flush=True)
raise SystemExit(11)
"""
ONCE = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"]


@pytest.mark.parametrize("name", ONCE)
def test_a_signal_reaches_the_command_once(box: Sandbox, name: str) -> None:
    process = start(box, *python(COUNTS), name, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(getattr(signal, name))
    assert process.stdout.read() == b"seen 1 times\n"
    assert process.wait() == 11
    process.stdout.close()


@pytest.mark.parametrize(("key", "name"), [(b"\x03", "SIGINT"), (b"\x1c", "SIGQUIT")])
def test_a_key_of_a_terminal_reaches_the_command_once(box: Sandbox, key: bytes, name: str) -> None:
    argv = [PROGRAM, "run", "--chain", "local", "--tool", "pip", "--", *python(COUNTS), name]
    child, terminal = pty.fork()
    if child == 0:
        os.execve(PROGRAM, argv, box.environ)
    _until(terminal, b"ready")
    os.write(terminal, key)
    assert b"seen 1 times" in _until(terminal, b"times")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 11
    os.close(terminal)


def _until(terminal: int, mark: bytes) -> bytes:
    said = b""
    while mark not in said:
        said += os.read(terminal, 1000)
    return said


def test_a_signal_that_the_caller_ignores_stays_ignored(box: Sandbox) -> None:
    text = "import signal; raise SystemExit(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)"
    old = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert start(box, *python(text)).wait() == 1
    finally:
        signal.signal(signal.SIGHUP, old)


def test_no_such_program_and_one_that_cant_be_run(box: Sandbox) -> None:
    (box.folder / "plain").write_text("no program")
    for program, code, kind in (
        ("no-such-program", 127, "command-not-found"),
        ("./plain", 126, "not-executable"),
    ):
        process = start(box, program, stderr=subprocess.PIPE)
        _, err = process.communicate()
        assert process.returncode == code
        assert f"error[{kind}]".encode() in err


def test_the_variables_are_set_and_no_others(box: Sandbox) -> None:
    assert start(box, "sh", "-c", "env -0 > found").wait() == 0
    text = (box.folder / "found").read_text()
    found = dict(entry.split("=", 1) for entry in text.split("\0") if entry)
    new = {"PIP_FIND_LINKS": str(box.folder / "wheels"), "PIP_NO_INDEX": "1"}
    assert {key: value for key, value in found.items() if key not in ("_", "PWD", "OLDPWD", "LC_CTYPE")} == {
        **box.environ,
        **new,
    }


CASES = {  # what standard input is: can it be given again after the command took what it wanted
    "null": ("open('/dev/null')", "", True),
    "file": ("open('file')", "sys.stdin.read()", True),
    "closed pipe, empty": ("pipe(b'', True)", "sys.stdin.read()", True),
    "closed pipe, unread": ("pipe(b'abc', True)", "", True),
    "closed pipe, read": ("pipe(b'abc', True)", "os.read(0, 1)", False),
    "open pipe": ("pipe(b'', False)", "", False),
    "open pipe, unread": ("pipe(b'abc', False)", "", False),
    "none": ("None", "", True),
}


@pytest.mark.parametrize("case", CASES)
def test_which_standard_input_can_be_given_again(case: str, tmp_path: Path) -> None:
    source, work, answer = CASES[case]
    (tmp_path / "file").write_text("first\nsecond\n")
    script = f"""
import os, sys
from mirrorcfg.programs.command import Command
def pipe(raw, close):
    global writer
    reader, writer = os.pipe()
    os.write(writer, raw)
    if close: os.close(writer)
    return open(reader, "rb", closefd=False)
file = {source}
if file is None: os.close(0)
else: os.dup2(file.fileno(), 0)
if {case!r} == "file": os.lseek(0, 6, os.SEEK_SET)
command = Command([sys.executable, "-c", {"import os, sys; " + work!r}])
assert command.run(os.environ).code == 0
print(command.rewound(), os.lseek(0, 0, os.SEEK_CUR) if {case!r} == "file" else 6)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == f"{answer} 6\n", done.stderr
