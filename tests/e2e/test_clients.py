"""After a switch the real clients ask the new source; after undo the old one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests import parts
from tests.e2e.daemon import OWN_ETC
from tests.sandbox import Sandbox, environment

MIRROR = "https://mirror.invalid/simple"
OWN = "https://own.invalid/simple"
PROFILE = f"""
[pip]
index-url = "{MIRROR}"
[docker]
registry-mirrors = ["https://mirror.invalid", "https://second.invalid"]
"""
DAEMON = """{
    "log-driver": "json-file",
    "log-opts": { "max-size": "100m", "tag": "{{.Name}}" },
    "runtimes": {
        "nvidia": { "path": "/usr/bin/nvidia-container-runtime", "runtimeArgs": [] }
    },
    "labels": ["rack=7"]
}
"""


@pytest.fixture
def acme(box: Sandbox) -> Sandbox:
    box.profile("acme", PROFILE)
    return box


def pip(box: Sandbox, *argv: str) -> str:
    """What the real pip prints."""
    environ = environment() | {"HOME": str(box.home), "XDG_CONFIG_DIRS": str(box.folder / "xdg")}
    done = subprocess.run(
        [sys.executable, "-m", "pip", *argv], env=environ, cwd=box.folder, capture_output=True, text=True
    )
    return done.stdout + done.stderr


def test_pip_shows_and_asks_the_new_index(acme: Sandbox) -> None:
    acme.write(acme.pip_conf, f"[global]\nindex-url = {OWN}\n")
    acme.run("use", "acme", "--tool", "pip", code=0)
    assert f"global.index-url='{MIRROR}'" in pip(acme, "config", "list")
    asked = pip(acme, "download", "-v", "--retries", "0", "--timeout", "5", "--no-deps", "some-package")
    assert f"Looking in indexes: {MIRROR}" in asked
    assert "mirror.invalid" in asked.partition("Looking in indexes")[2]
    acme.run("undo", code=0)
    assert f"global.index-url='{OWN}'" in pip(acme, "config", "list")


@contextmanager
def dockerd(folder: Path, config: Path) -> Iterator[str]:
    """A real daemon on a configuration file of its own; gives its socket's address."""
    parts.root()
    parts.mounts()
    program = parts.program("dockerd")
    with TemporaryDirectory(prefix="d") as short:  # a socket's name has 108 bytes at most
        address = f"unix://{short}/docker.sock"
        argv = [*OWN_ETC, program, "--config-file", str(config), "--data-root", str(folder / "data")]
        argv += ["--exec-root", f"{short}/exec", "-H", address, "-p", f"{short}/docker.pid"]
        argv += ["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"]
        with (
            (folder / "dockerd.log").open("w+b") as log,
            subprocess.Popen(argv, stdout=log, stderr=log) as daemon,
        ):
            try:
                wait(daemon, folder / "dockerd.log")
                yield address
            finally:
                daemon.terminate()


def wait(daemon: subprocess.Popen[bytes], log: Path) -> None:
    """Until the daemon says that it listens; fails with its words if it ends first."""
    with log.open() as lines:
        while True:
            line = lines.readline()
            if "API listen on" in line:
                return
            assert line or daemon.poll() is None, log.read_text()


def info(address: str) -> dict[str, object]:
    argv = [parts.program("docker"), "-H", address, "info", "--format", "{{json .}}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_dockerd_starts_on_the_file_and_has_the_mirrors(acme: Sandbox) -> None:
    acme.write(acme.daemon_json, DAEMON)
    acme.run("use", "acme", "--root", str(acme.root), code=0)
    with dockerd(acme.folder, acme.daemon_json) as address:
        found = info(address)
    registry = found["RegistryConfig"]
    assert isinstance(registry, dict)
    assert registry["Mirrors"] == ["https://mirror.invalid/", "https://second.invalid/"]
    assert found["LoggingDriver"] == "json-file"
    assert "nvidia" in found["Runtimes"]  # type: ignore[operator]
    assert found["Labels"] == ["rack=7"]
    acme.run("undo", "--root", str(acme.root), code=0)
    assert acme.daemon_json.read_text() == DAEMON


def test_dockerd_starts_on_a_file_of_ours(acme: Sandbox) -> None:
    acme.run("use", "acme", "--root", str(acme.root), "--tool", "docker", code=0)
    with dockerd(acme.folder, acme.daemon_json) as address:
        registry = info(address)["RegistryConfig"]
    assert isinstance(registry, dict)
    assert registry["Mirrors"] == ["https://mirror.invalid/", "https://second.invalid/"]
    acme.run("undo", "--root", str(acme.root), code=0)
    assert not acme.daemon_json.exists()


def test_condas_file_means_to_conda_what_was_meant(acme: Sandbox) -> None:
    """conda isn't on PyPI; its reader is ruamel.yaml, and that is asked here."""
    from ruamel.yaml import YAML

    own = "channels:\n  - conda-forge  #!top\n  - defaults\nssl_verify: true\n"
    acme.write(acme.condarc, own)
    acme.run("use", "tsinghua", "--tool", "conda", code=0)
    read = YAML(typ="safe", pure=True).load(acme.condarc)
    base = "https://mirrors.tuna.tsinghua.edu.cn/anaconda"
    assert read == {
        "channels": ["conda-forge", "defaults"],
        "ssl_verify": True,
        "default_channels": [f"{base}/pkgs/main"],
        "custom_channels": {"conda-forge": f"{base}/cloud", "pytorch": f"{base}/cloud"},
    }
    assert acme.condarc.read_text().startswith(own)


def test_nothing_outside_the_home_is_touched(acme: Sandbox) -> None:
    places = [path for path in (Path("/etc"), Path("/etc/pip.conf"), Path("/var/lib")) if path.exists()]
    before = [path.stat().st_mtime_ns for path in places]
    acme.run("use", "acme", "--tool", "pip", code=0)
    assert [path.stat().st_mtime_ns for path in places] == before
