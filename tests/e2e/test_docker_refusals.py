"""What is refused before it is written is what the real dockerd refuses; tests/clients has its values."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mirrorcfg.activation import options, process
from tests import parts
from tests.e2e.daemon import live
from tests.sandbox import Sandbox

SENTINEL = "max-concurrent-uploads", "max-concurrent-downloads"


@cache
def version(program: str) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True).stdout


def refuses(folder: Path, content: dict[str, Any], *flags: str) -> str:
    """What dockerd 20.10 says of a file; another key of it is wrong in any case, so that it never starts."""
    program = parts.program("dockerd")
    if "20.10." not in version(program):
        parts.absent("dockerd is not 20.10")
    spare = next(key for key in SENTINEL if key not in content)
    file = folder / "daemon.json"
    file.write_text(json.dumps({**content, spare: -1}))
    line = [program, "--data-root", str(folder / "d"), "--exec-root", str(folder / "e"), *flags]
    done = subprocess.run([*line, "--config-file", str(file)], capture_output=True, text=True, timeout=20)
    said = done.stderr.strip().splitlines()[-1]
    return "" if "max concurrent" in said else said


@pytest.mark.parametrize(
    ("flag", "key", "value"),
    [
        ("--registry-mirror=https://a.invalid", "registry-mirrors", ["https://b.invalid"]),
        ("--insecure-registry=a.invalid", "insecure-registries", ["b.invalid"]),
        ("--label=a=b", "labels", ["c=d"]),
        ("-Hunix:///nowhere/s", "hosts", ["unix:///nowhere/t"]),
        ("-D", "debug", True),
        ("--dns=192.0.2.1", "dns", ["192.0.2.2"]),
        ("--log-opt=max-size=1m", "log-opts", {"max-size": "2m"}),
        ("--add-runtime=x=/x", "runtimes", {"y": {"path": "/y"}}),
    ],
)
def test_a_key_that_is_a_flag_too(tmp_path: Path, flag: str, key: str, value: Any) -> None:
    ours = {key} & options.keys_of_flags(("dockerd", flag)).keys() - {"runtimes"}
    assert bool(ours) == ("both as a flag" in refuses(tmp_path, {key: value}, flag))


@pytest.mark.parametrize(
    ("mirror", "flags", "text", "code"),
    [
        ("https://mirror.invalid/docker-ce", (), "{}", "mirror-with-path"),
        ("https://harbor.invalid/dockerhub", (), "{}", "harbor-path"),
        ("https://mirror.invalid", ("--registry-mirror", "https://a.invalid"), "{}", "key-is-a-flag"),
        ("https://mirror.invalid", (), '{"no-such": 1}', "unknown-key"),
        ("https://mirror.invalid", (), '{"debug": "yes"}', "wrong-type"),
        ("https://mirror.invalid", (), '{"log-level": "loud"}', "bad-value"),
        ("https://mirror.invalid", ("--iptables=false",), '{"icc": false}', "bad-value"),
        ("https://mirror.invalid", (), '{"group": "no-such"}', "bad-value"),
        ("https://mirror.invalid", (), "\ufeff{}", "byte-order-mark"),
    ],
)
def test_use_refuses_before_it_writes(
    box: Sandbox, mirror: str, flags: tuple[str, ...], text: str, code: str
) -> None:
    box.profile("acme", f'[docker]\nregistry-mirrors = ["{mirror}"]\n')
    with live(box, "{}", *flags) as daemon:
        before = daemon.mirrors()
        daemon.file.write_text(text)
        done = daemon.run("use", "acme", "--tool", "docker", "--no-verify", "--json", code=1)
        assert done.json["error"]["code"] == code
        assert (daemon.text, daemon.mirrors()) == (text, before)
        assert "SIGHUP" not in daemon.log.read_text()


def test_dockerd_refuses_a_mirror_with_a_path(tmp_path: Path) -> None:
    parts.mounts()
    assert "invalid mirror" in _started(tmp_path, "https://mirror.invalid/docker-ce")


def _started(folder: Path, mirror: str) -> str:
    from tests.e2e.daemon import live as start

    folder.joinpath("box").mkdir()
    with (
        pytest.raises(AssertionError) as caught,
        start(Sandbox(folder / "box"), json.dumps({"registry-mirrors": [mirror]})),
    ):
        raise RuntimeError("it started")
    return str(caught.value)


def test_a_flag_in_every_spelling() -> None:
    argv = ("dockerd", "--config-file", "/a", "-H", "unix:///s", "-Htcp://x", "-H=fd://", "--host=unix:///t")
    assert process.values(argv, "config-file") == ["/a"]
    assert process.values(argv, "host", "H") == ["unix:///s", "tcp://x", "fd://", "unix:///t"]
