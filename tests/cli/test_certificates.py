"""A profile's CA in certs.d: put there with the tools' own files, and taken away with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.sandbox import Sandbox

HUB, HARBOR, GHCR = "hub.acme.example:8443", "harbor.acme.example", "ghcr.acme.example"
TABLES = f"""[podman]
registry-mirrors = ["https://{HARBOR}/dockerhub"]
registries = {{ "ghcr.io" = "https://{GHCR}/ghcr" }}
"""
DOCKER = f'[docker]\nregistry-mirrors = ["https://{HUB}"]\n'


class Lab:
    """A root with docker and podman in it, and profiles with a CA."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.ca = box.write(box.folder / "ca.pem", trustme.CA().cert_pem.bytes())
        self.other = box.write(box.folder / "other.pem", trustme.CA().cert_pem.bytes())
        box.write(box.daemon_json, "{}")
        (box.root / "usr/bin").mkdir(parents=True)
        (box.root / "usr/bin/podman").touch()
        self.profile("acme", DOCKER + TABLES)
        self.profile("plain", DOCKER, ca=None)

    def profile(self, name: str, tables: str, ca: str | None = "ca.pem") -> None:
        tls = f'[tls]\nca-file = "{self.box.folder / ca}"\n' if ca else ""
        self.box.profile(name, tls + tables)

    def path(self, tool: str, place: str) -> Path:
        folder = {"docker": "etc/docker", "podman": "etc/containers"}[tool]
        return self.box.root / folder / "certs.d" / place / "ca.crt"

    def trusted(self) -> dict[tuple[str, str], bytes]:
        """What stands where in certs.d."""
        return {
            (path.parents[2].name, path.parent.name): path.read_bytes()
            for path in self.box.root.glob("etc/*/certs.d/*/ca.crt")
        }

    def run(self, *argv: str, code: int = 0) -> dict[str, Any]:
        return self.box.json(*argv, "--root", str(self.box.root), code=code)


@pytest.fixture
def lab(box: Sandbox) -> Lab:
    return Lab(box)


def test_the_ca_of_every_registry_comes_and_goes(lab: Lab) -> None:
    answer = lab.run("use", "acme")
    places = (HUB, HARBOR, GHCR)
    assert lab.trusted() == {(tool, place): lab.ca for tool in ("docker", "containers") for place in places}
    files = answer["data"]["tools"]["docker"]["files"]
    assert [entry["path"] for entry in files] == [
        str(lab.box.daemon_json),
        *(str(lab.path("docker", place)) for place in (HUB, HARBOR, GHCR)),
    ]
    assert [entry["action"] for entry in files] == ["changed", "created", "created", "created"]
    assert lab.run("use", "acme")["status"] == "unchanged"
    lab.run("undo")
    assert not (lab.box.root / "etc/docker/certs.d").exists()
    assert not (lab.box.root / "etc/containers").exists()
    lab.run("undo")
    assert len(lab.trusted()) == 6
    lab.run("restore", "0")
    assert lab.box.daemon_json.read_text() == "{}"
    assert not (lab.box.root / "etc/docker/certs.d").exists()


def test_another_profile_takes_away_what_it_does_not_want(lab: Lab) -> None:
    lab.profile("second", '[docker]\nregistry-mirrors = ["https://second.example"]\n', ca="other.pem")
    lab.profile("none", "[docker]\ndefault = true\n", ca=None)
    lab.run("use", "acme", "--tool", "docker")
    lab.run("use", "second", "--tool", "docker")
    assert lab.trusted() == {("docker", "second.example"): lab.other}
    lab.run("use", "none", "--tool", "docker")
    assert lab.trusted() == {}
    lab.run("restore", "1")
    assert set(lab.trusted().values()) == {lab.ca}


def test_a_renewed_ca_takes_the_old_one_s_place(lab: Lab) -> None:
    lab.run("use", "acme", "--tool", "docker")
    lab.ca = lab.box.write(lab.box.folder / "ca.pem", lab.other)
    lab.run("use", "acme", "--tool", "docker")
    assert set(lab.trusted().values()) == {lab.other}


@pytest.mark.parametrize("same", [True, False])
def test_the_user_s_own_ca_file_stays(lab: Lab, same: bool) -> None:
    theirs = b"# ours \xe4\r\n" + (lab.ca if same else lab.other)
    lab.box.write(lab.path("docker", HUB), theirs)
    lab.run("use", "acme", "--tool", "docker")
    assert lab.trusted()["docker", HUB] == (theirs if same else theirs + lab.ca)
    lab.run("use", "plain", "--tool", "docker")
    assert lab.trusted() == {("docker", HUB): theirs}
    lab.run("restore", "1")
    lab.run("restore", "0")
    assert lab.trusted() == {("docker", HUB): theirs}


