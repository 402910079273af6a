"""The Ansible collection over a fleet: all at once, none twice, and none held up by another."""

from __future__ import annotations

import difflib
from pathlib import Path

from tests.fleet.engine import Engine
from tests.fleet.hosts import Fleet, Host
from tests.fleet.mirrors import Mirrors

ONBOARD, FAILOVER, RESTORE = (f"mirrorcfg.sources.{name}" for name in ("onboard", "failover", "restore"))
FILES = ("/etc/pip.conf", "/etc/conda/.condarc")
TOOLS = ["pip", "conda"]


def content(host: Host) -> dict[str, bytes]:
    """What the files of the tools are on a host, as far as they are there."""
    paths = {name: host.files / name[1:] for name in FILES}
    return {name: path.read_bytes() for name, path in paths.items() if path.exists()}


def difference(before: dict[str, bytes], after: dict[str, bytes]) -> str:
    """Two contents as a unified diff."""
    texts = [
        difflib.unified_diff(
            before.get(name, b"").decode().splitlines(),
            after.get(name, b"").decode().splitlines(),
            name,
            name,
            lineterm="",
        )
        for name in FILES
        if before.get(name) != after.get(name)
    ]
    return "\n".join("\n".join(text) for text in texts)


def test_from_the_first_host_to_the_last(fleet: Fleet, ansible: Engine, mirrors: Mirrors, pyz: Path) -> None:
    use = {"onboard_profile": "acme", "onboard_tools": TOOLS}
    names = {host.name for host in fleet.hosts}
    untouched = {host.name: content(host) for host in fleet.hosts}
    for host in fleet.hosts[1:]:
        mirrors.settle(host)
    profiles = [str(mirrors.profile(name)) for name in ("acme", "spare")]
    own = {"onboard_ca": str(mirrors.ca), "onboard_profiles": profiles}
    assert ansible.play(ONBOARD, "--limit", "host-1", **own).changes == {"host-1": 2}

    # mirrorcfg comes to all of them, and nothing of pip's or conda's changes.
    played = ansible.play(ONBOARD, onboard_pyz=str(pyz))
    assert played.changes == dict.fromkeys(names, 1), played.said

    # What a check shows is what the run then does.
    foreseen = ansible.play(ONBOARD, "--check", "--diff", **use).results
    assert {host.name: content(host) for host in fleet.hosts} == untouched
    played = ansible.play(ONBOARD, **use)
    for host in fleet.hosts:
        result = played.results[host.name]
        assert (result["changed"], result["generation"]) == (True, 1), result
        assert result["tools"]["pip"]["effective"] == [mirrors.url("acme")]
        assert foreseen[host.name]["diff"]["prepared"] == difference(untouched[host.name], content(host))
        assert f"# of {host.name}" in content(host)["/etc/pip.conf"].decode()

    # The second run of it all changes nothing anywhere.
    played = ansible.play(ONBOARD, onboard_pyz=str(pyz), **use)
    assert played.changes == dict.fromkeys(names, 0), played.said

    # Their mirror stops. One host is down and one can't be written; the others go on.
    mirrors.stop("acme")
    *working, frozen, down = fleet.hosts
    frozen.freeze()
    down.stop()
    results = ansible.play(FAILOVER, chain=["acme", "spare"], tools=TOOLS).results
    for host in working:
        result = results[host.name]
        assert (result["changed"], result.get("action")) == (True, "switch"), result
        assert result["tools"]["pip"]["effective"] == [mirrors.url("spare")]
    assert results[down.name]["unreachable"]
    assert "/etc/pip.conf can't be written" in results[frozen.name]["msg"]
    assert mirrors.url("acme") in content(frozen)["/etc/pip.conf"].decode()

    # And everything back.
    results = ansible.play(RESTORE).results
    assert [results[host.name]["changed"] for host in working] == [True] * len(working)
    assert [content(host) for host in working] == [untouched[host.name] for host in working]
    assert results[frozen.name]["error"]
