"""podman and skopeo of two versions: what they ask of whom, and whether mirrorcfg says just that."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from tests.clients import engines
from tests.clients.hub import HUB, TOKENS, Server
from tests.clients.place import Place, hub, place

CONF = "/etc/containers/registries.conf"
OURS = f"{CONF}.d/50-mirrorcfg.conf"
IMAGE = "docker.io/library/hello:1"
VERSIONS = [*engines.PODMAN]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Docker Hub, two mirrors, one that has nothing, a project of a registry, and a registry of the user's own."""
    servers = [
        Server("mirror.lab", "127.0.0.5"),
        Server("two.lab", "127.0.0.6"),
        Server("bare.lab", "127.0.0.7", images=()),
        Server("harbor.lab", "127.0.0.8", project="dockerhub"),
        Server("user.lab", "127.0.0.9"),
        Server("mirror", "127.0.0.10"),
    ]
    with place(tmp_path_factory.mktemp("place"), *hub(), *servers, names={"dead.lab": "127.0.0.99"}) as found:
        yield found


@pytest.fixture(autouse=True)
def fresh(lab: Place) -> None:
    """No file of containers', and no history."""
    lab.file(CONF).unlink(missing_ok=True)
    for folder in (lab.file(f"{CONF}.d"), lab.file("/var/lib/mirrorcfg"), lab.folder / "home"):
        shutil.rmtree(folder, ignore_errors=True)


class Pulled(NamedTuple):
    """Did it work, and which servers were asked, in their order, Hub's token service left out."""

    worked: bool
    asked: list[str]
    said: str


def pulled(lab: Place, version: str, name: str = IMAGE, environ: Mapping[str, str] | None = None) -> Pulled:
    before = lab.forget()
    done = engines.podman(lab, version, "pull", "-q", name, environ=environ)
    servers = [each.server for each in lab.asked()[before:] if each.server != TOKENS]
    return Pulled(done.returncode == 0, list(dict.fromkeys(servers)), done.stderr)


def inspected(lab: Place, version: str, name: str = IMAGE) -> Pulled:
    before = lab.forget()
    done = engines.skopeo(lab, version, "inspect", "--raw", f"docker://{name}")
    servers = [each.server for each in lab.asked()[before:] if each.server != TOKENS]
    return Pulled(done.returncode == 0, list(dict.fromkeys(servers)), done.stderr)


def profile(lab: Place, *mirrors: str, more: str = "") -> str:
    """A profile of these mirrors, for podman alone but for `more`."""
    path = lab.folder / "lab.toml"
    listed = ", ".join(f'"{each}"' for each in mirrors)
    path.write_text(
        f'schema = 1\nname = "lab"\ntitle = {{ en = "The lab" }}\n[podman]\nregistry-mirrors = [{listed}]\n{more}'
    )
    return str(path)


def use(lab: Place, path: str, *argv: str, code: int = 0, environ: Mapping[str, str] | None = None) -> Any:
    named = argv or ("--tool", "podman")
    done = lab.mirrorcfg("use", path, "--json", "--no-verify", "--yes", *named, environ=environ)
    assert done.code == code, done
    return done.json


def status(lab: Place, code: int = 0, environ: Mapping[str, str] | None = None) -> Any:
    done = lab.mirrorcfg("status", "--json", "--tool", "podman", environ=environ)
    assert done.code == code, done
    return done.json


def codes(answer: Any) -> list[str]:
    return [each["code"] for each in answer["findings"]]


def table(location: str = "docker.io", *mirrors: str, **more: str) -> str:
    lines = [f"{key.replace('_', '-')} = {value}\n" for key, value in more.items()]
    listed = ", ".join(f'{{ location = "{each}" }}' for each in mirrors)
    lines += [f"mirror = [{listed}]\n"] if mirrors else []
    return f'[[registry]]\nprefix = "docker.io"\nlocation = "{location}"\n{"".join(lines)}'


# What is written, podman can use: the address, and what becomes of it, or None where it is refused.
ADDRESSES = {
    "https://mirror.lab": "mirror.lab",
    "https://mirror.lab/": "mirror.lab",
    "https://mirror.lab:443/": "mirror.lab",
    "https://MIRROR.lab": "mirror.lab",
    "https://harbor.lab/dockerhub/": "harbor.lab",
    "https://mirror:443": "mirror",
    "https://mirror": None,
    "https://mirror.lab.": None,
    "https://mir_ror.lab": None,
    "https://[::1]:443": None,
    "https://harbor.lab/Dockerhub": None,
    "https://harbor.lab//dockerhub": None,
    "https://harbor.lab/docker%20hub": None,
    "https://harbor.lab/-hub": None,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_written_as_podman_can_use_it_or_refused(lab: Place, address: str) -> None:
    server = ADDRESSES[address]
    if server is None:
        assert use(lab, profile(lab, address), code=1)["error"]["code"] == "cannot-say"
        assert not lab.file(OURS).exists()
    else:
        assert use(lab, profile(lab, address))["status"] == "ok"
        assert use(lab, profile(lab, address))["status"] == "unchanged"
        assert codes(status(lab)) == []
    for version in VERSIONS:
        assert pulled(lab, version)[:2] == (True, [server or HUB])
        assert inspected(lab, version)[:2] == (True, [server or HUB])


@pytest.mark.parametrize("address", [each for each, server in ADDRESSES.items() if server is None])
def test_what_is_refused_podman_could_not_use(lab: Place, address: str) -> None:
    lab.write(OURS, table("docker.io", address.removeprefix("https://")))
    for version in VERSIONS:
        assert pulled(lab, version).asked in ([], [HUB])


def test_a_tool_that_cannot_say_it_is_skipped_with_the_reason(lab: Place) -> None:
    more = '[containerd]\nregistry-mirrors = ["https://mirror.lab"]\n'
    lab.write("/etc/containerd/certs.d/docker.io/hosts.toml", "")
    path = profile(lab, "https://mirror", more=more)
    answer = use(lab, path, "--scope", "system")
    assert (answer["status"], answer["exit_code"]) == ("partial", 0)
    assert "mirror.lab" in lab.file("/etc/containerd/certs.d/docker.io/hosts.toml").read_text()
    skipped = next(each for each in answer["findings"] if each["tool"] == "podman")
    assert (skipped["code"], skipped["hint"]) == ("cannot-say", "write it as https://mirror:443")
    assert use(lab, path, "--with", f"podman={path}", code=1)["error"]["code"] == "cannot-say"
    lab.mirrorcfg("undo", "--yes", code=0)
