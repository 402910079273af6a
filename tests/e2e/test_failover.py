"""A mirror fails on a real network in every way that mirrors do: `failover` goes on with the other, and clients work."""

from __future__ import annotations

import itertools
import json
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import parts
from tests.asking import probe
from tests.conformance import clients
from tests.e2e.outage import TOOLS, Internet
from tests.sandbox import Sandbox, environment

PATIENCE = 6.0
CODES = {
    "killed": {"connect-refused"},
    "black hole": {"connect-timeout"},
    "slow": {"tls-timeout", "read-timeout", "deadline", "connect-timeout"},
    "403": {"http-403-client-blocked"},
    "expired": {"tls-expired"},
    "no name": {"dns-failure"},
    "stale": {"stale"},
}
ROLES = {"pip": "index-url", "conda": "default-channels", "docker": "registry-mirrors"}
# A covering set: every fault, for each tool alone and for all, and every tool with what it alone can show.
FEW = {
    ("killed", "all"),
    ("black hole", "conda"),
    ("slow", "pip"),
    ("403", "pip"),
    ("expired", "conda"),
    ("no name", "all"),
    ("stale", "pip"),
    ("black hole", "docker"),
}
CASES = [
    (fault, who)
    for fault, who in itertools.product(CODES, (*TOOLS, "all"))
    # How old a channel or an image is proves nothing of its mirror.
    if fault != "stale" or who == "pip"
]


@pytest.fixture(scope="module")
def internet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Internet]:
    parts.root()
    internet = Internet(tmp_path_factory.mktemp("internet"))
    yield internet
    internet.stop()


@pytest.fixture
def machine(box: Sandbox, internet: Internet) -> Iterator[Sandbox]:
    """A machine on which the first mirror is in use for all three."""
    internet.profiles(box)
    named = [word for tool in ("pip", "conda") for word in ("--tool", tool)]
    assert internet.run(box, "use", "first", *named, "--no-verify").code == 0
    docker = ("--tool", "docker", "--scope", "user")
    assert internet.run(box, "use", "first", *docker, "--no-verify").code == 0
    yield box
    internet.mend()


@pytest.mark.parametrize(
    ("fault", "who"),
    [pytest.param(*case, marks=() if case in FEW else pytest.mark.long) for case in CASES],
)
def test_what_has_failed_is_left_and_the_tool_downloads(
    machine: Sandbox, internet: Internet, fault: str, who: str
) -> None:
    failed = TOOLS if who == "all" else (who,)
    for tool in failed:
        internet.fail(fault, tool)
    done = internet.run(machine, "failover", "--timeout", str(PATIENCE), "--json")
    assert done.code == 0, done
    tools = done.data["tools"]
    assert {tool: entry["action"] for tool, entry in tools.items()} == {
        tool: "switch" if tool in failed else "stay" for tool in TOOLS
    }
    for tool in failed:
        assert tools[tool]["code"] in CODES[fault], tools[tool]
        assert (tools[tool]["from"], tools[tool]["to"]) == ("first", "second")
        assert_downloads(machine, internet, tool, tools[tool]["effective"][0])
    reason = internet.run(machine, "history", "--json").data["generations"][0]["reason"]
    assert reason.startswith("failover from first: ")
    assert internet.run(machine, "undo").code == 0
    effective = internet.run(
        machine, "status", "--json", *(f"--tool={tool}" for tool in ("pip", "conda"))
    ).data
    assert all("first" in entry["effective"][0] for entry in effective["tools"].values())


def test_nothing_is_changed_while_our_own_cable_is_cut(machine: Sandbox, internet: Internet) -> None:
    internet.cut()
    before = {path: path.read_bytes() for path in machine.folder.rglob("*") if path.is_file()}
    done = internet.run(machine, "failover", "--timeout", str(PATIENCE), "--json")
    assert done.code == 3
    assert {entry["code"] for entry in done.data["tools"].values()} == {"network-down"}
    assert done.data["action"] == "hold"
    after = {path: path.read_bytes() for path in machine.folder.rglob("*") if path.is_file()}
    assert {path for path in after if path.name not in ("failover", "lock")} <= set(before)
    assert {path: after[path] for path in before} == before