def test_an_edit_since_is_kept_by_undo_and_seen_by_status(lab: Lab) -> None:
    lab.run("use", "acme", "--tool", "docker")
    lab.path("docker", HUB).write_bytes(lab.ca + lab.other)
    assert lab.run("status", "--tool", "docker")["status"] == "ok"
    lab.path("docker", GHCR).unlink()
    answer = lab.run("status", "--tool", "docker", code=3)
    assert answer["data"]["tools"]["docker"]["drifted"]
    lab.run("undo")
    assert lab.trusted() == {("docker", HUB): lab.other}


def test_docker_without_a_mirror_trusts_the_registries_that_image_names(lab: Lab) -> None:
    lab.profile("harbor", TABLES + '[docker]\nunavailable = "its path"\n')
    answer = lab.run("use", "harbor")
    assert answer["data"]["tools"]["docker"] == {
        "profile": None,
        "files": [
            {"path": str(lab.box.daemon_json), "action": "skipped"},
            *({"path": str(lab.path("docker", place)), "action": "created"} for place in (HARBOR, GHCR)),
        ],
        "effective": [],
        "shadowed_by": [],
    }
    assert "unavailable" in [finding["code"] for finding in answer["findings"]]
    assert lab.box.daemon_json.read_text() == "{}"
    lab.run("use", "harbor", "--tool", "docker", code=1)
    lab.profile("nothing", '[docker]\nunavailable = "none"\n', ca=None)
    lab.run("use", "nothing")
    assert {tool for tool, _ in lab.trusted()} == {"containers"}


def test_a_docker_that_stays_with_its_profile_keeps_its_ca(lab: Lab) -> None:
    lab.run("use", "acme", "--tool", "docker")
    before = lab.trusted()
    lab.profile("nothing", '[docker]\nunavailable = "none"\n', ca=None)
    lab.run("use", "nothing", code=3)
    assert lab.trusted() == before


def test_of_an_image_the_ca_that_is_in_it(lab: Lab) -> None:
    inside = lab.box.write(lab.box.root / "etc/acme.pem", lab.other)
    lab.box.profile("inside", f'[tls]\nca-file = "/etc/acme.pem"\n{DOCKER}')
    lab.run("use", "inside", "--tool", "docker")
    assert lab.trusted() == {("docker", HUB): inside}


@pytest.mark.parametrize(
    ("content", "code", "exit_code"),
    [
        (None, "ca-file-missing", 1),
        ("folder", "not-a-file", 1),
        (b"hello\n", "ca-file-no-certificate", 1),
        (b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n", "ca-file-damaged", 1),
        (b"-----BEGIN PRIVATE KEY-----\n", "ca-file-has-key", 1),
        (b"x" * (2 << 20), "file-too-large", 1),
    ],
    ids=["missing", "folder", "none", "damaged", "key", "large"],
)
def test_a_ca_file_that_is_no_use_is_said_before_anything_is_written(
    lab: Lab, content: bytes | str | None, code: str, exit_code: int
) -> None:
    file = lab.box.folder / "ca.pem"
    file.unlink()
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content == "folder":
        file.mkdir()
    answer = lab.run("use", "acme", code=exit_code)
    assert answer["error"]["code"] == code
    assert answer["error"]["path"] == str(file)
    assert lab.trusted() == {}
    assert lab.box.daemon_json.read_text() == "{}"


def test_diff_shows_them(lab: Lab) -> None:
    diffs = lab.run("diff", "acme", "--tool", "docker")["data"]["diffs"]
    assert "+-----BEGIN CERTIFICATE-----" in diffs[str(lab.path("docker", HUB))]


def test_a_journal_may_name_them_and_nothing_like_them(box: Sandbox) -> None:
    from mirrorcfg.host import Host

    host = Host.here()
    assert host.is_certificate(Path("/etc/docker/certs.d/hub.example:5000/ca.crt"))
    assert host.is_certificate(Path("/x/containers/certs.d/hub.example/ca.crt"))
    for path in (
        "/etc/docker/certs.d/ca.crt",
        "/etc/certs.d/hub.example/ca.crt",
        "/etc/docker/certs.d/h/key",
    ):
        assert not host.is_certificate(Path(path))


def test_as_a_user_podman_has_its_own(box: Sandbox) -> None:
    """Root's podman reads the system's, and with --scope user the user's."""
    lab = Lab(box)
    box.run("use", "acme", "--tool", "podman", "--scope", "user", code=0)
    place = box.home / ".config/containers/certs.d" / HARBOR / "ca.crt"
    assert place.read_bytes() == lab.ca
    box.run("undo", code=0)
    assert not (box.home / ".config/containers").exists()
