"""Real ctr, on a containerd of its own, pulls Docker Hub's image through a project of a registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ctr import Ctr, containerd
from tests.e2e.registry import Registry, registry
from tests.sandbox import Sandbox

IMAGE = "docker.io/library/hello:1"


@pytest.fixture
def harbor(tmp_path: Path) -> Iterator[Registry]:
    with registry(tmp_path / "registry", "dockerhub/library/hello:1") as served:
        served.push_other(tmp_path / "hello-world", "dockerhub/library/hello-world:latest")
        yield served


@pytest.fixture
def ctr(box: Sandbox, tmp_path: Path) -> Iterator[Ctr]:
    with containerd(tmp_path / "containerd", box.root / "etc/containerd/certs.d") as client:
        yield client


def test_ctr_comes_through_the_project(box: Sandbox, harbor: Registry, ctr: Ctr) -> None:
    assert ctr.pull(IMAGE).returncode != 0
    box.write(box.root / str(harbor.ca).lstrip("/"), harbor.ca.read_bytes())
    where = ("--set", f"host={harbor.place}", "--set", f"ca-file={harbor.ca}", "--root", str(box.root))
    box.run("use", "harbor", *where, "--tool", "containerd", "--verify", code=0)
    done = ctr.pull(IMAGE)
    assert done.returncode == 0, done.stderr
    assert ctr.digests() == {IMAGE: harbor.digest}
    assert "/v2/dockerhub/library/hello/manifests/1?ns=docker.io" in harbor.asked()
    box.run("undo", "--root", str(box.root), code=0)
    ctr.run("images", "rm", IMAGE)
    assert ctr.pull(IMAGE).returncode != 0


def profile(box: Sandbox, harbor: Registry, projects: list[str], resolve: str = "") -> None:
    urls = ", ".join(f'"https://{harbor.place}/{project}"' for project in projects)
    box.profile(
        "acme", f'[tls]\nca-file = "{harbor.ca}"\n[containerd]\nregistry-mirrors = [{urls}]\n{resolve}\n'
    )
    box.write(box.root / str(harbor.ca).lstrip("/"), harbor.ca.read_bytes())
    box.run("use", "acme", "--tool", "containerd", "--root", str(box.root), code=0)


def test_mirrors_are_asked_in_the_profiles_order(box: Sandbox, harbor: Registry, ctr: Ctr) -> None:
    profile(box, harbor, ["zzz", "aaa", "dockerhub"], "resolve = true")
    assert ctr.pull(IMAGE).returncode == 0
    asked = [
        harbor.asked().index(f"/v2/{name}/library/hello/manifests/1?ns")
        for name in ("zzz", "aaa", "dockerhub")
    ]
    assert asked == sorted(asked)


def test_a_mirror_that_may_not_resolve_is_never_asked_for_a_tag(
    box: Sandbox, harbor: Registry, ctr: Ctr
) -> None:
    profile(box, harbor, ["dockerhub"])
    assert ctr.pull(IMAGE).returncode != 0
    assert "manifests/1?ns" not in harbor.asked()
    done = ctr.pull(f"docker.io/library/hello@{harbor.digest}")
    assert done.returncode == 0, done.stderr
    assert f"manifests/{harbor.digest}?ns" in harbor.asked()
