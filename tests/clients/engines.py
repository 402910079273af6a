"""The container engines of several versions, each in a `place` of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import parts
from tests.clients import cri, debian
from tests.clients.place import Place

DOCKER = {"20.10": None, "26.1": debian.TRIXIE, "28.5": debian.FORKY}
CONTAINERD = {"1.6": None, "1.7": debian.TRIXIE, "2.1": debian.FORKY}
PODMAN = {"4.3": None, "5.4": debian.TRIXIE}
CRI = {
    "1.6": """version = 2
[plugins."io.containerd.grpc.v1.cri".registry]
config_path = "/etc/containerd/certs.d"
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "native"
""",
    "2.1": """version = 3
[plugins."io.containerd.cri.v1.images"]
snapshotter = "native"
[plugins."io.containerd.cri.v1.images".registry]
config_path = "/etc/containerd/certs.d"
[[plugins."io.containerd.transfer.v1.local".unpack_config]]
platform = "linux/amd64"
snapshotter = "native"
""",
}
"""A config.toml with which CRI reads certs.d (1.7 takes that of 1.6); the snapshotter is one that works anywhere."""
CRI["1.7"] = CRI["1.6"]

FILE = "/etc/docker/daemon.json"
SNAPSHOTTER = "containerd-snapshotter"
STORE = {"features": {SNAPSHOTTER: True}}
_QUIET = ("--iptables=false", "--ip6tables=false", "--bridge=none")


@dataclass(frozen=True)
class Docker:
    """A daemon that runs in `place`, by its pid outside and its socket."""

    place: Place
    version: str
    pid: int
    socket: str

    def docker(
        self, *argv: str, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Its own version's client."""
        return self.place.run(
            _of(DOCKER, self.version, "docker"), "-H", f"unix://{self.socket}", *argv, environ=environ
        )

    def pull(self, name: str = "hello:1", environ: Mapping[str, str] | None = None) -> bool:
        """Does it get the image, which isn't there before and after?"""
        done = self.docker("pull", name, environ=environ)
        self.docker("rmi", "-f", name)
        return done.returncode == 0

    def reload(self) -> None:
        """Have it read its file again, and wait until it has the mirrors in there."""
        wanted = json.loads(self.place.file(FILE).read_text()).get("registry-mirrors")
        os.kill(self.pid, signal.SIGHUP)
        while [url.rstrip("/") for url in self.info()["RegistryConfig"]["Mirrors"] or []] != wanted:
            time.sleep(0.01)

    def builds(self) -> bool:
        """Does BuildKit get the image to build on?"""
        plugin = debian.unpacked(debian.FORKY).root / "usr/libexec/docker/cli-plugins/docker-buildx"
        plugins, folder = (
            Path(self.place.environ["HOME"]) / ".docker/cli-plugins",
            self.place.folder / "build",
        )
        plugins.mkdir(parents=True, exist_ok=True)
        folder.mkdir(exist_ok=True)
        shutil.copy(plugin, plugins)
        (folder / "Dockerfile").write_text("FROM hello:1\nLABEL a=b\n")
        words = ("build", "--no-cache", "--pull", str(folder))
        return self.docker(*words, environ={"DOCKER_BUILDKIT": "1"}).returncode == 0

    def info(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.docker("info", "--format", "{{json .}}").stdout)
        return found


def client(version: str) -> str:
    """docker's own client of a version."""
    return _of(DOCKER, version, "docker")


