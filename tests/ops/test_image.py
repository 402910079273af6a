"""`image`: the name as a profile's mirrors serve it, whole commands in a sandbox."""

from __future__ import annotations

import pytest

from tests.sandbox import Sandbox

A = "sha256:" + "a" * 64
PROFILE = """
[podman]
registry-mirrors = ["https://harbor.example/dockerhub", "https://hub.example"]
registries = { "ghcr.io" = "https://harbor.example/ghcr", "quay.io/coreos" = "https://harbor:8443/coreos", "docker.io/nvidia" = "https://harbor.example/nv" }
"""
CASES = {
    "hello-world": ["harbor.example/dockerhub/library/hello-world", "hub.example/library/hello-world"],
    "pytorch/pytorch:2.1.0-cuda12.1": ["harbor.example/dockerhub/pytorch/pytorch:2.1.0-cuda12.1", "hub.example/pytorch/pytorch:2.1.0-cuda12.1"],
    f"index.docker.io/a/b:1@{A}": [f"harbor.example/dockerhub/a/b:1@{A}", f"hub.example/a/b:1@{A}"],
    "ghcr.io/astral-sh/uv": ["harbor.example/ghcr/astral-sh/uv"],
    "quay.io/coreos/etcd:v3": ["harbor:8443/coreos/etcd:v3"],
    "nvidia/cuda:12": ["harbor.example/nv/cuda:12"],
    "quay.io/other/x": [],
    "nvcr.io/nvidia/pytorch": [],
    "localhost:5000/a": [],
    "harbor.example/dockerhub/library/hello-world": [],
}  # fmt: skip


@pytest.mark.parametrize("reference", CASES)
def test_the_names_to_try(box: Sandbox, reference: str) -> None:
    box.profile("acme", PROFILE)
    answer = box.json("image", reference, "--profile", "acme")
    expected = [*CASES[reference], reference]
    assert answer["data"] == {"reference": reference, "image": expected[0], "candidates": expected}
    assert [finding["code"] for finding in answer["findings"]] == ([] if CASES[reference] else ["no-source"])


def test_what_a_script_reads(box: Sandbox) -> None:
    box.profile("acme", PROFILE)
    one = box.run("image", "hello-world", "--profile", "acme", code=0)
    assert (one.out, one.err) == ("harbor.example/dockerhub/library/hello-world\n", "")
    every = box.run("image", "--candidates", "hello-world", "--profile", "acme", code=0)
    assert every.out.splitlines() == [*CASES["hello-world"], "hello-world"]
    none = box.run("image", "nvcr.io/a", "--profile", "acme", code=0)
    assert none.out == "nvcr.io/a\n"
    assert "no-source" in none.err


def test_harbor_needs_its_host_alone(box: Sandbox) -> None:
    done = box.run("image", "hello-world", "--profile", "harbor", "--set", "host=h.example", code=0)
    assert done.out == "h.example/dockerhub/library/hello-world\n"
    assert "--set host=" in box.run("image", "hello-world", "--profile", "harbor").err


@pytest.mark.parametrize("tool", ["podman", "containerd"])
def test_the_profile_in_use(box: Sandbox, tool: str) -> None:
    root = ("--root", str(box.root))
    assert box.run("image", "hello", *root, code=0).out == "hello\n"
    box.run("use", "harbor", "--set", "host=h.example", "--tool", tool, *root, code=0)
    assert box.run("image", "hello", *root, code=0).out == "h.example/dockerhub/library/hello\n"
    box.run("undo", *root, code=0)
    assert box.run("image", "hello", *root, code=0).out == "hello\n"


def test_each_engine_has_its_own(box: Sandbox) -> None:
    """What is in effect counts, also where the profile in use was given its host with --set."""
    root = ("--root", str(box.root))
    box.profile("hub", '[docker]\nregistry-mirrors = ["https://hub.example/"]\n')
    box.run("use", "hub", "--tool", "docker", *root, code=0)
    box.run("use", "harbor", "--set", "host=h.example", "--tool", "podman", *root, code=0)
    podman, docker = "h.example/dockerhub/library/hello", "hub.example/library/hello"
    assert box.run("image", "hello", *root, code=0).out == f"{podman}\n"
    assert box.run("image", "hello", "--engine", "podman", *root, code=0).out == f"{podman}\n"
    assert box.run("image", "hello", "--engine", "docker", *root, code=0).out == f"{docker}\n"
    assert box.json("image", "hello", "--engine", "pip", *root, code=2)["error"]["code"] == "unknown-engine"


def test_a_mirror_by_path_has_no_name_for_docker(box: Sandbox) -> None:
    """docker asks /PATH/v2/ of it, and a name would be asked for at /v2/PATH/."""
    box.profile("nexus", '[docker]\nregistry-mirrors = ["https://nexus.example/repository/hub"]\n')
    answer = box.json("image", "hello", "--profile", "nexus", code=0)
    assert answer["data"]["candidates"] == ["hello"]
    root = ("--root", str(box.root))
    box.run("use", "nexus", "--tool", "docker", *root, code=0)
    assert box.json("image", "hello", "--engine", "docker", *root, code=0)["data"]["candidates"] == ["hello"]
    refused = box.json("use", "nexus", "--tool", "podman", *root, code=1)["error"]
    assert refused["code"] == "unavailable"
    assert "https://nexus.example/repository/hub" in refused["message"]


def test_a_profile_of_ones_own_in_use_by_another_tool(box: Sandbox) -> None:
    box.profile("acme", PROFILE + '[pip]\nindex-url = "https://pip.invalid/simple"\n')
    box.run("use", "acme", "--tool", "pip", code=0)
    assert box.run("image", "ghcr.io/a/b", code=0).out == "harbor.example/ghcr/a/b\n"


def test_what_is_no_reference_is_a_usage_error(box: Sandbox) -> None:
    answer = box.json("image", "Hello World", code=2)
    assert answer["error"]["code"] == "bad-reference"
