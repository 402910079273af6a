"""What is refused of a daemon.json is what dockerd 20.10 ends at, and what is let through it starts with.

Its answers are kept in daemon_values.json; some of them are asked anew in each run, all of them, and hundreds of
texts made from them by chance, in long ones.
"""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest

from mirrorcfg.activation import by_table
from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.formats import json as formats
from mirrorcfg.formats import text as texts
from tests import parts
from tests.clients import debian
from tests.clients.daemon_values import WAITS, all_asked, asked, later, recorded

OF_THE_MACHINE = {
    '{"cluster-store":"consul://127.0.0.1:1"}': "Debian builds it without, docker's own packages with",
    '{"cluster-store": "consul://127.0.0.1:1", "cluster-advertise": "127.0.0.1:1"}': "the same",
    '{"cluster-store": "etcd://127.0.0.1:1", "cluster-advertise": "no-such:1"}': "an interface",
    '{"data-root": "/dev/null/x"}': "a folder that can't be made",
    '{"default-gateway": "10.1.2.3"}': "the network that docker chooses, where no bip is",
    '{"default-gateway": "172.17.0.1"}': "the same",
    '{"default-gateway":"172.17.0.9","default-address-pools":[{"base":"10.1.0.0/16","size":24}]}': "the same",
    '{"exec-root": "/dev/null/x"}': "a folder that can't be made",
    '{"hosts":["fd://"]}': "a socket of systemd's",
    '{"hosts": ["unix:///run/no/such/d.sock"]}': "a folder that something may make before",
    '{"ipv6":true,"fixed-cidr-v6":"::/0"}': "the kernel's word",
    '{"ipv6":true,"fixed-cidr-v6":"fe80::/80"}': "the kernel's word",
    '{"log-driver": "syslog", "log-opts": {"syslog-address": "unixgram://"}}': "a socket",
    '{"log-driver": "syslog", "log-opts": {"syslog-address": "unix:///run/no/such"}}': "a socket",
    '{"rootless": true, "exec-opts": ["native.cgroupdriver=systemd"]}': "the kernel's cgroups",
    '{"storage-driver": "aufs"}': "the kernel's modules",
    '{"tls": true, "tlscert": "/etc/hosts", "tlskey": "/etc/hosts"}': "what is in a file",
    '{"storage-driver": "no-such"}': "a plugin may be there",
    '{"storage-driver": "vfs", "storage-opts": ["size=1G"]}': "a file system with quotas",
    '{"storage-opts": ["dm.basesize=10G"]}': "which driver docker chooses",
}
"""What dockerd ended at in its place, and starts with elsewhere; let through."""

DOUBTFUL = {
    '{"userns-remap": "4294967296"}': "no user, but for getent's arithmetic",
    "null": "no object to write into",
    '{"debug": true} x': "what follows would be read by later versions",
    '{"debug": true}{}': "the same",
    '{"debug": true, "debug": false}': "which of the two is meant",
    '{"builder":{"gc":{"policy":[{"keepStorage":"1GB"}]},"GC":{"enabled":true,"policy":[{"all":true}]}}}': "the same",
}
"""What dockerd starts with, and mirrorcfg leaves alone."""


def ours(folder: Path, text: str) -> str | None:
    """The code of mirrorcfg's refusal of such a file, by its line; None where it would write it."""
    staged = folder / "staged"
    staged.write_bytes(texts.encode(text))
    try:
        by_table.judge(folder / "daemon.json", formats.read(text), staged, ("dockerd",))
    except MirrorcfgError as error:
        return error.code
    return None


def agree(folder: Path, text: str, said: str | None) -> bool:
    if text in DOUBTFUL:
        return said is None and ours(folder, text) is not None
    if text in OF_THE_MACHINE:
        return said is not None and ours(folder, text) is None
    return (ours(folder, text) is None) == (said is None)


