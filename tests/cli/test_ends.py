"""How a command ends where there is nothing to do, nobody to tell, no home, no time, or a broken config.toml."""

from __future__ import annotations

import json
import os
import pty
import shlex
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests import parts
from tests.cli.test_faults import read_until
from tests.sandbox import PROGRAM, Sandbox

USE = ("use", "nju", "--tool", "pip", "--no-verify")
OWN = 'schema = 1\nname = "own"\n[pip]\ndefault = true\n'


# Nothing to do, and nothing that could be done: a script must tell them apart by the exit code alone.

NOTHING = [
    pytest.param(("use", "nju", "--scope", "venv"), 2, "no-such-scope", id="no venv"),
    pytest.param(("use", "nju", "--tool", "pip", "--scope", "venv"), 2, "no-such-scope", id="no venv, named"),
    pytest.param(("use", "nju", "--root", "root"), 3, "no-tools", id="an empty root"),
    pytest.param(("use", "nju", "--root", "root", "--dry-run"), 3, "no-tools", id="an empty root, dry"),
    pytest.param(("diff", "nju", "--root", "root"), 3, "no-tools", id="diff"),
    pytest.param(("env", "images"), 3, "nothing-to-set", id="env"),
    pytest.param(("script", "images", "--format", "sh", "--tool", "pip"), 1, "unavailable", id="script, named"),
    pytest.param(("script", "official", "--format", "sh", "--style", "standalone"), 3, "nothing-to-write", id="script"),
    pytest.param(("undo",), 1, "nothing-to-undo", id="undo"),
    pytest.param(("restore", "3"), 1, "nothing-to-undo", id="restore"),
]  # fmt: skip


@pytest.mark.parametrize(("argv", "code", "error"), NOTHING)
def test_nothing_could_be_done(box: Sandbox, argv: tuple[str, ...], code: int, error: str) -> None:
    box.profile("images", '[docker]\nregistry-mirrors = ["https://mirror.example"]\n')
    assert box.json(*argv, code=code)["error"]["code"] == error


@pytest.mark.parametrize("argv", [("verify", "--root", "root"), ("failover", "--root", "root")], ids=" ".join)
def test_there_is_nobody_to_ask(box: Sandbox, argv: tuple[str, ...]) -> None:
    answer = box.json(*argv, code=3)
    assert (answer["status"], [each["code"] for each in answer["findings"]]) == ("failed", ["no-sources"])


def test_every_tool_that_is_here_is_left_as_it_is(box: Sandbox) -> None:
    box.write(box.daemon_json, "{}\n")
    answer = box.json("use", "nju", "--root", str(box.root), code=3)
    assert (answer["status"], answer["data"]["tools"]["docker"]["profile"]) == ("failed", None)


def test_what_is_so_already_is_no_failure(box: Sandbox) -> None:
    box.run(*USE, code=0)
    for argv in (USE, ("restore", "1"), ("recover",), ("profile", "update")):
        assert box.json(*argv)["status"] == "unchanged"


def answered(box: Sandbox, *argv: str, mark: bytes) -> tuple[int, bytes]:
    """The exit code where the question is answered with no, and all that was seen."""
    terminal, side = pty.openpty()
    with subprocess.Popen(
        [PROGRAM, *argv], env=box.environ, cwd=box.folder, stdin=side, stdout=side, stderr=side
    ) as process:
        os.close(side)
        try:
            seen = read_until(terminal, mark)
        except BaseException:
            process.kill()
            raise
        os.write(terminal, b"n\n")
        with suppress(OSError):  # the other side is closed
            while data := os.read(terminal, 4096):
                seen += data
    os.close(terminal)
    return process.returncode, seen


ASKED = [("use",), ("undo",), ("restore", "0"), ("add",), ("remove",), ("install",)]


@pytest.mark.parametrize("verb", ASKED, ids=" ".join)
def test_no_is_an_answer(box: Sandbox, verb: tuple[str, ...]) -> None:
    box.write(box.folder / "own.toml", OWN)
    if verb[0] in ("undo", "restore"):
        box.run(*USE, code=0)
    if verb[0] == "remove":
        box.run("profile", "add", "own.toml", code=0)
    argv = {
        "use": USE,
        "add": ("profile", "add", "own.toml"),
        "remove": ("profile", "remove", "own"),
        "install": ("watch", "--install", "--scope", "user"),
    }.get(verb[0], verb)
    if verb[0] == "install" and not (
        Path("/usr/bin/systemctl").exists() or Path("/usr/bin/crontab").exists()
    ):
        parts.absent("nothing here runs programs by itself")
    before = {path: path.read_bytes() for path in box.home.rglob("*") if path.is_file()}
    mark = b"): " if verb[0] in ("use", "undo", "restore") else b"]: "
    code, seen = answered(box, *argv, mark=mark)
    assert (code, b"]\x1b[0m: Cancelled; nothing was changed." in seen) == (1, True), seen
    assert {path: path.read_bytes() for path in box.home.rglob("*") if path.is_file()} == before


