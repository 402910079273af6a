"""Where dockerd looks for what it trusts, and which way it goes: the daemons of three versions and both stores."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from tests.clients import engines
from tests.clients.hub import Server
from tests.clients.place import Place, place

KINDS = {"20.10": ("20.10", False), "26.1": ("26.1", False), "26.1, image store": ("26.1", True)}
KINDS |= {"28.5": ("28.5", False), "28.5, image store": ("28.5", True)}
OFTEN = ("20.10", "28.5, image store")  # the two that differ most; each world is a daemon's start
BUNDLE, CERTS = "/etc/ssl/certs/ca-certificates.crt", "/etc/docker/certs.d"
CA, NONE = "the authority's", "another's"


@dataclass(frozen=True)
class World:
    """Files with our authority or another, and the daemon's variables."""

    files: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)


OWN = {"SSL_CERT_FILE": "/etc/own.pem"}
WORLDS = {
    "nothing": World(),
    "the system's bundle": World({BUNDLE: CA}),
    "the system's folder": World({"/etc/ssl/certs/own.pem": CA}),
    "whatever its name": World({"/etc/ssl/certs/own.txt": CA}),
    "another distribution's folder": World({"/etc/pki/tls/certs/own.pem": CA}),
    "SSL_CERT_FILE": World({"/etc/own.pem": CA}, OWN),
    "SSL_CERT_FILE in the place of the bundle": World(
        {BUNDLE: CA, "/etc/own.pem": NONE}, OWN | {"SSL_CERT_DIR": "/nowhere"}
    ),
    "SSL_CERT_FILE beside the folder": World({"/etc/ssl/certs/own.pem": CA, "/etc/own.pem": NONE}, OWN),
    "SSL_CERT_DIR": World({"/etc/own/x": CA}, {"SSL_CERT_DIR": "/nowhere:/etc/own"}),
    "SSL_CERT_DIR beside the bundle": World({BUNDLE: CA, "/etc/own/x": NONE}, {"SSL_CERT_DIR": "/etc/own"}),
    "SSL_CERT_DIR in the place of the folder": World(
        {"/etc/ssl/certs/own.pem": CA, "/etc/own/x": NONE}, {"SSL_CERT_DIR": "/etc/own"}
    ),
    "the mirror's folder": World({f"{CERTS}/mirror.lab/ca.crt": CA}),
    "any name there": World({f"{CERTS}/mirror.lab/any.crt": CA}),
    "another ending": World({f"{CERTS}/mirror.lab/ca.pem": CA}),
    "a certificate without its key": World(
        {f"{CERTS}/mirror.lab/ca.crt": CA, f"{CERTS}/mirror.lab/a.cert": CA}
    ),
    "the folder with the port": World({f"{CERTS}/mirror.lab:443/ca.crt": CA}),
    "Docker Hub's folder": World({f"{CERTS}/docker.io/ca.crt": CA}),
    "a proxy of the daemon's": World({BUNDLE: CA}, {"HTTPS_PROXY": "http://10.77.0.99:1"}),
    "a proxy that isn't for the mirror": World(
        {BUNDLE: CA}, {"HTTPS_PROXY": "http://10.77.0.99:1", "NO_PROXY": "mirror.lab"}
    ),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A mirror, and no way to Docker Hub."""
    folder = tmp_path_factory.mktemp("place")
    with place(folder, Server("mirror.lab", "10.77.0.5"), trusted=False) as found:
        yield found


@pytest.mark.parametrize(
    "kind", [each if each in OFTEN else pytest.param(each, marks=pytest.mark.long) for each in KINDS]
)
def test_what_a_daemon_trusts_and_its_proxy(lab: Place, kind: str) -> None:
    said = {name: _both(lab, *KINDS[kind], world) for name, world in WORLDS.items()}
    assert {name: ours for name, (_, ours) in said.items()} == {
        name: real for name, (real, _) in said.items()
    }
    assert {ours for _, ours in said.values()} == {True, False}


def test_the_shell_s_variables_are_not_the_daemon_s(lab: Place) -> None:
    before = lab.file(BUNDLE).read_bytes()
    lab.write("/etc/docker/daemon.json", json.dumps({"registry-mirrors": ["https://mirror.lab"]}))
    with engines.dockerd(lab, "26.1"):
        trusting = _verified(lab, {"SSL_CERT_FILE": str(lab.ca)})
        lab.write(BUNDLE, lab.file(BUNDLE).read_bytes() + lab.ca.read_bytes())
        past = _verified(lab, {"HTTPS_PROXY": "http://10.77.0.99:1"})
    lab.write(BUNDLE, before)
    assert (trusting, past) == ("tls-untrusted-ca", "ok")


def test_a_proxy_of_the_file_s_comes_before_the_variables(lab: Place) -> None:
    """With a login, which the daemon masks when it is asked."""
    proxies = {"proxies": {"https-proxy": "http://me:secret@10.77.0.99:1", "no-proxy": "other.lab"}}
    before = lab.file(BUNDLE).read_bytes()
    lab.write(BUNDLE, lab.file(BUNDLE).read_bytes() + lab.ca.read_bytes())
    environ = {"HTTPS_PROXY": "http://10.77.0.98:1", "NO_PROXY": "mirror.lab"}
    lab.write("/etc/docker/daemon.json", json.dumps({"registry-mirrors": ["https://mirror.lab"], **proxies}))
    with engines.dockerd(lab, "26.1", environ=environ) as daemon:
        pulled = daemon.pull()
        said = _verified(lab)
    lab.write(BUNDLE, before)
    assert not pulled
    assert said == "proxy-unreachable"


PROFILE = """\
schema = 1
name = "lab"
title = {{ en = "lab" }}
[tls]
ca-file = "{ca}"
[docker]
registry-mirrors = ["https://mirror.lab"]
"""
HOSTS = f"{CERTS}/docker.io/hosts.toml"


@pytest.mark.parametrize("kind", KINDS)
def test_a_profile_s_authority_is_put_where_the_daemon_looks(lab: Place, kind: str) -> None:
    """And taken away again; the process stays the same."""
    version, store = KINDS[kind]
    before = json.dumps(engines.STORE if store else {})
    lab.write("/etc/docker/daemon.json", before)
    profile = lab.folder / "lab.toml"
    profile.write_text(PROFILE.format(ca=lab.ca))
    with engines.dockerd(lab, version) as daemon:
        assert not daemon.pull()
        lab.mirrorcfg("use", str(profile), "--tool", "docker", code=0)
        assert _verified(lab) == "ok"
        assert daemon.pull()
        assert lab.file(HOSTS).exists() == (kind == "28.5, image store")
        lab.mirrorcfg("undo", code=0)
        assert not daemon.pull()
    assert lab.file("/etc/docker/daemon.json").read_text() == before
    assert not lab.file(CERTS).exists()


@pytest.mark.parametrize("folder", ["docker.io", "_default"])
def test_hosts_of_the_user_s_own_are_named_and_stay(lab: Place, folder: str) -> None:
    """They are asked and the mirrors are not; an older daemon, or one with the classic store, looks at neither."""
    file, text = (
        f"{CERTS}/{folder}/hosts.toml",
        '[host."https://other.lab"]\ncapabilities = ["pull", "resolve"]\n',
    )
    profile = lab.folder / "lab.toml"
    profile.write_text(PROFILE.format(ca=lab.ca))
    for kind in ("28.5", "28.5, image store"):
        lab.write(file, text)
        lab.write("/etc/docker/daemon.json", json.dumps(engines.STORE if KINDS[kind][1] else {}))
        code = 3 if KINDS[kind][1] else 0
        with engines.dockerd(lab, "28.5") as daemon:
            done = lab.mirrorcfg("use", str(profile), "--tool", "docker", "--json", code=code)
            pulled = daemon.pull()
            told = lab.mirrorcfg("status", "--tool", "docker", "--json", code=code).data["tools"]["docker"]
            lab.mirrorcfg("undo", code=0)
        assert told["out_of_step"] is None
        assert pulled == (code == 0)
        assert (file in done.out) == (code == 3)
        assert lab.file(file).read_text() == text
        lab.run("rm", "-rf", CERTS)


def test_a_login_in_a_file_of_hosts_is_not_told(lab: Place) -> None:
    lab.write(HOSTS, '[host."https://me:secret@mirror.lab"]\n')
    lab.write("/etc/docker/daemon.json", json.dumps(engines.STORE))
    with engines.dockerd(lab, "28.5"):
        told = lab.mirrorcfg("status", "--json")
    lab.run("rm", "-rf", CERTS)
    assert "mirror.lab" in told.out
    assert "secret" not in told.out


def _verified(lab: Place, environ: Mapping[str, str] | None = None) -> str:
    done = lab.mirrorcfg("verify", "--tool", "docker", "--json", environ=environ)
    assert "secret" not in done.out
    return str(done.data["sources"][0]["code"])


def _both(lab: Place, version: str, store: bool, world: World) -> tuple[bool, bool]:
    """Did the image come, and what did mirrorcfg say."""
    bundle = lab.file(BUNDLE)
    before = bundle.read_bytes()
    contents = {CA: lab.ca.read_bytes(), NONE: b""}
    for path, whose in world.files.items():
        lab.write(path, (before if path == BUNDLE else b"") + contents[whose])
    settings = {"registry-mirrors": ["https://mirror.lab"]} | (engines.STORE if store else {})
    lab.write("/etc/docker/daemon.json", json.dumps(settings))
    with engines.dockerd(lab, version, environ=world.environ) as daemon:
        answer = daemon.pull(), _verified(lab) == "ok"
    for path in world.files:
        lab.file(path).unlink()
    lab.run("rm", "-rf", CERTS)
    bundle.write_bytes(before)
    return answer