def is_20_10() -> None:
    parts.mounts()
    program = parts.program("dockerd")
    if "20.10." not in subprocess.run([program, "--version"], capture_output=True, text=True).stdout:
        parts.absent("dockerd is not 20.10")


def test_it_is_what_dockerd_said(tmp_path: Path) -> None:
    found = [
        (text, said, ours(tmp_path, text)) for text, said in recorded() if not agree(tmp_path, text, said)
    ]
    assert found == []


def test_enough_of_each_were_tried() -> None:
    answers = recorded()
    assert len({text for text, _ in answers}) == len(answers) > 1500
    assert min(sum(said is None for _, said in answers), sum(said is not None for _, said in answers)) > 600
    assert {*OF_THE_MACHINE, *DOUBTFUL} <= {text for text, _ in answers}


@pytest.mark.parametrize("step", [60, pytest.param(1, marks=pytest.mark.long)])
def test_dockerd_says_it_still(step: int) -> None:
    is_20_10()
    some = recorded()[::step]
    answers = zip(some, all_asked(text for text, _ in some), strict=True)
    assert [(text, then, now) for (text, then), now in answers if (then is None) != (now is None)] == []


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
def test_it_is_what_dockerd_says_of_texts_made_by_chance(tmp_path: Path, seed: int) -> None:
    is_20_10()
    made = by_chance(random.Random(seed), 20 if seed == 1 else 100)
    answers = zip(made, all_asked(made), strict=True)
    found = [(text, said, ours(tmp_path, text)) for text, said in answers if said != WAITS]
    assert [each for each in found if (each[1] is None) != (each[2] is None)] == []


def test_where_it_is_and_what_mends_it(tmp_path: Path) -> None:
    staged = tmp_path / "staged"
    staged.write_text('{\n  "debug": true,\n  "log-opts": {"max-size": 10}\n}\n')
    with pytest.raises(MirrorcfgError) as caught:
        by_table.judge(tmp_path / "daemon.json", json.loads(staged.read_text()), staged, ("dockerd",))
    assert (caught.value.code, caught.value.line, caught.value.key) == ("wrong-type", 3, "log-opts")
    assert caught.value.what.startswith("log-opts.max-size must be a text; docker 20.10 would not start.")
    assert caught.value.hint == f"mend log-opts.max-size in {tmp_path / 'daemon.json'}, or take it out"


@pytest.mark.parametrize(
    ("flags", "text", "code"),
    [
        ("--iptables=false", '{"icc": false}', "bad-value"),
        ("--iptables=true", '{"icc": false}', None),
        ("--bridge=none", '{"mtu": -1}', None),
        ("--bridge none", '{"bip": "10.9.0.1/24"}', "bad-value"),
        ("-b none", '{"fixed-cidr": "x"}', None),
        ("--experimental", '{"ip6tables": true}', None),
        ("--log-driver=syslog", '{"log-opts": {"max-size": "1m"}}', "bad-value"),
        ("--log-driver=local", '{"log-opts": {"max-size": "1m"}}', None),
        ("--storage-driver vfs", '{"storage-opts": ["overlay2.size=1G"]}', "bad-value"),
        ("--exec-opt native.cgroupdriver=systemd", '{"cgroup-parent": "x"}', "bad-value"),
        ("--containerd-plugins-namespace=x", '{"containerd-namespace": "x"}', "bad-value"),
        ("--cluster-store=etcd://127.0.0.1:1", '{"cluster-advertise": "127.0.0.1:1"}', None),
    ],
)
def test_flags_count_beside_the_file(tmp_path: Path, flags: str, text: str, code: str | None) -> None:
    staged = tmp_path / "staged"
    staged.write_text(text)
    try:
        by_table.judge(tmp_path / "daemon.json", json.loads(text), staged, ("dockerd", *flags.split()))
        found = None
    except MirrorcfgError as error:
        found = error.code
    assert found == code
    is_20_10()
    assert (next(iter(all_asked([text], *flags.split()))) is None) == (code is None)


