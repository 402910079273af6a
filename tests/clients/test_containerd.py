"""containerd itself, by CRI, in worlds of its files: what it asks is what mirrorcfg says, before and after a switch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from mirrorcfg.formats import yaml
from tests.clients import engines
from tests.clients.containerd_made import made
from tests.clients.containerd_worlds import CERTS, CONFIGS, HOSTS, HUB_FILE, OTHER, REFUSED, World, told
from tests.clients.engines import Containerd
from tests.clients.hub import HUB, TOKENS, Server
from tests.clients.place import Place, hub, place
from tests.sandbox import Done

MIRROR = "mirror.lab"
PROFILE = f"""\
schema = 1
name = "lab"
title = {{ en = "The lab's mirror" }}
[containerd]
registry-mirrors = ["https://{MIRROR}"]
resolve = true
"""
ASK = ("status", "--json", "--tool", "containerd")
USE = ("use", "--json", "--tool", "containerd", "--scope", "system", "--yes", "--no-verify")
SEEDS = int(os.environ.get("MIRRORCFG_WORLDS", "24"))
_FOLDERS = ("/etc/containerd", "/etc/docker", "/etc/other", "/var/lib/mirrorcfg")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Three mirrors and Docker Hub."""
    names = {"mirror.lab": 5, "other.lab": 6, "third.lab": 7, "ghcr.io": 8}
    servers = [Server(name, f"127.0.0.{number}") for name, number in names.items()]
    with place(tmp_path_factory.mktemp("place"), *servers, *hub()) as found:
        (found.folder / "lab.toml").write_text(PROFILE)
        yield found


def prepare(lab: Place, world: World) -> None:
    lab.run("rm", "-rf", *_FOLDERS)
    for path, text in world.files.items():
        lab.write(path, text)
    if world.config is not None:
        lab.write("/etc/containerd/config.toml", world.config)


def asked(daemon: Containerd, image: str = "docker.io/library/hello:1") -> list[str]:
    """Whom a pull asks for content (for the tag, where the content is there), in order; nobody if it fails."""
    before = daemon.place.forget()
    if not daemon.pull(image)[0]:
        return []
    every = [each for each in daemon.place.asked()[before:] if each.server != TOKENS]
    content = [each for each in every if "sha256:" in each.path]
    return list(dict.fromkeys(each.server for each in content or every))


def named(done: Done) -> list[str]:
    """Whom mirrorcfg says it asks first."""
    found = [urlsplit(url).netloc for url in done.json["data"]["tools"]["containerd"]["effective"]]
    return [each for each in found if not each.startswith("ghcr")][:1]


def meant(found: list[str]) -> list[str]:
    return [each for each in found if each != HUB][:1]


def cases(worlds: list[World]) -> list[tuple[World, str]]:
    return [(each, version) for each in worlds for version in each.versions]


def ident(value: object) -> str:
    return value.name if isinstance(value, World) else str(value)


@pytest.mark.parametrize(("world", "version"), cases([*CONFIGS, *HOSTS]), ids=ident)
def test_what_is_asked(lab: Place, world: World, version: str) -> None:
    """Before a switch, after it (and after a restart, where that is what it says), and once it is taken back."""
    prepare(lab, world)
    with engines.containerd(lab, version) as daemon:
        first = asked(daemon)
        assert meant(first) == named(lab.mirrorcfg(*ASK)), first
        used = lab.mirrorcfg(*USE, str(lab.folder / "lab.toml"))
        then = asked(daemon)
        assert (used.code == 0) == (then[:1] == [MIRROR]), (used.out, then)
    with engines.containerd(lab, version) as daemon:
        state = lab.mirrorcfg(*ASK)
        again = asked(daemon)
        assert (again[:1] == [MIRROR]) is world.use, (used.out, again)
        assert (state.code == 0) is world.use or used.code == 1, state.out
        if used.code in (0, 3):
            lab.mirrorcfg("undo", "--yes", code=0)
    for path, text in world.files.items():
        assert lab.file(path).read_text() == text
    assert lab.file("/etc/containerd/config.toml").exists() == (world.config is not None)
    assert world.config is None or lab.file("/etc/containerd/config.toml").read_text() == world.config


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("version", engines.CONTAINERD)
def test_what_containerd_passes_over_is_refused(lab: Place, version: str, text: str) -> None:
    prepare(lab, World("", {HUB_FILE: text}, told()))
    with engines.containerd(lab, version) as daemon:
        assert asked(daemon) == [HUB]
        for line in (ASK, (*USE, str(lab.folder / "lab.toml"))):
            done = lab.mirrorcfg(*line)
            assert done.code == 1
            assert HUB_FILE in done.out
    assert lab.file(HUB_FILE).read_text() == text


