"""k3s' writer: endpoints, and a CA by host, in a registries.yaml."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import yaml
from mirrorcfg.formats.past import Past
from mirrorcfg.model.machine import Machine
from mirrorcfg.model.settings import Settings
from mirrorcfg.writers import Writer, k3s
from tests.sandbox import Sandbox

WRITER: Writer = k3s
HARBOR, B = "https://harbor.invalid/dockerhub", "https://b.invalid"
GHCR = {"ghcr.io": "https://harbor.invalid/ghcr"}
WANTED: Settings = {"registry-mirrors": (HARBOR,)}
OURS = "mirrors:\n  docker.io:\n    endpoint:\n      - https://harbor.invalid/v2/dockerhub\n"
OLD = OURS.replace("harbor.invalid/v2/dockerhub", "a.invalid")
MINE = '# mine\nconfigs:\n  "x.invalid":\n    auth:\n      username: me   # me\n'
GOLDEN = [
    ("a new file", "", OURS),
    ("another endpoint", OLD, OURS),
    ("what else is there", MINE, MINE + OURS),
    ("another registry stays", "mirrors:\n  quay.io:\n    endpoint:\n      - https://x.invalid\n", "mirrors:\n  quay.io:\n    endpoint:\n      - https://x.invalid\n" + OURS.removeprefix("mirrors:\n")),
    ("a rewrite goes", OLD + '    rewrite:\n      "^(.*)$": "p/$1"\n', OURS),
    ("a comment stays", OLD.replace("  docker.io", "  # of ours\n  docker.io"), OURS.replace("  docker.io", "  # of ours\n  docker.io")),
    ("CRLF", OLD.replace("\n", "\r\n"), OURS.replace("\n", "\r\n")),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in GOLDEN], ids=[case[0] for case in GOLDEN])
def test_the_endpoints_are_set_and_nothing_else(before: str, after: str) -> None:
    assert k3s.edit(before, WANTED) == after
    assert k3s.edit(after, WANTED) == after
    assert k3s.revert(after, after, before) == before


def test_what_is_written_is_what_k3s_documents() -> None:
    settings = {"registry-mirrors": (HARBOR, f"{B}:8443/"), "registries": GHCR, "ca-file": "/acme.pem"}
    text = k3s.edit("", settings)
    assert yaml.read(text) == {
        "mirrors": {
            "docker.io": {"endpoint": ["https://harbor.invalid/v2/dockerhub", "https://b.invalid:8443"]},
            "ghcr.io": {"endpoint": ["https://harbor.invalid/v2/ghcr"]},
        },
        "configs": {
            "harbor.invalid": {"tls": {"ca_file": "/acme.pem"}},
            "b.invalid:8443": {"tls": {"ca_file": "/acme.pem"}},
        },
    }
    assert k3s.read(text) == {**settings, "registry-mirrors": (HARBOR, f"{B}:8443")}


def test_default_takes_the_endpoints_away() -> None:
    assert k3s.edit(OURS, {}).strip() == ""
    assert k3s.edit(MINE + OURS, {}).strip() == MINE.strip()


def test_another_registry_and_a_ca_go_with_the_profile_that_named_them() -> None:
    left = k3s.edit(MINE, {**WANTED, "registries": GHCR, "ca-file": "/acme.pem"})
    after = k3s.edit(left, {"registry-mirrors": (B,)}, Past(MINE, left))
    assert k3s.read(after) == {"registry-mirrors": (B,)}
    assert "acme" not in after
    assert "username: me" in after


def test_insecure_goes_for_a_mirror_of_ours() -> None:
    text = "configs:\n  harbor.invalid:\n    tls:\n      insecure_skip_verify: true\n"
    assert "insecure" not in k3s.edit(text, WANTED)
    assert k3s.edit(text, {"registry-mirrors": (B,)}).startswith(text)


@pytest.mark.parametrize(
    "text",
    [
        "mirrors: 1\n",
        "mirrors:\n  docker.io: x\n",
        "mirrors:\n  docker.io:\n    endpoint: https://a.invalid\n",
        "mirrors:\n  docker.io:\n    endpoint: [1]\n",
        "mirrors:\n  docker.io:\n    rewrite: x\n",
        "configs:\n  a.invalid:\n    tls: x\n",
        "mirrors: [\n",
    ],
)
def test_what_k3s_does_not_start_with_is_refused(text: str) -> None:
    with pytest.raises(FormatError) as raised:
        k3s.edit(text, WANTED)
    assert raised.value.line


URLS = st.lists(st.sampled_from([HARBOR, B, "https://c.invalid:8443"]), unique=True)
REST = st.sampled_from(
    ["", MINE, OLD, "mirrors:\n  quay.io:\n    endpoint: [https://x.invalid]\n", "# no newline"]
)
CA = st.sampled_from([{}, {"ca-file": "/acme.pem"}])


@given(REST, URLS, URLS, CA)
def test_there_and_back(rest: str, first: list[str], second: list[str], ca: dict[str, str]) -> None:
    before = k3s.edit(rest, {"registry-mirrors": tuple(first)})
    settings: Settings = {"registry-mirrors": tuple(second), **ca}
    after = k3s.edit(before, settings)
    assert k3s.read(after).get("registry-mirrors", ()) == tuple(second)
    assert k3s.edit(after, settings) == after
    assert k3s.revert(after, after, before) == before


def test_switched_by_mirrorcfg_and_back(box: Sandbox) -> None:
    box.profile("acme", f'[docker]\nregistry-mirrors = ["{B}"]\n')
    file = box.root / "etc/rancher/k3s/registries.yaml"
    before = box.write(file, MINE)
    answer = box.json("use", "acme", "--tool", "k3s", "--root", str(box.root))
    assert answer["data"]["tools"]["k3s"]["effective"] == [B]
    assert any("systemctl restart k3s" in finding["message"] for finding in answer["findings"])
    box.run("undo", "--root", str(box.root), code=0)
    assert file.read_bytes() == before


def test_a_rewrite_that_goes_is_said(box: Sandbox) -> None:
    box.profile("acme", f'[docker]\nregistry-mirrors = ["{B}"]\n')
    box.write(box.root / "etc/rancher/k3s/registries.yaml", OLD + "    rewrite:\n      a: b\n")
    answer = box.json("use", "acme", "--tool", "k3s", "--root", str(box.root))
    [said] = [each for each in answer["findings"] if each["code"] == "taken-along"]
    assert "a = b" in said["message"]


def test_what_serves_all_is_named_and_no_longer_serves_docker_io(box: Sandbox) -> None:
    box.profile("acme", f'[docker]\nregistry-mirrors = ["{B}"]\n')
    box.write(
        box.root / "etc/rancher/k3s/registries.yaml", 'mirrors:\n  "*":\n    endpoint: [https://c.invalid]\n'
    )
    before = box.json("status", "--tool", "k3s", "--root", str(box.root))
    assert before["data"]["tools"]["k3s"]["effective"] == ["https://c.invalid"]
    answer = box.json("use", "acme", "--tool", "k3s", "--root", str(box.root))
    assert answer["data"]["tools"]["k3s"]["effective"] == [B]
    assert "displaced" in {each["code"] for each in answer["findings"]}


PLACES = [
    ("linux", None, [], "/etc/rancher/k3s/registries.yaml"),
    ("linux", "user", [], None),
    ("linux", "system", ["/etc/rancher/rke2"], "/etc/rancher/rke2/registries.yaml"),
    ("darwin", None, [], None),
]


@pytest.mark.parametrize(("platform", "scope", "folders", "expected"), PLACES)
def test_the_file_that_is_written(platform, scope, folders, expected) -> None:  # type: ignore[no-untyped-def]
    machine = Machine(platform, PurePosixPath("/home/li"), is_dir=lambda path: str(path) in folders)
    found = next((str(layer.path) for layer in k3s.layers(machine, scope) if layer.target), None)
    assert found == expected
