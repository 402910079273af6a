"""Every engine, as it is: an image comes through the mirror once mirrorcfg has switched, and not before and after."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients import engines
from tests.clients.hub import Server
from tests.clients.place import Place, place

MIRROR = "https://mirror.lab"
PROFILE = f"""\
schema = 1
name = "lab"
title = {{ en = "The lab's mirror" }}
[docker]
registry-mirrors = ["{MIRROR}"]
[containerd]
registry-mirrors = ["{MIRROR}"]
resolve = true
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A mirror, and no way to Docker Hub."""
    with place(tmp_path_factory.mktemp("place"), Server("mirror.lab", "10.77.0.5")) as found:
        (found.folder / "lab.toml").write_text(PROFILE)
        yield found


def use(lab: Place, tool: str) -> None:
    lab.mirrorcfg("use", str(lab.folder / "lab.toml"), "--tool", tool, "--scope", "system", code=0)


@pytest.mark.parametrize("version", engines.DOCKER)
def test_docker(lab: Place, version: str) -> None:
    with engines.dockerd(lab, version) as daemon:
        assert not daemon.pull()
        use(lab, "docker")
        assert daemon.pull()
        lab.mirrorcfg("undo", code=0)
        assert not daemon.pull()


@pytest.mark.parametrize("version", engines.PODMAN)
def test_podman(lab: Place, version: str) -> None:
    def pulls() -> bool:
        return engines.podman(lab, version, "pull", "docker.io/library/hello:1").returncode == 0

    assert not pulls()
    use(lab, "podman")
    assert pulls()
    lab.mirrorcfg("undo", code=0)
    assert not pulls()


@pytest.mark.parametrize("version", engines.CONTAINERD)
def test_containerd(lab: Place, version: str) -> None:
    with engines.containerd(lab, version, engines.CRI[version]) as daemon:
        assert not daemon.pull()[0]
        use(lab, "containerd")
        assert daemon.pull()[0]
        lab.mirrorcfg("undo", code=0)
        assert not daemon.pull()[0]
