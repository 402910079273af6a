"""Real skopeo and podman pull Docker Hub's image through a project of a registry, once mirrorcfg has switched."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import own, parts
from tests.e2e.registry import Registry, offline, registry
from tests.sandbox import Sandbox

IMAGE = "docker.io/library/hello:1"


@pytest.fixture
def harbor(tmp_path: Path) -> Iterator[Registry]:
    with registry(tmp_path / "registry", "dockerhub/library/hello:1") as served:
        served.push_other(tmp_path / "hello-world", "dockerhub/library/hello-world:latest")
        yield served


def use(box: Sandbox, harbor: Registry) -> None:
    """Switch to the harbor profile, its source verified; that brings its CA to where podman looks for one."""
    where = ("--set", f"host={harbor.place}", "--set", f"ca-file={harbor.ca}")
    box.run("use", "harbor", *where, "--tool", "podman", "--scope", "user", "--verify", code=0)


def copied(box: Sandbox, name: str, target: str) -> subprocess.CompletedProcess[str]:
    argv = [*own.client("skopeo"), "copy", "--preserve-digests", f"docker://{name}"]
    argv += [f"oci:{box.folder / target}:1"]
    environ = offline() | {"HOME": str(box.home)}
    return subprocess.run(argv, env=environ, capture_output=True, text=True)


def test_skopeo_comes_through_the_project(box: Sandbox, harbor: Registry) -> None:
    assert copied(box, IMAGE, "before").returncode != 0
    use(box, harbor)
    done = copied(box, IMAGE, "after")
    assert done.returncode == 0, done.stderr
    blob = box.folder / "after/blobs/sha256" / harbor.digest.removeprefix("sha256:")
    assert blob.is_file()
    assert "/v2/dockerhub/library/hello/manifests/1" in harbor.asked()
    done = copied(box, f"docker.io/library/hello@{harbor.digest}", "by-digest")
    assert done.returncode == 0, done.stderr
    box.run("undo", code=0)
    assert copied(box, IMAGE, "undone").returncode != 0


def test_podman_pulls_it_under_its_own_name(box: Sandbox, harbor: Registry) -> None:
    parts.root()
    use(box, harbor)
    with tempfile.TemporaryDirectory(prefix="m") as run:  # podman wants a short name for it
        assert pulled(box, run) == [IMAGE, harbor.digest]


def pulled(box: Sandbox, run: str) -> list[str]:
    """The images and digests that podman has after pulling."""
    argv = [*own.client("podman"), "--root", str(box.folder / "store"), "--runroot", run]
    argv += ["--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "none"]
    environ = offline() | {"HOME": str(box.home)}
    done = subprocess.run([*argv, "pull", IMAGE], env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    names = subprocess.run(
        [*argv, "images", "--digests", "--format", "{{.Repository}}:{{.Tag}} {{.Digest}}"],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return names.split()


def test_the_name_that_image_prints_can_be_pulled(box: Sandbox, harbor: Registry) -> None:
    use(box, harbor)
    name = box.run("image", "hello:1", code=0).out.strip()
    assert name == f"{harbor.place}/dockerhub/library/hello:1"
    done = copied(box, name, "named")
    assert done.returncode == 0, done.stderr
