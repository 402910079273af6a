"""containerd itself, by CRI, in worlds of its files: what it asks is what mirrorcfg says, before and after a switch."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.clients import engines
from tests.clients.containerd_worlds import CONFIGS, HOSTS, World
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
    """Whom a pull asks, in order; nobody where it can't pull at all."""
    before = daemon.place.forget()
    done = daemon.pull(image)[0]
    found = dict.fromkeys(each.server for each in daemon.place.asked()[before:] if each.server != TOKENS)
    return list(found) if done else []


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
