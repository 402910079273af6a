"""containerd's writer: the hosts.toml of Docker Hub, whole tables in their order."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.errors import FormatError
from mirrorcfg.formats.past import Past
from mirrorcfg.model.machine import Machine
from mirrorcfg.model.settings import Settings
from mirrorcfg.writers import Writer, containerd
from tests.sandbox import Sandbox

WRITER: Writer = containerd
HARBOR, B = "https://harbor.invalid/dockerhub", "https://b.invalid"
WANTED: Settings = {"registry-mirrors": (HARBOR,)}


def host(url: str, *more: str, path: bool = False) -> str:
    lines = [f'[host."{url}"]', 'capabilities = ["pull"]', *(["override_path = true"] if path else []), *more]
    return "\n".join(lines) + "\n"


OURS = host("https://harbor.invalid/v2/dockerhub", path=True)
HEADER = '[host."https://harbor.invalid/v2/dockerhub".header]\nx-lab = "1"\n'
GOLDEN = [
    ("a new file", "", OURS),
    ("another mirror", host("https://a.invalid"), OURS),
    ("what else is there", '# mine\nserver = "https://hub.invalid"  # own\n', '# mine\nserver = "https://hub.invalid"  # own\n\n' + OURS),
    ("no last newline", 'server = "https://hub.invalid"', 'server = "https://hub.invalid"\n\n' + OURS),
    ("a header of the host's", OURS + HEADER, OURS + HEADER),
    ("two become one", host("https://a.invalid") + "\n" + host("https://c.invalid"), OURS),
    ("between others", '[header]\nx = "1"\n\n' + host("https://a.invalid") + "\n[other]\ny = 2\n", '[header]\nx = "1"\n\n' + OURS + "\n[other]\ny = 2\n"),
    ("resolve goes", OURS.replace('"pull"', '"pull", "resolve"'), OURS),
    ("CRLF", '# mine\r\n', "# mine\r\n\r\n" + OURS.replace("\n", "\r\n")),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in GOLDEN], ids=[case[0] for case in GOLDEN])
def test_the_hosts_are_set_and_nothing_else(before: str, after: str) -> None:
    assert containerd.edit(before, WANTED) == after
    assert containerd.edit(after, WANTED) == after
    assert containerd.revert(after, after, before) == before


def test_their_order_is_the_profiles() -> None:
    one = containerd.edit("", {"registry-mirrors": (HARBOR, B)})
    assert one == OURS + "\n" + host(B)
    other = containerd.edit(one, {"registry-mirrors": (B, HARBOR)})
    assert other == host(B) + "\n" + OURS
    assert containerd.revert(other, other, one) == one


def test_resolve_and_a_ca_are_written_where_the_profile_has_them() -> None:
    settings = {**WANTED, "resolve": True, "ca-file": "/etc/acme.pem"}
    text = containerd.edit("", settings)
    assert 'capabilities = ["pull", "resolve"]' in text
    assert containerd.read(text) == settings
    assert containerd.edit(text, WANTED, Past("", text)) == OURS
    assert 'ca = "/etc/acme.pem"' in containerd.edit(text, WANTED)  # not known to be ours


def test_default_takes_the_tables_away() -> None:
    assert containerd.edit(OURS, {}) == ""
    assert (
        containerd.edit('server = "https://hub.invalid"\n\n' + OURS, {}).strip()
        == 'server = "https://hub.invalid"'
    )
    assert containerd.edit("\n", {}) == "\n"


def test_an_edit_since_stays_when_it_is_taken_back() -> None:
    before, left = host("https://a.invalid"), OURS
    assert containerd.revert("# later\n" + left, left, before) == "# later\n" + before
    assert containerd.revert(left + HEADER, left, before) == before


@pytest.mark.parametrize(
    "text",
    [
        'host."https://a.invalid".capabilities = ["pull"]\n',
        '[host]\n"https://a.invalid" = { capabilities = ["pull"] }\n',
        f'{OURS}\n[header]\nx = "1"\n\n{HEADER}',
        "[host\n",
    ],
    ids=["dotted", "inline", "scattered", "broken"],
)
def test_what_can_not_be_changed_safely_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        containerd.edit(text, WANTED)


URLS = st.lists(st.sampled_from([HARBOR, B, "https://c.invalid/a/b", "https://d.invalid:8443/"]), unique=True)
REST = st.sampled_from(
    ["", "# mine\n", 'server = "https://hub.invalid"\n', '[header]\nx = "1"\n', "# no newline"]
)


@given(REST, URLS, URLS, st.booleans())
def test_there_and_back(rest: str, first: list[str], second: list[str], resolve: bool) -> None:
    before = containerd.edit(rest, {"registry-mirrors": tuple(first)})
    after = containerd.edit(before, {"registry-mirrors": tuple(second), "resolve": resolve})
    assert containerd.read(after).get("registry-mirrors", ()) == tuple(second)
    assert containerd.edit(after, {"registry-mirrors": tuple(second), "resolve": resolve}) == after
    assert containerd.revert(after, after, before) == before


def test_switched_by_mirrorcfg_and_back(box: Sandbox) -> None:
    box.profile("acme", f'[containerd]\nregistry-mirrors = ["{HARBOR}"]\n')
    ours = box.root / "etc/containerd/certs.d/docker.io/hosts.toml"
    answer = box.json("use", "acme", "--tool", "containerd", "--root", str(box.root))
    assert ours.read_text() == OURS
    assert answer["data"]["tools"]["containerd"]["effective"] == [HARBOR]
    assert any("config_path" in finding["message"] for finding in answer["findings"])
    box.run("undo", "--root", str(box.root), code=0)
    assert not ours.exists()


def test_the_profiles_ca_is_in_the_file_and_nothing_is_shadowed(box: Sandbox) -> None:
    box.profile("acme", f'[tls]\nca-file = "/etc/acme.pem"\n[containerd]\nregistry-mirrors = ["{HARBOR}"]\n')
    box.run("use", "acme", "--tool", "containerd", "--root", str(box.root), code=0)
    assert 'ca = "/etc/acme.pem"' in (box.root / "etc/containerd/certs.d/docker.io/hosts.toml").read_text()


def test_it_gets_what_docker_gets(box: Sandbox) -> None:
    box.run("use", "china", "--root", str(box.root), "--tool", "containerd", code=0)
    ours = box.root / "etc/containerd/certs.d/docker.io/hosts.toml"
    assert ours.read_text() == host("https://docker.m.daocloud.io")


PLACES = [
    ("linux", None, "/etc/containerd/certs.d/docker.io/hosts.toml"),
    ("linux", "user", "/home/li/.config/containerd/certs.d/docker.io/hosts.toml"),
    ("linux", "venv", None),
    ("win32", None, None),
]


@pytest.mark.parametrize(("platform", "scope", "expected"), PLACES)
def test_the_file_that_is_written(platform, scope, expected) -> None:  # type: ignore[no-untyped-def]
    machine = Machine(platform, PurePosixPath("/home/li"))
    found = next((str(layer.path) for layer in containerd.layers(machine, scope) if layer.target), None)
    assert found == expected