@contextmanager
def dockerd(
    place: Place,
    version: str,
    *flags: str,
    socket: str = "/run/docker.sock",
    environ: Mapping[str, str] | None = None,
    before: Sequence[str] = (),
) -> Iterator[Docker]:
    """A dockerd on the place's /etc/docker/daemon.json, with nothing in its stores; `before` are words before its own.

    One whose file has the `STORE` (26.1 and 28.5) is on the containerd image store.
    """
    program, mnt = _of(DOCKER, version, "dockerd"), _fresh(place, "docker")
    log = f"{mnt.rpartition('/')[2]}.log"
    path = f"{Path(program).parent}:{Path(program).parents[1]}/bin:/usr/sbin:/usr/bin:/bin"
    argv = [
        *before,
        program,
        "--exec-root",
        f"{mnt}/exec",
        "-H",
        f"unix://{socket}",
        "-p",
        f"{mnt}/pid",
        *_QUIET,
        *flags,
    ]
    argv += [] if "--data-root" in flags else ["--data-root", f"{mnt}/data"]
    file = place.file("/etc/docker/daemon.json")
    argv.append(
        f"--storage-driver={'native' if file.exists() and SNAPSHOTTER in file.read_text() else 'vfs'}"
    )
    with place.daemon(log, argv, {"PATH": path, **dict(environ or {})}) as pid:
        _said(place.folder / log, "API listen on", pid)
        yield Docker(place, version, pid, socket)


@dataclass(frozen=True)
class Containerd:
    """A containerd that runs in `place`."""

    place: Place
    version: str
    pid: int
    socket: str

    def ctr(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return self.place.run(_of(CONTAINERD, self.version, "ctr"), "-a", self.socket, *argv)

    def pull(self, name: str = "docker.io/library/hello:1", login: str = "") -> tuple[bool, str]:
        """Pull by CRI, as a kubelet does: did it work, and what was said. The image is gone afterwards."""
        found = cri.pull(self.place, self.socket, name, login)
        names = self.ctr("-n", "k8s.io", "images", "ls", "-q").stdout.split()  # it has several for each
        self.ctr("-n", "k8s.io", "images", "rm", "--sync", *names)
        return found


@contextmanager
def containerd(
    place: Place, version: str, config: str | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[Containerd]:
    """A containerd on the place's /etc/containerd/config.toml, which `config` writes first if it is given."""
    if config is not None:
        place.write("/etc/containerd/config.toml", config)
    program, socket = _of(CONTAINERD, version, "containerd"), "/run/containerd/containerd.sock"
    mnt = _fresh(place, "containerd")
    argv = [program, "--root", f"{mnt}/root", "--state", f"{mnt}/state", "--address", socket]
    log = f"{mnt.rpartition('/')[2]}.log"
    with place.daemon(log, argv, environ) as pid:
        _said(place.folder / log, "successfully booted", pid)
        yield Containerd(place, version, pid, socket)


def podman(
    place: Place, version: str, *argv: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A podman with nothing in its stores."""
    mnt = _fresh(place, "podman")
    where = ["--root", f"{mnt}/store", "--runroot", f"{mnt}/run", "--storage-driver", "vfs"]
    where += ["--cgroup-manager", "cgroupfs", "--events-backend", "none"]
    return place.run(*line(version, "podman"), *where, *argv, environ=environ)


def skopeo(
    place: Place, version: str, *argv: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The skopeo that came with a podman."""
    return place.run(*line(version, "skopeo"), *argv, environ=environ)


def _fresh(place: Place, name: str) -> str:
    """A folder that nobody has used."""
    taken = len(list(place.file("/mnt").glob(f"{name}-*")))
    place.file(f"/mnt/{name}-{taken}").mkdir()
    return f"/mnt/{name}-{taken}"


def line(version: str, name: str) -> list[str]:
    """The words that start podman, or what came with it."""
    suite = PODMAN[version]
    return [parts.program(name)] if suite is None else debian.unpacked(suite).line(name)


def _of(versions: Mapping[str, str | None], version: str, name: str) -> str:
    suite = versions[version]
    return parts.program(name) if suite is None else str(debian.unpacked(suite).program(name))


def _said(log: Path, words: str, pid: int) -> None:
    """Wait until a daemon says these words; fails with its log if it ends first."""
    with log.open(errors="replace") as lines:
        said = ""
        while words not in said:
            line = lines.readline()
            said = said[-2000:] + line
            assert line or Path(f"/proc/{pid}/exe").exists(), log.read_text(errors="replace")
            if not line:
                time.sleep(0.01)
