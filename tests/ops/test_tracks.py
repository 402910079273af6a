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


def test_an_environment_is_remembered_by_itself(machine: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a source of its own: what is done about that one doesn't make the user's forget its way home."""
    folder = machine.folder / "venv"
    machine.write(folder / "pyvenv.cfg", "home = /usr/bin\n")
    machine.write(folder / "bin/pip", f"#!{folder}/bin/python\n")
    (folder / "bin/pip").chmod(0o755)
    (folder / "bin/python").symlink_to("/usr/bin/python3")
    within = {"VIRTUAL_ENV": str(folder), "PATH": f"{folder}/bin:{machine.environ['PATH']}"}
    machine.run("use", CHAIN[2], "--tool", "pip", "--scope", "venv", environ=within, code=0)
    for name in set(os.environ) - set(environment()):
        monkeypatch.delenv(name)
    for name in ("HOME", "MIRRORCFG_STATE"):
        monkeypatch.setenv(name, machine.environ[name])

    def ask(probes: Sequence[Probe], level: int, seconds: float) -> list[Verdict]:
        verdict = {True: (False, "http-403", 0, "It is down."), False: (True, "ok", 3, "It is up.")}
        return [Verdict(probe, *verdict[probe.profile == CHAIN[0]]) for probe in probes]

    look = lambda: failover(Look(Host.here(), ask, 1, lambda: BEGIN), Way("watch", CHAIN, ("pip",)))  # noqa: E731
    assert look()[0].data.to == CHAIN[1]
    for name, value in within.items():
        monkeypatch.setenv(name, value)
    assert look()[0].data.to == CHAIN[2]
    tracked = tracks.load(Host.here())[0]
    assert tracked["pip"].home == CHAIN[0]
    assert tracked[f"pip {folder / 'pip.conf'}"].using == CHAIN[2]
