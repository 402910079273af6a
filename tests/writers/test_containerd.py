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
    config = box.root / "etc/containerd/config.toml"
    assert config.read_text() == CONFIG
    box.run("undo", "--root", str(box.root), code=0)
    assert not ours.exists()
    assert not config.exists()


CONFIG = """\
version = 2

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "/etc/containerd/certs.d"
"""
REGISTRY = '[plugins."io.containerd.grpc.v1.cri".registry]\n'
CONFIGS = [
    ("a table for it", f"version = 2\n{REGISTRY}  # here\n  headers = {{}}\n", f'version = 2\n{REGISTRY}  # here\n  headers = {{}}\n  config_path = "/d"\n'),
    ("empty", f'version = 2\n{REGISTRY}config_path = ""\n', f'version = 2\n{REGISTRY}config_path = "/d"\n'),
    ("version 3", "version = 3\n", 'version = 3\n\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/d"\n'),
    ("version 1", "root = '/x'\n", "root = '/x'\n\n[plugins.cri.registry]\nconfig_path = '/d'\n"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"), [case[1:] for case in CONFIGS], ids=[case[0] for case in CONFIGS]
)
def test_the_folder_is_set_at_the_place_of_the_files_version(before: str, after: str) -> None:
    assert containerd.edit(before, {"config-path": "/d"}) == after
    assert containerd.revert(after, after, before) == before


def test_the_users_own_comes_back_when_others_changed_the_file_since(box: Sandbox) -> None:
    box.profile("acme", f'[containerd]\nregistry-mirrors = ["{HARBOR}"]\n')
    config = box.root / "etc/containerd/config.toml"
    box.write(config, "version = 2\n")
    box.run("use", "acme", "--tool", "containerd", "--root", str(box.root), code=0)
    config.write_text(config.read_text() + "oom_score = 1\n")
    box.run("undo", "--root", str(box.root), code=0)
    assert "config_path" not in config.read_text()
    assert "oom_score" in config.read_text()


def test_nobody_but_nerdctl_pulls_here(box: Sandbox) -> None:
    """It looks into the folder whatever config.toml says; a kubelet doesn't."""
    box.profile("acme", f'[containerd]\nregistry-mirrors = ["{HARBOR}"]\n')
    box.write(box.root / "etc/containerd/config.toml", 'disabled_plugins = ["cri"]\n')
    use = ("use", "acme", "--tool", "containerd", "--root", str(box.root))
    assert "disabled_plugins" in box.run(*use, code=3).err
    box.write(box.root / "usr/bin/nerdctl", "")
    box.run(*use, code=0)
    box.write(box.root / "usr/bin/kubelet", "")
    box.run(*use, code=3)


def test_a_part_of_a_registry_has_no_file(box: Sandbox) -> None:
    """It is an error where the tool was asked for by name, and the tool is left where it was only found."""
    others = 'registries = { "docker.io/library" = "https://harbor.invalid/own" }'
    pip = '[pip]\nindex-url = "https://a.invalid/simple"\n'
    box.profile("acme", f'{pip}[containerd]\nregistry-mirrors = ["{HARBOR}"]\n{others}\n')
    box.write(box.root / "etc/containerd/certs.d/docker.io/hosts.toml", "")
    box.write(box.root / "usr/bin/pip", "")
    assert "cannot-say" in box.run("use", "acme", "--tool", "containerd", "--root", str(box.root), code=1).err
    answer = box.json("use", "acme", "--root", str(box.root))
    assert (box.root / "etc/pip.conf").exists()
    assert "cannot-say" in {each["code"] for each in answer["findings"]}


def test_a_registry_with_a_port_is_read(box: Sandbox) -> None:
    box.write(box.root / "etc/containerd/config.toml", CONFIG)
    box.write(box.root / "etc/containerd/certs.d/registry.invalid_5000_/hosts.toml", host(B))
    shown = box.json("status", "--tool", "containerd", "--explain", "--root", str(box.root))
    assert shown["data"]["tools"]["containerd"]["effective"] == [B]


def test_a_ca_that_is_not_there_stops_every_pull(box: Sandbox) -> None:
    box.profile("acme", f'[tls]\nca-file = "/etc/acme.pem"\n[containerd]\nregistry-mirrors = ["{HARBOR}"]\n')
    done = box.run("use", "acme", "--tool", "containerd", "--root", str(box.root), code=3)
    assert "/etc/acme.pem, which isn't there" in done.err


def test_what_default_serves_is_named_where_it_is_displaced(box: Sandbox) -> None:
    box.profile("acme", f'[containerd]\nregistry-mirrors = ["{HARBOR}"]\n')
    box.write(box.root / "etc/containerd/certs.d/_default/hosts.toml", host(B))
    where = ("--tool", "containerd", "--root", str(box.root))
    box.run("use", "acme", *where, code=0)
    for answer in (box.json("use", "acme", *where), box.json("status", *where)):
        assert answer["data"]["tools"]["containerd"]["effective"] == [HARBOR]
        [said] = [each for each in answer["findings"] if each["code"] == "displaced"]
        assert B in said["message"]
        assert f'server = "{B}"' in said["hint"]


def test_the_profiles_ca_is_in_the_file_and_nothing_is_shadowed(box: Sandbox) -> None:
    box.profile("acme", f'[tls]\nca-file = "/etc/acme.pem"\n[containerd]\nregistry-mirrors = ["{HARBOR}"]\n')
    box.write(box.root / "etc/acme.pem", "")
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


def test_one_that_is_there_for_docker_alone_is_not_meant(box: Sandbox) -> None:
    """Debian's package brings a config.toml along, which docker's containerd doesn't even read."""
    box.write(box.root / "etc/containerd/config.toml", "version = 2\n")
    box.write(box.daemon_json, "{}")
    used = box.json("use", "china", "--root", str(box.root), "--no-verify")
    assert set(used["data"]["tools"]) == {"docker"}
