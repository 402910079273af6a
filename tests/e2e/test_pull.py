"""`pull`: a real docker and a real podman, from a registry's project; what it refuses isn't kept."""

from __future__ import annotations

import json
import shlex
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import own, parts
from tests.e2e.daemon import OWN_ETC
from tests.e2e.registry import Registry, offline, registry, until
from tests.sandbox import Done, Sandbox

HELLO = "dockerhub/library/hello:1"


class Engine:
    """docker or podman, with images of its own, as mirrorcfg finds it on PATH."""

    def __init__(self, name: str, box: Sandbox, harbor: Registry, argv: list[str]) -> None:
        self.name, self.box, self.harbor = name, box, harbor
        bin_ = box.folder / "bin"
        bin_.mkdir()
        (bin_ / name).write_text(f'#!/bin/sh\nexec {shlex.join(argv)} "$@"\n')
        (bin_ / name).chmod(0o755)
        self.environ = offline() | box.environ | {"PATH": f"{bin_}:{box.environ['PATH']}"}
        self.projects("dockerhub")

    def projects(self, *names: str) -> None:
        urls = ", ".join(f'"https://{self.harbor.place}/{name}"' for name in names)
        self.box.profile("acme", f"[podman]\nregistry-mirrors = [{urls}]\n")

    def pull(self, reference: str, code: int = 0) -> Done:
        argv = ("pull", reference, "--profile", "acme", "--engine", self.name, "--json")
        return self.box.run(*argv, environ=self.environ, code=code)

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        program = str(self.box.folder / "bin" / self.name)
        return subprocess.run([program, *argv], env=self.environ, capture_output=True, text=True)

    def digests(self, name: str) -> list[str]:
        done = self.run("image", "inspect", "--format", "{{json .RepoDigests}}", name)
        return [each.rpartition("@")[2] for each in json.loads(done.stdout)] if not done.returncode else []


@pytest.fixture
def harbor(tmp_path: Path) -> Iterator[Registry]:
    with registry(tmp_path / "registry", HELLO) as served:
        yield served


@pytest.fixture(params=["docker", "podman"])
def engine(request: pytest.FixtureRequest, box: Sandbox, harbor: Registry) -> Iterator[Engine]:
    parts.root()
    program = parts.program(request.param)
    with tempfile.TemporaryDirectory(prefix="m") as run:  # podman wants a short name for it
        if request.param == "podman":
            certificates = box.home / ".config/containers/certs.d" / harbor.place / "ca.crt"
            box.write(certificates, harbor.ca.read_bytes())
            argv = [
                *own.client("podman"),
                "--root",
                str(box.folder / "store"),
                "--runroot",
                run,
                "--storage-driver",
                "vfs",
            ]
            argv += ["--cgroup-manager", "cgroupfs", "--events-backend", "none"]
            yield Engine("podman", box, harbor, argv)
            return
        parts.mounts()
        argv = [*OWN_ETC, parts.program("dockerd"), "--config-file", f"{run}/none.json"]
        argv += ["--data-root", f"{run}/data"]
        argv += ["--exec-root", f"{run}/exec", "-H", f"unix://{run}/sock", "-p", f"{run}/pid"]
        argv += ["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"]
        Path(run, "none.json").write_text("{}")
        log = Path(run, "log")
        environ = offline() | {"SSL_CERT_FILE": str(harbor.ca)}
        with log.open("wb") as out, subprocess.Popen(argv, stdout=out, stderr=out, env=environ) as daemon:
            try:
                until(daemon, log, "API listen on")
                yield Engine("docker", box, harbor, [program, "-H", f"unix://{run}/sock"])
            finally:
                daemon.terminate()
                daemon.wait()


def test_the_image_ends_under_its_own_name(engine: Engine) -> None:
    data = engine.pull("hello:1").data
    assert data["image"] == f"{engine.harbor.place}/{HELLO}"
    assert data["digest"] == engine.harbor.digest
    assert engine.harbor.digest in engine.digests("docker.io/library/hello:1")


def test_the_first_that_serves_it_is_taken(engine: Engine) -> None:
    engine.projects("nothing", "dockerhub")
    answer = engine.pull("hello:1").json
    assert answer["data"]["image"] == f"{engine.harbor.place}/{HELLO}"
    assert [finding["code"] for finding in answer["findings"]] == ["not-pulled"]


