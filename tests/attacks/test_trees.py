"""Images and state directories that hold links, and strangers' links in folders that all may write."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from tests import parts
from tests.attacks.stage import EVE, Stage
from tests.sandbox import Sandbox

USE = ("use", "tsinghua", "--tool", "pip", "--no-verify", "--yes")
BODY = b"the host's own\n"


@pytest.fixture
def host(box: Sandbox) -> Path:
    """A folder of the host's, beside the image."""
    parts.root()
    folder = box.folder / "victim"
    folder.mkdir()
    (folder / "1.json").write_bytes(BODY)
    (folder / "keep").write_bytes(BODY)
    box.environ.pop("MIRRORCFG_STATE")
    return folder


def inside(box: Sandbox, *argv: str) -> int:
    return box.run(*argv, "--root", str(box.root)).code


def untouched(folder: Path) -> bool:
    return {path.name: path.read_bytes() for path in folder.iterdir()} == {"1.json": BODY, "keep": BODY}


def sealed(content: object) -> bytes:
    body = json.dumps(content, separators=(",", ":"), sort_keys=True).encode()
    return b'{"sha256":"' + sha256(body).hexdigest().encode() + b'","content":' + body + b"}\n"


def generation(number: int, files: dict[str, object] | None = None) -> dict[str, object]:
    about = {"time": "2026-01-01T00:00:00Z", "command": "use", "reason": "use", "tools": {"pip": "x"}}
    return {"number": number, **about, "files": files or {}, "made": []}


@pytest.mark.parametrize("part", ["", "generations", "objects"])
@pytest.mark.parametrize("how", ["absolute", "relative"])
def test_an_image_whose_state_is_a_link_to_the_host(box: Sandbox, host: Path, part: str, how: str) -> None:
    state = box.root / "var/lib/mirrorcfg"
    place = state / part
    place.parent.mkdir(parents=True, mode=0o755)
    if part:
        state.chmod(0o700)
    place.symlink_to(host if how == "absolute" else os.path.relpath(host, place.parent))
    code = inside(box, *USE)
    assert untouched(host)
    assert part == "" or code == 5


@pytest.mark.parametrize("name", ["head", "journal", "lock", "failover", "litter", "generations/1.json"])
def test_a_file_of_the_state_that_is_a_link(box: Sandbox, host: Path, name: str) -> None:
    state = box.root / "var/lib/mirrorcfg"
    (state / name).parent.mkdir(parents=True)
    for folder in (state, state / "generations"):
        if folder.exists():
            folder.chmod(0o700)
    (state / name).symlink_to(host / "keep")
    for argv in (USE, ("undo", "--yes"), ("status",)):
        inside(box, *argv)
    assert untouched(host)


def test_planted_records_and_a_config_delete_nothing(box: Sandbox, host: Path) -> None:
    state = box.root / "var/lib/mirrorcfg"
    (state / "generations").mkdir(parents=True)
    for number in range(1, 30):
        (state / f"generations/{number}.json").write_bytes(sealed(generation(number)))
    (state / "head").write_bytes(sealed({"generation": generation(29), "oldest": 1}))
    (state / "objects").mkdir()
    (state / "objects/aa").mkdir()
    (state / "objects/aa/bb").write_bytes(b"kept for an undo")
    for folder in (state, state / "generations", state / "objects", state / "objects/aa"):
        folder.chmod(0o700)
    box.write(box.root / "etc/mirrorcfg/config.toml", "keep = 2\n")
    assert inside(box, *USE) == 0
    assert (state / "generations/1.json").exists()
    assert (state / "objects/aa/bb").read_bytes() == b"kept for an undo"


@pytest.mark.parametrize("path", ["/../../victim/keep", "/link/keep", "/up/victim/keep"])
def test_a_record_that_names_a_file_outside(box: Sandbox, host: Path, path: str) -> None:
    (box.root / "link").symlink_to(host)
    (box.root / "up").symlink_to("..")
    state = box.root / "var/lib/mirrorcfg"
    evil = b"evil\n"
    key = sha256(evil).hexdigest()
    for folder in (state, state / "generations", state / "objects", state / "objects" / key[:2]):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    (state / "objects" / key[:2] / key[2:]).write_bytes(evil)
    kept = {"tool": "pip", "origin": key, "before": key, "after": sha256(BODY).hexdigest()}
    (state / "head").write_bytes(sealed({"generation": generation(1, {path: kept}), "oldest": 1}))
    (state / "generations/1.json").write_bytes(sealed(generation(1, {path: kept})))
    for argv in (("undo", "--yes"), ("restore", "0", "--yes")):
        inside(box, *argv)
    assert untouched(host)


