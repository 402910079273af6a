"""A team's profile, from its page to every real client through its Harbor and Nexus, and back to the last byte."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests import own, parts
from tests.conformance.content import NATIVE, NOARCH
from tests.e2e.ctr import containerd
from tests.e2e.daemon import Live, live
from tests.e2e.registry import offline, own_address
from tests.e2e.team import PROJECT, Team, team
from tests.sandbox import Sandbox
from tests.terminal import talk

HUB = "docker.io/library/hello:1"
KEPT = ("docker", "containerd", "containers")  # the machine's directories below /etc that are the test's own
FILES = {
    ".config/pip/pip.conf": "# mine\n[global]\ntimeout = 15\n",
    ".condarc": "# mine\nauto_activate_base: false   # never\n",
    ".config/uv/uv.toml": "# mine\nno-cache = true\n",
}
PROFILE = """# Acme's own
schema = 1
name = "acme"
title = {{ en = "Acme", zh = "Acme 内部镜像" }}
extends = "harbor"

[variables]
host = "{harbor}"
mirror-host = "{hub}"
pip-index = "https://{nexus}/simple"
conda-base = "https://{nexus}/conda"
ca-file = "{ca}"
"""


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    parts.mounts()
    with team(tmp_path_factory.mktemp("team"), own_address()) as servers:
        yield servers


class Machine:
    """One with docker running, whose /etc/docker, /etc/containerd and /etc/containers are its own."""

    def __init__(self, daemon: Live, team: Team) -> None:
        self.daemon, self.box = daemon, daemon.box
        self.host = team.harbor.rpartition(":")[0]
        self.etc = Path(f"/proc/{daemon.process.pid}/root/etc")
        self.inside("sh", "-c", "rm -rf /etc/containerd && mkdir /etc/containerd")
        shutil.copytree("/etc/containers", self.etc / "containers", dirs_exist_ok=True)  # podman's policy
        hosts = self.etc / "containerd/certs.d/docker.io/hosts.toml"
        self.box.write(hosts, '# mine\nserver = "https://registry-1.docker.io"\n')
        table = '[plugins."io.containerd.grpc.v1.cri".registry]\n'
        told = f'version = 2\n{table}config_path = "/etc/containerd/certs.d"\n'
        self.box.write(self.etc / "containerd/config.toml", told)

    def inside(self, *argv: str, environ: Mapping[str, str] | None = None) -> str:
        """Run a client that sees what mirrorcfg wrote, and can reach this machine alone."""
        variables = offline(self.host) | {
            "HOME": str(self.box.home),
            "XDG_CONFIG_DIRS": str(self.box.folder / "xdg"),
        }
        line = ["nsenter", "-t", str(self.daemon.process.pid), "-m", f"--wdns={self.box.folder}", *argv]
        done = subprocess.run(
            line, env=variables | dict(environ or {}), capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, (argv, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout + done.stderr

    def files(self) -> dict[str, bytes]:
        """Every file that mirrorcfg could have touched."""
        roots = [
            self.box.home / ".config",
            *(self.etc / name for name in KEPT),
        ]  # clients leave caches elsewhere
        found = [path for root in roots for path in root.rglob("*") if path.is_file()]
        found = [self.box.condarc, *(path for path in found if path.name != "key.json")]  # that is dockerd's
        return {str(path): path.read_bytes() for path in found}


@pytest.fixture
def machine(box: Sandbox, acme: Team) -> Iterator[Machine]:
    for name, text in FILES.items():
        box.write(box.home / name, text)
    with live(box, '{ "labels": ["rack=7"] }\n') as daemon:
        yield Machine(daemon, acme)


def test_from_the_team_s_page_to_every_client_and_back(machine: Machine, acme: Team) -> None:
    before, run, box = machine.files(), machine.daemon.run, machine.box
    pin = acme.publish(PROFILE.format(**vars(acme)))
    run("profile", "add", acme.url, "--sha256", pin, "--ca-file", str(acme.ca))
    stored = machine.files()
    used = run("use", "acme", code=3)
    assert "note[ca-not-in-effect]: uv can't be told" in used.err
    assert f"sudo cp {acme.ca} " in used.err
    box.environ["SSL_CERT_FILE"] = str(acme.ca)
    assert json.loads(run("use", "acme", "--json").out)["status"] == "unchanged"
    clients(machine, acme)
    run("undo")
    assert machine.files() == stored
    run("profile", "remove", "acme")
    assert machine.files() == before
    assert not list(box.home.rglob("acme*"))


def clients(machine: Machine, acme: Team) -> None:
    """Each one gets what it was made for, and the servers were asked for it."""
    box, python, trusted = machine.box, sys.executable, {"SSL_CERT_FILE": str(acme.ca)}
    machine.inside(python, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "-d", "pip", "six")
    uv = [parts.program("uv"), "pip", "install", "--python", python, "--no-deps", "--target", "uv", "six"]
    machine.inside(*uv, environ=trusted)
    rattle = str(Path(__file__).parents[1] / "conformance/rattle.py")
    for channel in effective(machine, "conda"):
        target = str(box.folder / "conda" / channel.rpartition("/")[2])
        machine.inside(python, rattle, channel, target, NATIVE, NOARCH, environ=trusted)
    skopeo = [*own.client("skopeo"), "copy", f"docker://{HUB}", f"dir:{box.folder / 'skopeo'}"]
    machine.inside(*skopeo)
    podman = [
        *own.client("podman"),
        "--root",
        "/mnt/store",
        "--runroot",
        "/mnt/run",
        "--storage-driver",
        "vfs",
    ]
    podman += ["--cgroup-manager", "cgroupfs", "--events-backend", "none", "pull", HUB]
    machine.inside(*podman)
    machine.daemon.docker("pull", "library/hello:1")
    hosts = machine.etc / "containerd/certs.d"
    with containerd(box.folder / "containerd", hosts, machine.host) as ctr:
        pulled = ctr.pull(HUB)
        assert pulled.returncode == 0, pulled.stderr
    asked = acme.asked()
    for path in (
        "/files/six-1.0-py3-none-any.whl",
        f"/v2/{PROJECT}/library/hello/manifests/1",
        "/service/token",
    ):
        assert path in asked
    for agent in ("pip/", "uv/", "skopeo/", "docker/", "containerd/"):
        assert f'"{agent}' in asked, agent


def effective(machine: Machine, tool: str) -> list[str]:
    """The addresses that a tool asks now."""
    import json

    found: list[str] = json.loads(machine.daemon.run("status", "--json").out)["data"]["tools"][tool][
        "effective"
    ]
    return found


def test_what_is_answered_is_proven_against_the_live_servers(box: Sandbox, acme: Team) -> None:
    answers = [
        ("host (Harbor's own host; it must be given):", acme.harbor),
        ("[dockerhub]:", ""),
        ("mirror-host (", acme.hub),
        ("pip-index (", "https://localhost:1/nowhere"),
        ("conda-base (", f"https://{acme.nexus}/conda"),
        ("ca-file (", str(acme.ca)),
    ]
    new, written = (
        ("profile", "new", "acme", "--from", "harbor"),
        box.home / ".config/mirrorcfg/profiles/acme.toml",
    )
    refused = talk(box, *new, answers=answers)
    assert (refused.code, "error[connect-refused]" in refused.out, written.exists()) == (3, True, False)
    answers[3] = ("pip-index (", f"https://{acme.nexus}/simple")
    made = talk(box, *new, answers=answers)
    assert (made.code, written.exists()) == (0, True), made.out
    assert box.json("verify", "acme")["status"] == "ok"