# Standard streams that take nothing.


def shell(box: Sandbox, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash, `$M` being the program; a pipe's exit code is mirrorcfg's."""
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; M={shlex.quote(PROGRAM)}; {line}"],
        env=box.environ,
        cwd=box.folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


MADE = "generation 1; take it back with: mirrorcfg undo"
MADE_JSON = "generation 1 was made; take it back with: mirrorcfg undo"


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("$M use nju --tool pip --no-verify >/dev/full", 1, (MADE, "error[stdout-failed]", "No space left")),
        ("$M use nju --tool pip --no-verify >&-", 1, (MADE, "error[stdout-failed]", "Bad file descriptor")),
        ("$M use nju --tool pip --no-verify --json >/dev/full", 1, (MADE_JSON, "error[stdout-failed]")),
        ("$M use nju --tool pip --no-verify --json >&-", 1, (MADE_JSON, "error[stdout-failed]")),
        ("$M use nju --tool pip --no-verify | head -c 0", 141, (MADE,)),
        ("$M use nju --tool pip --no-verify --json | head -c 0", 141, (MADE_JSON,)),
        ("$M use nju --tool pip --no-verify 2>&-", 0, ()),
        ("$M use nju --tool pip --no-verify 2>/dev/full", 0, ()),
        ("$M use nju --tool pip --no-verify <&-", 0, (MADE,)),
        ("$M use nju --tool pip --no-verify <&- >&- 2>&-", 1, ()),
    ],
)
def test_a_stream_that_takes_nothing(box: Sandbox, line: str, code: int, words: tuple[str, ...]) -> None:
    done = shell(box, line)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert [word for word in words if word not in done.stderr] == []
    assert "nju" in box.pip_conf.read_text()
    records = [path for path in (box.folder / "state").rglob("*") if path.is_file()]
    assert not [
        path for path in records if "generation 1" in path.read_text(errors="replace")
    ]  # no stream's place


@pytest.mark.parametrize(
    "argv", ["--help", "--version", "use --help", "ls", "use nosuch --json", "nosuch --json"]
)
@pytest.mark.parametrize(("sink", "code"), [(">/dev/full", 1), (">&-", 1), ("| head -c 0", 141)])
def test_whatever_is_said(box: Sandbox, argv: str, sink: str, code: int) -> None:
    done = shell(box, f"$M {argv} {sink}")
    assert done.returncode == code, done.stderr
    assert ("error[stdout-failed]" in done.stderr) == (code == 1)
    assert "Traceback" not in done.stderr
    assert "internal" not in done.stderr


# A number that no account has, and no HOME: a container's.


def nobody(box: Sandbox, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run it as one whose number no account has, and who has no home."""
    rights = ["unshare", "--user", "--map-user=12345", "--map-group=12345", "env", "-i", "PATH=/usr/bin:/bin"]
    done = subprocess.run([*rights, PROGRAM, *argv], cwd=box.folder, capture_output=True, text=True)
    if "unshare:" in done.stderr:
        parts.absent("no namespace of users")
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.mark.parametrize(
    "argv", ["ls", "status", "history", "recover", "config", "env nju", "image a/b", "--help"]
)
def test_who_has_no_home_can_look(box: Sandbox, argv: str) -> None:
    done = nobody(box, *argv.split())
    assert done.returncode == 0, done.stderr
    assert "error[" not in done.stderr


@pytest.mark.parametrize("argv", [" ".join(USE), "undo", "restore 0", "profile new acme --from nju"])
def test_who_has_no_home_can_change_nothing_in_it(box: Sandbox, argv: str) -> None:
    done = nobody(box, *argv.split(), "--json")
    assert done.returncode == 5, done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "no-home"
    assert not Path("/nonexistent").exists()


# A config.toml that is wrong stops nobody who doesn't need it.

BROKEN: list[tuple[str, bytes | None, str, int | None]] = [
    ("syntax", b'profile = "nju"\nchain = [\n', "config-syntax", 2),
    ("type", b'timeout = "soon"\n', "wrong-type", 1),
    ("encoding", b'profile = "\xff"\n', "config-encoding", 1),
    ("directory", None, "not-a-file", None),
]


@pytest.mark.parametrize(("name", "text", "code", "line"), BROKEN, ids=[case[0] for case in BROKEN])
def test_a_broken_config_stops_no_way_back(
    box: Sandbox, name: str, text: bytes | None, code: str, line: int | None
) -> None:
    place = box.home / ".config/mirrorcfg/config.toml"
    box.run(*USE, code=0)
    if text is None:
        place.mkdir(parents=True)
    else:
        box.write(place, text)
    for argv in (("status",), ("history",), ("ls",), ("recover",), ("undo",), ("restore", "1"), USE):
        answer = box.json(*argv)
        (found,) = (each for each in answer["findings"] if each["code"] == code)
        assert found["message"].startswith("config.toml is not heeded, and the defaults count: ")
        assert found["path"].startswith(f"{place}:{line}" if line else str(place))
    box.profile("gone", '[pip]\nindex-url = "https://gone.invalid/simple"\n')
    asked = box.json("verify", "gone", code=3)  # within the seconds that are the default
    assert (asked["error"], code in [each["code"] for each in asked["findings"]]) == (None, True)
    for needy in (("config",), ("use",), ("failover",), ("watch",)):
        assert box.json(*needy, code=1)["error"]["code"] == code
    assert box.run("--help").code == 0


def test_a_broken_config_drops_nothing_from_the_history(box: Sandbox) -> None:
    """It may have said that more are to be kept."""
    place = box.home / ".config/mirrorcfg/config.toml"
    box.write(place, "keep = 2\n")
    for name in ("nju", "tsinghua", "ustc"):
        box.run("use", name, "--tool", "pip", code=0)
    kept = len(box.json("history")["data"]["generations"])
    box.write(place, "keep = 9999\nchain = [\n")
    for name in ("nju", "tsinghua", "ustc", "nju"):
        box.run("use", name, "--tool", "pip", code=0)
    assert len(box.json("history")["data"]["generations"]) == kept + 4


# --timeout is how long all of it may take.


@contextmanager
def silent(count: int) -> Iterator[list[int]]:
    """Ports at which somebody takes connections, and never says a word."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=64)) for _ in range(count)
        ]
        yield [server.getsockname()[1] for server in servers]


def profiles(box: Sandbox, ports: list[int]) -> list[str]:
    """A profile for each port, and nothing else that could be searched."""
    names = [f"silent-{number}" for number in range(len(ports))]
    for name, port in zip(names, ports, strict=True):
        box.profile(name, f'[pip]\nindex-url = "https://127.0.0.1:{port}/simple"\n')
    return names


@pytest.mark.parametrize("verb", ["use", "verify", "failover", "run", "add", "update", "new"])
def test_a_silent_server_costs_the_time_that_was_given(box: Sandbox, verb: str) -> None:
    """One second and what a loaded machine takes for a start; the search for another profile is within it."""
    with silent(4) as ports:
        names, url = profiles(box, ports), f"https://127.0.0.1:{ports[0]}/own.toml"
        if verb == "failover":
            box.run("use", names[0], "--tool", "pip", code=0)
        if verb == "update":
            for name in ("one", "two", "three"):
                box.write(box.folder / f"{name}.toml", OWN.replace("own", name))
                box.run("profile", "add", f"{name}.toml", code=0)
                kept = next((box.home / ".config/mirrorcfg/profiles").glob(f"*{name}*origin*"))
                kept.write_text(kept.read_text().replace((box.folder / f"{name}.toml").as_uri(), url))
        argv = {
            "use": ("use", names[0], "--tool", "pip", "--verify"),
            "verify": ("verify", *names),
            "failover": ("failover", "--chain", ",".join(names)),
            "run": ("run", "--chain", ",".join(names), "--tool", "pip"),
            "add": ("profile", "add", url, "--sha256", "0" * 64),
            "update": ("profile", "update"),
            "new": ("profile", "new", "acme", "--from", names[0], "--verify"),
        }[verb]
        rest = ("--", "true") if verb == "run" else ()
        began = time.monotonic()
        box.run("ls", code=0)
        start = time.monotonic() - began  # on a machine that is busy with other tests too
        began = time.monotonic()
        done = box.run(*argv, "--timeout", "1", *rest)
        took = time.monotonic() - began - start
    assert done.code in (1, 3), (done.out, done.err)
    assert took < 4, took


def test_names_are_looked_up_within_it_too(box: Sandbox) -> None:
    """A name server that never answers: libc would ask it for ten seconds and more."""
    parts.mounts()
    box.write(box.folder / "resolv.conf", "nameserver 127.0.0.1\noptions timeout:5 attempts:3\n")
    box.write(box.folder / "nsswitch.conf", "hosts: dns\n")
    box.profile("far", '[pip]\nindex-url = "https://mirror.example/simple"\n')
    deaf = (
        "import socket, subprocess, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
        "s.bind(('127.0.0.1', 53)); sys.exit(subprocess.call(sys.argv[1:]))"
    )
    words = [PROGRAM, "use", "far", "--tool", "pip", "--timeout", "1", "--json"]
    line = (
        f"ip link set lo up; mount --bind {box.folder}/resolv.conf /etc/resolv.conf;"
        f" mount --bind {box.folder}/nsswitch.conf /etc/nsswitch.conf;"
        f" exec /usr/bin/env python3 -c {shlex.quote(deaf)} {shlex.join(words)}"
    )
    began = time.monotonic()
    done = subprocess.run(
        ["unshare", "-n", "-m", "sh", "-ec", line], env=box.environ, capture_output=True, text=True
    )
    took = time.monotonic() - began
    assert done.returncode == 3, done.stdout + done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "dns-timeout"
    assert took < 5, took
