"""Where podman and skopeo have credentials for a mirror: the real ones, and mirrorcfg beside them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.clients import engines
from tests.clients.hub import Server
from tests.clients.place import Place, place

LOGIN = "me:secret"
HOST, TOKENS = "mirror.lab", "token.lab"
RUNTIME, CONFIG, DOCKER = (
    "run/containers/auth.json",
    "home/.config/containers/auth.json",
    "home/.docker/config.json",
)
NAMED = {"REGISTRY_AUTH_FILE": "{folder}/named.json"}


def auths(*names: str, login: str = LOGIN) -> str:
    """A file with that login for each name."""
    coded = base64.b64encode(login.encode()).decode()
    return json.dumps({"auths": {name: {"auth": coded} for name in names}})


OTHER = json.loads(auths(HOST, login="me:wrong"))["auths"]
HELPED = json.dumps({"credHelpers": {HOST: "lab"}})


@dataclass(frozen=True)
class World:
    """Files by their path below the place's folder, variables, and the registry's address."""

    files: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    at: str = f"{HOST}/proj"


WORLDS = {
    "nothing": World(),
    "its own file": World({CONFIG: auths(HOST)}),
    "docker's": World({DOCKER: auths(HOST)}),
    "that of the session": World({RUNTIME: auths(HOST)}),
    "a named file": World({"named.json": auths(HOST)}, NAMED),
    "the session's before its own": World({RUNTIME: auths(HOST, login="me:wrong"), CONFIG: auths(HOST)}),
    "an entry of the project": World({CONFIG: auths(f"{HOST}/proj")}),
    "an entry below it": World({CONFIG: auths(f"{HOST}/proj/library")}),
    "of another project": World({CONFIG: auths(f"{HOST}/other")}),
    "the longest name": World(
        {CONFIG: json.dumps({"auths": OTHER | json.loads(auths(f"{HOST}/proj"))["auths"]})}
    ),
    "docker's form": World({CONFIG: auths(f"https://{HOST}/v1/")}),
    "an address": World({CONFIG: auths(f"https://{HOST}")}),
    "an address of http": World({CONFIG: auths(f"http://{HOST}/v2/")}),
    "with its port": World({CONFIG: auths(f"{HOST}:443")}),
    "with a slash": World({CONFIG: auths(f"{HOST}/")}),
    "docker's store": World({DOCKER: json.dumps({"credsStore": "lab", "auths": {HOST: {}}})}),
    "an empty entry": World({CONFIG: json.dumps({"auths": {HOST: {}}}), DOCKER: auths(HOST)}),
    "no such helper": World({CONFIG: json.dumps({"credHelpers": {HOST: "none"}} | json.loads(auths(HOST)))}),
    "netrc": World({"home/.netrc": f"machine {HOST} login me password secret\n"}),
    "DOCKER_CONFIG": World({"elsewhere/config.json": auths(HOST)}, {"DOCKER_CONFIG": "{folder}/elsewhere"}),
    "XDG_CONFIG_HOME": World({"xdg/containers/auth.json": auths(HOST)}, {"XDG_CONFIG_HOME": "{folder}/xdg"}),
    "docker's oldest file": World({"home/.dockercfg": json.dumps(json.loads(auths(HOST))["auths"])}),
    "a token service": World({CONFIG: auths(TOKENS)}, at=TOKENS),
    "a token service and nothing": World(at=TOKENS),
}
ONLY = {
    "5.4": {  # up to 4 podman goes on to the other files
        "a named file alone": World({"named.json": auths("other.lab"), CONFIG: auths(HOST)}, NAMED),
        "a named file that isn't there": World({CONFIG: auths(HOST)}, NAMED),
    },
    "4.3": {"a helper": World({CONFIG: HELPED})},  # what was unpacked has no shell for one
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A registry with a login of its own and one with a token service; a helper that knows the login."""
    servers = [
        Server(HOST, "10.77.0.5", login=LOGIN, project="proj"),
        Server(TOKENS, "10.77.0.6", realm="https://tokens.lab/token"),
        Server("tokens.lab", "10.77.0.7", tokens=True, login=LOGIN),
    ]
    with place(tmp_path_factory.mktemp("place"), *servers) as found:
        helper = found.folder / "bin/docker-credential-lab"
        helper.parent.mkdir()
        helper.write_text('#!/bin/sh\necho \'{"Username": "me", "Secret": "secret"}\'\n')
        helper.chmod(0o755)
        yield found


@pytest.mark.parametrize("version", engines.PODMAN)
def test_a_login_is_found_where_the_client_finds_it(lab: Place, version: str) -> None:
    said = {name: _both(lab, version, world) for name, world in (WORLDS | ONLY[version]).items()}
    assert {name: ours for name, (_, ours) in said.items()} == {
        name: real for name, (real, _) in said.items()
    }
    assert {ours for _, ours in said.values()} == {True, False}


def test_docker_sends_no_login_to_a_mirror(lab: Place) -> None:
    """The client's logins are for the names that are asked for; a mirror that wants one is passed over."""
    lab.write("/etc/docker/daemon.json", json.dumps({"registry-mirrors": [f"https://{TOKENS}"]}))
    world = World({DOCKER: auths(TOKENS), CONFIG: auths(TOKENS)}, at=TOKENS)
    files = _put(lab, world)
    with engines.dockerd(lab, "28.5") as daemon:
        pulled = daemon.pull()
        told = lab.mirrorcfg("verify", "--tool", "docker", "--json").data["sources"][0]
    lab.file("/etc/docker/daemon.json").unlink()
    for file in files:
        file.unlink()
    assert not pulled
    assert told["code"] == "token-refused"


def _put(lab: Place, world: World) -> list[Path]:
    files = {lab.folder / name: text for name, text in world.files.items()}
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return list(files)


def _both(lab: Place, version: str, world: World) -> tuple[bool, bool]:
    """Did skopeo get the manifest, and what did mirrorcfg say."""
    environ = {"XDG_RUNTIME_DIR": str(lab.folder / "run"), "PATH": f"{lab.folder}/bin:{lab.environ['PATH']}"}
    environ |= {name: value.format(folder=lab.folder) for name, value in world.environ.items()}
    profile, files = lab.folder / "lab.toml", _put(lab, world)
    profile.write_text(
        f'schema = 1\nname = "lab"\ntitle = {{ en = "lab" }}\n[podman]\nregistry-mirrors = ["https://{world.at}"]\n'
    )
    real = engines.skopeo(
        lab, version, "inspect", "--raw", f"docker://{world.at}/library/hello:1", environ=environ
    )
    told = lab.mirrorcfg("verify", str(profile), "--tool", "podman", "--json", environ=environ)
    for file in files:
        file.unlink()
    return real.returncode == 0, bool(told.data["sources"][0]["ok"])
