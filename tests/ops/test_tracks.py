"""What one look remembers and another one does meanwhile."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from mirrorcfg.failover import Track
from mirrorcfg.host import Host
from mirrorcfg.model.verdict import Probe, Verdict
from mirrorcfg.ops.watching import tracks
from mirrorcfg.ops.watching.failover import Way, failover
from mirrorcfg.ops.watching.look import Look
from tests.failover.day import BEGIN, CHAIN
from tests.sandbox import Sandbox, environment


def test_a_look_that_took_longer_forgets_no_way_home(
    machine: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in set(os.environ) - set(environment()):
        monkeypatch.delenv(name)
    for name in ("HOME", "MIRRORCFG_STATE"):
        monkeypatch.setenv(name, machine.environ[name])

    def ask(probes: Sequence[Probe], level: int, seconds: float) -> list[Verdict]:
        verdict = {True: (False, "http-403", 0, "It is down."), False: (True, "ok", 3, "It is up.")}
        return [Verdict(probe, *verdict[probe.profile == CHAIN[0]]) for probe in probes]

    host = Host.here()
    before, _ = tracks.load(host)
    failover(Look(Host.here(), ask, 1, lambda: BEGIN), Way("watch", CHAIN, ("pip",)))
    tracks.save(host, before, {"pip": Track(CHAIN[0], proven="its addresses")})
    assert tracks.load(host)[0]["pip"].home == CHAIN[0]