@pytest.mark.parametrize("link", ["etc", "etc/pip.conf", "etc/docker"])
def test_an_image_whose_folders_lead_to_the_host(box: Sandbox, host: Path, link: str) -> None:
    (box.root / link).parent.mkdir(exist_ok=True)
    (box.root / link).symlink_to(host if "." not in link else host / "keep")
    box.write(box.root / "usr/bin/dockerd", "")
    inside(box, "use", "china", "--no-verify", "--yes")
    assert untouched(host)


def test_harmless_links_inside_an_image_are_followed(box: Sandbox, host: Path) -> None:
    (box.root / "usr/etc").mkdir(parents=True)
    (box.root / "etc").symlink_to("usr/etc")
    (box.root / "usr/etc/pip.conf").symlink_to("/opt/pip.conf")
    real = box.write(box.root / "opt/pip.conf", "[global]\ntimeout = 5\n")
    assert inside(box, *USE) == 0
    now = (box.root / "opt/pip.conf").read_bytes()
    assert now != real
    assert b"timeout = 5" in now
    assert inside(box, "undo", "--yes") == 0
    assert (box.root / "opt/pip.conf").read_bytes() == real


def test_an_image_s_ca_that_leads_to_the_host(box: Sandbox, host: Path) -> None:
    (box.root / "etc").mkdir()
    (box.root / "etc/ca.pem").symlink_to(host / "keep")
    table = '[tls]\nca-file = "/etc/ca.pem"\n[docker]\nregistry-mirrors = ["https://m.example"]\n'
    box.profile("acme", table)
    box.write(box.daemon_json, "{}")
    assert inside(box, "use", "acme", "--tool", "docker", "--no-verify", "--yes") == 1
    assert not list(box.root.rglob("ca.crt"))


def test_metrics_through_a_strangers_link(stage: Stage) -> None:
    stage.write("/etc/cron.d/victim", BODY)
    before = stage.files("/etc/cron.d")
    assert stage.sh("ln -s /etc/cron.d/victim /var/tmp/m.prom", EVE).returncode == 0
    done = stage.run("watch", "--metrics", "/var/tmp/m.prom", "--timeout", "1")
    assert (done.code, stage.files("/etc/cron.d")) == (5, before)
    assert "link" in done.err or "may not" in done.err


def test_a_link_of_roots_own_is_followed(stage: Stage) -> None:
    stage.write("/srv/alternatives/pip.conf", "[global]\ntimeout = 5\n")
    stage.sh("mkdir -p /srv/conf/pip; ln -s /srv/alternatives/pip.conf /srv/conf/pip/pip.conf")
    done = stage.run(*USE, XDG_CONFIG_HOME="/srv/conf")
    assert done.code == 0, done.err
    assert stage.path("/srv/conf/pip/pip.conf").is_symlink()
    assert b"tsinghua" in stage.path("/srv/alternatives/pip.conf").read_bytes()


def test_a_hard_link_in_a_folder_that_all_may_write(stage: Stage) -> None:
    stage.write("/srv/shadow", "[global]\ntimeout = 5\n", mode=0o600)
    stage.sh("mkdir -m 1777 /srv/all; ln /srv/shadow /srv/all/pip.conf")
    stage.sh("mkdir /srv/x; ln -s /srv/all /srv/x/pip")
    done = stage.run(*USE, XDG_CONFIG_HOME="/srv/x")
    assert (done.code, stage.path("/srv/shadow").read_bytes()) == (5, b"[global]\ntimeout = 5\n"), done.err


@pytest.mark.parametrize("shared", ["0777", "1777"])
def test_a_state_directory_that_others_could_exchange(stage: Stage, shared: str) -> None:
    stage.sh(f"mkdir -m {shared} /srv/all; mkdir -m 755 /srv/own")
    stage.sh("mkdir -m 700 /srv/all/eves", EVE)
    place = "/srv/all/eves/state" if shared == "1777" else "/srv/all/state"
    done = stage.run(*USE, MIRRORCFG_STATE=place)
    assert (done.code, "state-not-trusted" in done.err) == (5, True)
    assert stage.run(*USE, MIRRORCFG_STATE="/srv/own/state").code == 0