def test_all_mirrors_are_down_is_told_from_our_network(machine: Sandbox, internet: Internet) -> None:
    for name, server in internet.servers.items():
        if "control" not in name:
            server.network.run("iptables", "-A", "INPUT", "-i", "eth0", "-j", "DROP")
    done = internet.run(machine, "failover", "--timeout", str(PATIENCE), "--json")
    assert done.code == 3
    assert {entry["code"] for entry in done.data["tools"].values()} == {"all-down"}


def test_what_works_is_left_alone(machine: Sandbox, internet: Internet) -> None:
    done = internet.run(machine, "failover", "--timeout", str(PATIENCE), "--json")
    assert (done.code, done.json["status"], done.data["action"]) == (0, "unchanged", "stay")
    assert done.data["generation"] is None


def test_watch_switches_by_itself_tells_it_and_stops_when_asked(machine: Sandbox, internet: Internet) -> None:
    """As systemd would run it: it says that it is ready, that it lives, and that it stops."""
    path, figures = machine.folder / "notify", machine.folder / "mirrorcfg.prom"
    argv = ("watch", "--interval", "1", "--timeout", "10", "--json", "--metrics", str(figures))
    environ = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "1000000"}
    with manager(path) as told, internet.start(machine, *argv, environ=environ) as process:
        try:
            assert told.get(timeout=40) == b"READY=1"
            internet.fail("killed", "pip")
            assert process.stdout
            seen: list[dict[str, Any]] = []
            for line in iter(process.stdout.readline, ""):
                seen.append(json.loads(line))
                if seen[-1]["action"] == "switch":
                    break
            assert_downloads(machine, internet, "pip", "")
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=20)
        finally:
            process.kill()
        said = [told.get(timeout=20)]
        while said[-1] != b"STOPPING=1":
            said.append(told.get(timeout=20))
    assert (process.returncode, err) == (0, "")
    assert b"WATCHDOG=1" in said
    first, last = seen[0], seen[-1]
    assert {event["tool"] for event in seen} == set(TOOLS)
    assert (first["schema"], first["command"], first["action"], first["code"]) == (1, "watch", "stay", "ok")
    assert (last["tool"], last["from"], last["to"], last["code"]) == (
        "pip",
        "first",
        "second",
        "connect-refused",
    )
    assert last["generation"] == 3
    text = figures.read_text()
    assert 'mirrorcfg_in_use{tool="pip",profile="second"} 1' in text
    assert 'mirrorcfg_source_up{tool="pip",profile="first"} 0' in text
    assert 'mirrorcfg_switches_total{tool="pip"} 1' in text


@contextmanager
def manager(path: Path) -> Iterator[queue.Queue[bytes]]:
    """A service manager's socket, and what comes in there."""
    told: queue.Queue[bytes] = queue.Queue()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(path))

        def listen() -> None:
            while data := sock.recv(100):
                told.put(data)

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield told
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
                end.sendto(b"", str(path))
            thread.join()


def assert_downloads(box: Sandbox, internet: Internet, tool: str, url: str) -> None:
    """The real client gets something: pip by its own file, the others from the address that is in effect."""
    if tool != "pip":
        answer = clients.ask(
            probe(tool, ROLES[tool], url, ca_file=str(internet.authority.ca)), prefix=internet.client.prefix
        )
        assert answer.works, answer
        return
    environ = environment() | {"HOME": str(box.home), "XDG_CONFIG_DIRS": str(box.folder / "xdg")}
    got = Path(box.folder / "got")
    argv = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--disable-pip-version-check",
        "--no-deps",
        "-d",
        str(got),
        "six",
    ]
    done = subprocess.run(
        [*internet.client.prefix, *argv], env=environ, cwd=box.folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in got.iterdir()] == ["six-2.0-py3-none-any.whl"]