def test_a_tag_and_a_digest(engine: Engine) -> None:
    engine.pull(f"hello:1@{engine.harbor.digest}")
    assert engine.harbor.digest in engine.digests("docker.io/library/hello:1")
    wrong = "sha256:" + "0" * 64
    assert engine.pull(f"hello:1@{wrong}", code=1).json["error"]["code"] == "not-pulled"


def test_a_digest_alone_leaves_it_under_the_mirrors_name(engine: Engine) -> None:
    answer = engine.pull(f"hello@{engine.harbor.digest}").json
    assert [finding["code"] for finding in answer["findings"]] == ["no-tag"]
    name = f"{engine.harbor.place}/dockerhub/library/hello@{engine.harbor.digest}"
    assert answer["data"]["image"] == name
    assert engine.harbor.digest in engine.digests(name)


def test_another_image_than_the_one_that_is_here_is_refused(engine: Engine, tmp_path: Path) -> None:
    engine.pull("hello:1")
    other = engine.harbor.push_other(tmp_path / "other", "other/library/hello:1")
    engine.projects("other")
    answer = engine.pull("hello:1", code=3).json
    assert answer["error"]["code"] == "digest-differs"
    assert engine.harbor.digest in engine.digests("docker.io/library/hello:1")
    assert engine.digests(f"{engine.harbor.place}/other/library/hello:1") == []
    assert other not in engine.digests("docker.io/library/hello:1")


def test_a_name_that_nobody_serves(engine: Engine) -> None:
    assert engine.pull("nothing:1", code=1).json["error"]["code"] == "not-pulled"


def test_without_either_it_says_so(box: Sandbox) -> None:
    answer = box.run("pull", "hello", "--engine", "cat", "--json", code=2).json
    assert answer["error"]["code"] == "unknown-engine"
    none = box.run("pull", "hello", "--json", environ={"PATH": str(box.folder)}, code=1).json
    assert none["error"]["code"] == "no-engine"


def archived(engine: Engine) -> Path:
    """A folder with an archive of the image that the engine itself saved; the engine has none of it any more."""
    engine.pull("hello:1")
    folder = engine.box.folder / "images"
    folder.mkdir()
    own = "docker.io/library/hello:1"
    assert engine.run("save", "-o", str(folder / "hello.tar"), own).returncode == 0
    assert all(engine.run("rmi", name).returncode == 0 for name in (own, f"{engine.harbor.place}/{HELLO}"))
    mirrors = f'[podman]\nregistry-mirrors = ["https://{engine.harbor.place}/nothing"]\n'
    engine.box.profile("acme", f'{mirrors}[docker]\narchives = ["{folder}"]\n')
    return folder


def test_an_archive_is_the_last_resort(engine: Engine) -> None:
    folder = archived(engine)
    answer = engine.pull("hello:1").json
    assert answer["data"]["image"] == str(folder / "hello.tar")
    assert [finding["code"] for finding in answer["findings"]] == ["not-pulled"]
    assert engine.run("image", "inspect", "docker.io/library/hello:1").returncode == 0
    sources = engine.box.json("verify", "acme", "--tool", "docker")["data"]["sources"]
    assert [(source["role"], source["code"], source["level"]) for source in sources] == [
        ("archives", "ok", 3)
    ]


def test_an_archive_that_cant_show_the_digest_is_left_alone(engine: Engine) -> None:
    archived(engine)
    assert engine.pull(f"hello:1@{engine.harbor.digest}", code=1).json["error"]["code"] == "not-pulled"
    assert engine.pull("hello:2", code=1).json["error"]["code"] == "not-pulled"


def test_a_damaged_archive_is_not_loaded(engine: Engine) -> None:
    file = archived(engine) / "hello.tar"
    with tarfile.open(file) as saved:
        layer = max((member for member in saved if "json" not in member.name), key=lambda each: each.size)
    raw = bytearray(file.read_bytes())
    raw[layer.offset_data] ^= 0xFF
    file.write_bytes(raw)
    sources = engine.box.json("verify", "acme", "--tool", "docker", code=3)["data"]["sources"]
    assert [source["code"] for source in sources] == ["hash-mismatch"]
    assert engine.pull("hello:1", code=1).json["error"]["code"] == "not-pulled"
