"""After the standalone script the real daemon pulls through the profile's mirror; after --undo it does not."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import own, parts
from tests.e2e.daemon import Live, live
from tests.e2e.registry import Registry, offline, registry
from tests.sandbox import Sandbox
from tests.scripts.workshop import SHELLS, Target, isolated

IMAGE = "docker.io/library/hello:1"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Registry]:
    with registry(tmp_path / "registry", "library/hello:1") as served:
        yield served


def run(daemon: Live, shell: str, script: Path, *argv: str, pid: bool = True) -> str:
    """Run the script where /etc/docker is this daemon's, and its pid where the script looks for it."""
    command = "mount -t tmpfs tmpfs /var/lib && mount -t tmpfs tmpfs /var/run && "
    command += "cp /mnt/one/pid /var/run/docker.pid && " if pid else ""
    command += f"mkdir -p {daemon.box.folder}/lib && mount --bind {daemon.box.folder}/lib /var/lib && "
    command += f'exec {shell} "$@"'
    line = ["nsenter", "-t", str(daemon.process.pid), "-m", "unshare", "-m", "sh", "-c", command, "sh"]
    environ = {"PATH": "/usr/bin:/bin:/usr/sbin", "HOME": str(daemon.box.home), "DOCKER_HOST": daemon.address}
    done = subprocess.run([*line, str(script), *argv], env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def awaited(daemon: Live) -> list[str]:
    """The daemon's mirrors, once it has read its file: a signal is not an answer."""
    end = time.monotonic() + 15
    while not (found := daemon.mirrors()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("shell", SHELLS)
def test_docker_takes_the_mirror_and_its_ca_and_gives_them_back(
    box: Sandbox, hub: Registry, shell: str
) -> None:
    parts.mounts()
    box.profile(
        "acme", f'[tls]\nca-file = "{hub.ca}"\n[docker]\nregistry-mirrors = ["https://{hub.place}"]\n'
    )
    script = Target(box).script("acme", "--format=sh", "--style=standalone", "--tool=docker")
    with live(box, None) as daemon:
        started = daemon.started
        out = run(daemon, " ".join(SHELLS[shell]), script)
        assert out.count("created ") == 2
        assert f"/etc/docker/certs.d/{hub.place}/ca.crt" in out
        assert awaited(daemon) == [f"https://{hub.place}"]
        daemon.docker("pull", "--quiet", IMAGE)
        assert "/v2/library/hello/manifests/" in hub.asked()
        assert run(daemon, " ".join(SHELLS[shell]), script).count("unchanged ") == 2
        out = run(daemon, " ".join(SHELLS[shell]), script, "--undo")
        assert out.count("removed ") == 2
        assert (daemon.mirrors(), daemon.text, daemon.started) == ([], None, started)
        assert not daemon.file.parent.joinpath("certs.d").exists()


def test_podmans_family_pulls_through_the_project(box: Sandbox, tmp_path: Path) -> None:
    parts.mounts()
    with registry(tmp_path / "registry", "dockerhub/library/hello:1") as harbor:
        where = ("--set", f"host={harbor.place}", "--set", f"ca-file={harbor.ca}")
        target = Target(box)
        script = target.script(
            "harbor", "--format=sh", "--style=standalone", "--tool=podman", "--scope=user", *where
        )
        assert pulled(box, "before").returncode != 0
        box.environ["HOME"] = str(box.home)
        isolated(target, script)
        done = pulled(box, "after")
        assert done.returncode == 0, done.stderr
        isolated(target, script, "--undo")
        assert pulled(box, "undone").returncode != 0


def pulled(box: Sandbox, name: str) -> subprocess.CompletedProcess[str]:
    argv = [*own.client("skopeo"), "copy", f"docker://{IMAGE}", f"oci:{box.folder / name}:1"]
    return subprocess.run(argv, env=offline() | {"HOME": str(box.home)}, capture_output=True, text=True)
