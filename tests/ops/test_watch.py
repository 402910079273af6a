"""`watch` over simulated hours: it doesn't grow, and a kill at any moment loses nothing."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.failover.day import CHAIN
from tests.ops.conftest import PIP_CONF
from tests.sandbox import Sandbox


def start(box: Sandbox, *argv: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.failover.day", *map(str, argv)],
        env=box.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def events(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.mark.parametrize(
    ("hours", "outages"),
    [(2, 14), pytest.param(24, 200, marks=pytest.mark.long)],
    ids=["2 hours", "24 hours"],
)
def test_a_day_of_outages(machine: Sandbox, hours: int, outages: int) -> None:
    out, err = start(machine, 0, hours, outages, 1).communicate()
    assert err == ""
    lines = out.splitlines()
    moves = [event for event in events(lines) if event["action"] in ("switch", "return")]
    assert len({event["action"] for event in moves}) == 2
    assert not [event for event in events(lines) if event["action"] == "error"]
    kilobytes, descriptors = map(int, lines[-1].split()[1:])
    assert kilobytes < 4096, f"grown by {kilobytes} KiB"
    assert descriptors == 0
    assert_home(machine)
    # Those that happened at one look are one change.
    assert machine.json("status")["data"]["generation"] <= 1 + len(moves)
    machine.run("restore", "0", code=0)
    assert machine.pip_conf.read_text() == PIP_CONF


@pytest.mark.parametrize(
    ("hours", "outages"),
    [(2, 14), pytest.param(24, 200, marks=pytest.mark.long)],
    ids=["2 hours", "24 hours"],
)
def test_a_kill_at_any_moment_loses_nothing(machine: Sandbox, hours: int, outages: int) -> None:
    dice, at, kills = random.Random(2), 0.0, 0
    whole = {PIP_CONF + f"index-url = https://pip.{name}.example/simple\n" for name in CHAIN}
    lost: list[dict[str, Any]] = []
    while at < hours * 3600:
        process = start(machine, at, hours, outages, 2)
        assert process.stdout
        if first := process.stdout.readline():
            time.sleep(dice.uniform(0, 0.6))  # the moment of the kill: nothing is waited for
            process.kill()
            kills += 1
        out, err = process.communicate()
        assert err == ""
        lines = [first, *out.splitlines()]
        times = [float(line.split()[1]) for line in lines if line.startswith("at ")]
        at = times[-1] if times else at
        lost += [event for event in events(lines) if event["code"] in ("track-lost", "state-damaged")]
        assert machine.pip_conf.read_text() in whole
        if at >= hours * 3600 - 1800:  # what is left is run to its end
            out, err = start(machine, at, hours, outages, 2).communicate()
            break
    assert kills > 3
    assert lost == []
    assert_home(machine)
    machine.run("restore", "0", code=0)
    assert machine.pip_conf.read_text() == PIP_CONF


def assert_home(machine: Sandbox) -> None:
    """Every tool is back at its first choice, as one who looks at it by another command finds."""
    tools = machine.json("status", "--tool", "pip", "--tool", "conda")["data"]["tools"]
    assert {tool: entry["profile"] for tool, entry in tools.items()} == {"pip": "first", "conda": "first"}
    assert not any(entry["drifted"] for entry in tools.values())