@pytest.mark.parametrize("version", engines.CONTAINERD)
def test_another_registry(lab: Place, version: str) -> None:
    """A file of its own for it, which goes with the profile that named it; the user's own comes back."""
    own = f"{CERTS}/ghcr.io/hosts.toml"
    prepare(lab, World("", {own: OTHER}, told()))
    both, image = lab.folder / "both.toml", "ghcr.io/library/hello:1"
    both.write_text(
        PROFILE.replace('"lab"', '"both"') + f'registries = {{ "ghcr.io" = "https://{MIRROR}" }}\n'
    )
    with engines.containerd(lab, version) as daemon:
        assert asked(daemon, image) == ["other.lab"]
        used = lab.mirrorcfg(*USE, str(both), code=0)
        assert used.json["data"]["tools"]["containerd"]["effective"] == [f"https://{MIRROR}"]
        assert asked(daemon, image) == [MIRROR]
        lab.mirrorcfg(*USE, str(lab.folder / "lab.toml"), code=0)
        assert asked(daemon, image) == ["other.lab"]
        assert asked(daemon) == [MIRROR]
        lab.mirrorcfg("undo", "--yes", code=0)
        assert asked(daemon, image) == [MIRROR]
        lab.mirrorcfg("restore", "0", "--yes", code=0)
        assert asked(daemon, image) == ["other.lab"]
    assert lab.file(own).read_text() == OTHER
    assert not lab.file(HUB_FILE).exists()


@pytest.mark.parametrize("version", engines.CONTAINERD)
def test_config_path_is_only_written_where_it_was_asked_for_by_name(lab: Place, version: str) -> None:
    """Otherwise the lines are said, and they are the ones that do it; what has it keeps it."""
    prepare(lab, World("", {HUB_FILE: ""}, "version = 2\n"))
    config, profile = lab.file("/etc/containerd/config.toml"), str(lab.folder / "lab.toml")
    every = tuple(each for each in USE if each not in ("--tool", "containerd"))
    said = lab.mirrorcfg(*every, profile, code=3)
    assert config.read_text() == "version = 2\n"
    [finding] = [each for each in said.json["findings"] if each["code"] == "shadowed"]
    _, _, lines = finding["hint"].partition("\n")
    lab.mirrorcfg("undo", "--yes", code=0)
    lab.mirrorcfg(*USE, profile, code=0)  # nothing runs that would have to be started again
    written = config.read_text()
    assert written == f"version = 2\n\n{lines}\n".replace("  config_path", "config_path")
    lab.mirrorcfg(*every, profile, code=0)
    assert config.read_text() == written
    with engines.containerd(lab, version) as daemon:
        assert asked(daemon) == [MIRROR]


@pytest.mark.parametrize("version", engines.CONTAINERD)
def test_a_restart_that_is_due_is_said(lab: Place, version: str) -> None:
    prepare(lab, World("", {}, "version = 2\n"))
    with engines.containerd(lab, version) as daemon:
        used = lab.mirrorcfg(*USE, str(lab.folder / "lab.toml"), code=3)
        assert "systemctl restart containerd" in used.out
        assert asked(daemon) == [HUB]
    with engines.containerd(lab, version) as daemon:
        lab.mirrorcfg(*ASK, code=0)
        assert asked(daemon) == [MIRROR]


@pytest.mark.parametrize("version", engines.CONTAINERD)
def test_k3s_endpoints_as_it_hands_them_to_its_containerd(lab: Place, version: str) -> None:
    """k3s isn't to be had here; its documented rules make hosts.toml of what was written, and containerd pulls."""
    prepare(lab, World("", {}, told()))
    lab.run("rm", "-rf", "/etc/rancher")
    text = 'schema = 1\nname = "k"\ntitle = { en = "K" }\n[k3s]\nregistry-mirrors = ["https://dead.lab/x", "https://mirror.lab"]\n'
    (lab.folder / "k.toml").write_text(text)
    use = ("use", "--json", "--tool", "k3s", "--yes", "--no-verify", str(lab.folder / "k.toml"))
    lab.mirrorcfg(*use, code=0)
    written = yaml.read(lab.file("/etc/rancher/k3s/registries.yaml").read_text())
    for name, mirror in written["mirrors"].items():
        lab.write(f"{CERTS}/{name}/hosts.toml", "".join(map(k3s_host, mirror["endpoint"])))
    with engines.containerd(lab, version) as daemon:
        assert asked(daemon) == [MIRROR]
    lab.mirrorcfg("undo", "--yes", code=0)
    assert not lab.file("/etc/rancher/k3s/registries.yaml").exists()


def k3s_host(endpoint: str) -> str:
    """An endpoint's path is the whole of its API's, but for /v2, which is the usual one."""
    path = urlsplit(endpoint).path
    host = endpoint if path else f"{endpoint}/v2"
    override = "override_path = true\n" if path not in ("", "/", "/v2") else ""
    return f'[host."{host}"]\ncapabilities = ["pull", "resolve"]\n{override}'


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_world_made_by_chance(lab: Place, seed: int) -> None:
    world, version = made(seed)
    prepare(lab, world)
    with engines.containerd(lab, version) as daemon:
        found = asked(daemon)
        said = lab.mirrorcfg(*ASK)
        assert meant(found) == named(said), (world, version, found)
