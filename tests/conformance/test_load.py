"""Five hundred sources in one call: it ends in time and in little memory, and the sound ones are judged so."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator

import pytest

from mirrorcfg.model.verdict import Probe
from tests.asking import probe
from tests.conformance.certificates import address
from tests.conformance.lab import GRACE, SUBDIR, Lab, ask

DEADLINE, SOUND, EACH = 15.0, 350, 50
MEGABYTES = 200
PATHS = {"pip": "/simple", "conda": "/conda", "docker": ""}
SLOW = {"deadline", "read-timeout", "connect-timeout", "tls-timeout"}


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A port that lets nobody in: its queue is full, so the kernel drops what comes."""
    with socket.socket() as listener, socket.socket() as first:
        listener.bind(("0.0.0.0", 0))
        listener.listen(0)
        first.connect(("127.0.0.1", listener.getsockname()[1]))
        yield listener.getsockname()[1]


def probes(lab: Lab, dead: int) -> list[Probe]:
    """All of them, in turn: a bad source stands between good ones."""
    ports = [lab.ports["many"]] * SOUND + [dead] * EACH
    ports += [lab.ports["trickle"]] * EACH + [lab.ports["onward"]] * EACH
    ports = [ports[number * 7 % len(ports)] for number in range(len(ports))]
    tools = [("pip", "conda", "docker")[number % 3] for number in range(len(ports))]
    return [
        probe(tool, "source", f"https://{address(number)}:{port}{PATHS[tool]}", None, str(lab.authority.ca))
        for number, (tool, port) in enumerate(zip(tools, ports, strict=True))
    ]


def test_five_hundred_sources(lab: Lab, black_hole: int) -> None:
    asked = probes(lab, black_hole)
    assert len({probe.url for probe in asked}) == 500
    answer = ask(asked, {"timeout": DEADLINE, "environ": {}, "subdir": SUBDIR})
    by_port: dict[str, Counter[str]] = {}
    for each, verdict in zip(asked, answer["verdicts"], strict=True):
        port = each.url.split(":")[2].split("/")[0]
        by_port.setdefault(port, Counter())[f"{verdict['code']} {verdict['level']}"] += 1
    found = [
        by_port[str(port)]
        for port in (lab.ports["many"], black_hole, lab.ports["trickle"], lab.ports["onward"])
    ]
    assert found[0] == {"ok 3": SOUND}, found
    assert found[1] == {"connect-timeout 0": EACH}, found
    assert {key.split()[0] for key in found[2]} <= SLOW, found
    assert {key.split()[0] for key in found[3]} == {"redirect-loop"}, found
    assert answer["seconds"] < DEADLINE + GRACE
    assert answer["mb"] < MEGABYTES


def test_a_dead_source_costs_its_time_once(lab: Lab, black_hole: int) -> None:
    ca = str(lab.authority.ca)
    asked = [
        probe("pip", "index-url", f"https://127.0.0.1:{black_hole}/{n}/simple", None, ca) for n in range(30)
    ]
    answer = ask(asked, {"timeout": 2.0, "environ": {}})
    assert {verdict["code"] for verdict in answer["verdicts"]} <= SLOW
    assert answer["seconds"] < 2.0 + GRACE  # one after the other they would take 30 s and more
