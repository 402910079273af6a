"""buildkit's writer: the mirrors, and a CA at the mirror's own table, in a buildkitd.toml."""

from __future__ import annotations

import tomllib
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.errors import FormatError
from mirrorcfg.formats.past import Past
from mirrorcfg.model.machine import Machine
from mirrorcfg.model.settings import Settings
from mirrorcfg.writers import Writer, buildkit
from tests.sandbox import Sandbox

WRITER: Writer = buildkit
HARBOR, B = "https://harbor.invalid/dockerhub", "https://b.invalid"
GHCR = {"ghcr.io": "https://harbor.invalid/ghcr"}
WANTED: Settings = {"registry-mirrors": (HARBOR,)}


def table(*mirrors: str, name: str = "docker.io") -> str:
    listed = ", ".join(f'"{each}"' for each in mirrors)
    return f'[registry."{name}"]\nmirrors = [{listed}]\n'


OURS = table("harbor.invalid/dockerhub")
MINE = "# mine\ndebug = true\n\n[worker.oci]\n  max-parallelism = 4   # few\n"
GOLDEN = [
    ("a new file", "", OURS),
    ("another mirror", table("a.invalid"), OURS),
    ("what else is there", MINE, MINE + "\n" + OURS),
    ("a key of the user's beside it", table("a.invalid") + 'ca = ["/hub.pem"]\n', OURS + 'ca = ["/hub.pem"]\n'),
    ("a table without mirrors", '[registry."docker.io"]\n  http = false\n', '[registry."docker.io"]\n  http = false\n  mirrors = ["harbor.invalid/dockerhub"]\n'),
    ("another registry stays", table("x.invalid", name="quay.io"), table("x.invalid", name="quay.io") + "\n" + OURS),
    ("http of the mirror's goes", '[registry."harbor.invalid"]\nhttp = true\ninsecure = true\nca = ["/a"]\n', '[registry."harbor.invalid"]\nca = ["/a"]\n\n' + OURS),
    ("CRLF", "debug = true\r\n", "debug = true\r\n\r\n" + OURS.replace("\n", "\r\n")),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in GOLDEN], ids=[case[0] for case in GOLDEN])
def test_the_mirrors_are_set_and_nothing_else(before: str, after: str) -> None:
    assert buildkit.edit(before, WANTED) == after
    assert buildkit.edit(after, WANTED) == after
    assert buildkit.revert(after, after, before) == before


def test_what_is_written_is_what_buildkit_documents() -> None:
    text = buildkit.edit(
        "", {"registry-mirrors": (HARBOR, f"{B}:8443/"), "registries": GHCR, "ca-file": "/acme.pem"}
    )
    assert tomllib.loads(text) == {
        "registry": {
            "docker.io": {"mirrors": ["harbor.invalid/dockerhub", "b.invalid:8443"]},
            "ghcr.io": {"mirrors": ["harbor.invalid/ghcr"]},
            "harbor.invalid": {"ca": ["/acme.pem"]},
            "b.invalid:8443": {"ca": ["/acme.pem"]},
        }
    }


def test_what_is_read_back() -> None:
    settings = {"registry-mirrors": (HARBOR, B), "registries": GHCR, "ca-file": "/acme.pem"}
    assert buildkit.read(buildkit.edit("", settings)) == settings


def test_default_leaves_an_empty_file_and_the_users_own() -> None:
    assert buildkit.edit(OURS, {}) == ""
    assert buildkit.edit(MINE + "\n" + OURS, {}).strip() == MINE.strip()
    assert (
        buildkit.edit(table("a.invalid") + "http = false\n", {}) == '[registry."docker.io"]\nhttp = false\n'
    )


def test_another_registry_and_a_ca_go_with_the_profile_that_named_them() -> None:
    before = table("x.invalid", name="quay.io")
    left = buildkit.edit(before, {**WANTED, "registries": GHCR, "ca-file": "/acme.pem"})
    after = buildkit.edit(left, {"registry-mirrors": (B,)}, Past(before, left))
    assert buildkit.read(after) == {"registry-mirrors": (B,), "registries": {"quay.io": "https://x.invalid"}}
    assert "acme" not in after


@pytest.mark.parametrize(
    "text",
    [
        "registry = 1\n",
        '[registry]\n"docker.io" = "x"\n',
        table("a").replace('["a"]', '"a"'),
        table("a").replace('["a"]', "[1]"),
        OURS + 'http = "yes"\n',
        OURS + 'ca = "/a"\n',
        "[registry\n",
    ],
)
def test_what_buildkitd_does_not_start_with_is_refused(text: str) -> None:
    with pytest.raises(FormatError) as raised:
        buildkit.edit(text, WANTED)
    assert raised.value.line


URLS = st.lists(st.sampled_from([HARBOR, B, "https://c.invalid:8443"]), unique=True)
REST = st.sampled_from(
    ["", MINE, table("x.invalid", name="quay.io"), OURS + "http = false\n", "# no newline"]
)
CA = st.sampled_from([{}, {"ca-file": "/acme.pem"}])


@given(REST, URLS, URLS, CA)
def test_there_and_back(rest: str, first: list[str], second: list[str], ca: dict[str, str]) -> None:
    before = buildkit.edit(rest, {"registry-mirrors": tuple(first)})
    settings: Settings = {"registry-mirrors": tuple(second), **ca}
    after = buildkit.edit(before, settings)
    assert buildkit.read(after).get("registry-mirrors", ()) == tuple(second)
    assert buildkit.edit(after, settings) == after
    assert buildkit.revert(after, after, before) == before


def test_switched_by_mirrorcfg_and_back(box: Sandbox) -> None:
    box.profile("acme", f'[docker]\nregistry-mirrors = ["{B}"]\n')
    file = box.root / "etc/buildkit/buildkitd.toml"
    before = box.write(file, MINE)
    answer = box.json("use", "acme", "--tool", "buildkit", "--root", str(box.root))
    assert answer["data"]["tools"]["buildkit"]["effective"] == [B]
    assert any("docker buildx create --buildkitd-config" in each["message"] for each in answer["findings"])
    box.run("undo", "--root", str(box.root), code=0)
    assert file.read_bytes() == before


PLACES = [
    ("linux", None, False, "/home/li/.config/buildkit/buildkitd.toml"),
    ("linux", None, True, "/etc/buildkit/buildkitd.toml"),
    ("linux", "system", False, "/etc/buildkit/buildkitd.toml"),
    ("linux", "venv", False, None),
    ("darwin", None, False, None),
]


@pytest.mark.parametrize(("platform", "scope", "root", "expected"), PLACES)
def test_the_file_that_is_written(platform, scope, root, expected) -> None:  # type: ignore[no-untyped-def]
    machine = Machine(platform, PurePosixPath("/home/li"), root_user=root)
    found = next((str(layer.path) for layer in buildkit.layers(machine, scope) if layer.target), None)
    assert found == expected