LATER = (
    "{}",
    '{"registry-mirrors": ["https://m.corp/x"]}',
    '{"registry-mirrors": ["https://m.corp?x=y"]}',
    '{"registry-mirrors": ["https://u:p@m.corp"]}',
    '{"registry-mirrors": ["m.corp"]}',
    '{"insecure-registries": ["[fd00::1]", "r.corp:5000", "10.0.0.0/8"]}',
    '{"insecure-registries": ["r.corp/x"]}',
    '{"exec-opts": ["native.cgroupdriver=x"]}',
    '{"exec-opts": ["native.cgroupdriver=cgroupfs"]}',
    '{"log-opts": {"max-sise": "10m"}}',
    '{"log-opts": {"max-size": "10m", "mode": "non-blocking", "max-buffer-size": "4m"}}',
    '{"log-driver": "journald", "log-opts": {"max-size": "10m"}}',
    '{"log-driver": "awslogs", "log-opts": {"awslogs-group": "x", "awslogs-format": "json/emf"}}',
    '{"metrics-addr": "127.0.0.1:99999"}',
    '{"metrics-addr": "127.0.0.1:9323"}',
)


@pytest.mark.parametrize("text", LATER)
def test_what_validate_lets_through(tmp_path: Path, text: str) -> None:
    """On 26.1; it takes each of them."""
    is_20_10()  # for its containerd
    program = str(debian.unpacked(debian.TRIXIE).program("dockerd"))
    staged = tmp_path / "staged"
    staged.write_text(text)
    line = [program, "--validate", "--config-file", str(staged)]
    assert subprocess.run(line, capture_output=True).returncode == 0
    try:
        by_table.judge_beside(tmp_path / "daemon.json", json.loads(text), staged, ("dockerd",), "26.1.5")
        found = None
    except MirrorcfgError as error:
        found = error.code
    assert (found is None) == (asked(text, program=program) is None)


def test_nothing_is_refused_that_a_later_one_takes(tmp_path: Path) -> None:
    """And of what its `--validate` lets through that is refused which it ends at, but for what only its start tells."""
    told = later()
    staged = tmp_path / "staged"
    refused = []
    for text in (*told["taken"], *told["ends"], *told["missed"]):
        staged.write_text(text)
        try:
            by_table.judge_beside(tmp_path / "daemon.json", json.loads(text), staged, ("dockerd",), "26.1.5")
        except MirrorcfgError:
            refused.append(text)
    assert refused == told["ends"]


def by_chance(chance: random.Random, number: int) -> list[str]:
    """Texts of which dockerd has been asked, with a character or two put in, taken out or changed in a value."""
    seeds = [text for text, _ in recorded() if '"' in text.partition(": ")[2] and "/dev/" not in text]
    found: list[str] = []
    while len(found) < number:
        text = chance.choice(seeds)
        start = text.index(": ") + 2
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(start, len(text) - 1)
            new = chance.choice(["", *"019aAxXkm.:/-_=,%#?@[]{}+ "])
            text = text[:at] + new + text[at + chance.randint(0, 1) :]
        if _is_fair(text):
            found.append(text)
    return found


def _is_fair(text: str) -> bool:
    """JSON still, and of a key whose values are right or wrong by themselves."""
    try:
        content = json.loads(text)
    except ValueError:
        return False
    elsewhere = "unix" in text or "dm." in text or '"runtimeArgs"' in text
    return isinstance(content, dict) and not elsewhere and not content.keys() & set(_NAMES.split())


_NAMES = """authorization-plugins bridge cluster-advertise cluster-store containerd data-root default-address-pools
default-gateway deprecated-key-path exec-root graph hosts metrics-addr pidfile seccomp-profile storage-driver tlscacert
tlscert tlskey"""
"""What names something of the machine, or makes millions of something."""
