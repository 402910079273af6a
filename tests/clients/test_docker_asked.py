"""The daemon that docker asks is the one whose file is changed; where that can't be, it is said whose it is.

What docker itself asks is told by its own client, with the same variables and the same home.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

import pytest

from mirrorcfg.model.machine import Machine
from mirrorcfg.writers.docker import contexts
from tests import parts
from tests.clients import debian, engines
from tests.clients.hub import Server
from tests.clients.place import Place, place
from tests.clients.test_engines import MIRROR, PROFILE

OTHER = "unix:///run/other.sock"
APART = (
    "unshare",
    "-m",
    "sh",
    "-c",
    'mkdir -p /mnt/etc && mount --bind /mnt/etc /etc/docker && exec "$@"',
    "sh",
)
VERSIONS = list(engines.DOCKER)


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A mirror, and no way to Docker Hub."""
    with place(tmp_path_factory.mktemp("place"), Server("mirror.lab", "127.0.0.5")) as found:
        (found.folder / "lab.toml").write_text(PROFILE)
        yield found


def use(
    lab: Place, *more: str, code: int | None = 0, environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    words = ("use", str(lab.folder / "lab.toml"), "--tool", "docker", "--yes", "--json", *more)
    return lab.mirrorcfg(*words, code=code, environ=environ).json


def status(lab: Place, code: int = 0, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    return lab.mirrorcfg("status", "--tool", "docker", "--json", code=code, environ=environ).json


def uses(lab: Place, environ: Mapping[str, str] | None = None) -> list[str]:
    found: list[str] = status(lab, environ=environ)["data"]["tools"]["docker"]["effective"]
    return found


def context(lab: Place, name: str, host: str | None) -> None:
    """A context as `docker context create` makes it; the current one."""
    folder = Path(lab.environ["HOME"]) / ".docker"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"currentContext": name}))
    if host is not None:
        client = debian.unpacked(debian.FORKY).program("docker")
        done = lab.run(
            client,
            "context",
            "create",
            name,
            "--docker",
            f"host={host}",
            environ={"DOCKER_CONTEXT": "default"},
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def apart(lab: Place, version: str) -> Iterator[engines.Docker]:
    """A daemon with an /etc/docker of its own, in other mounts."""
    with engines.dockerd(lab, version, socket=OTHER.removeprefix("unix://"), before=APART) as daemon:
        yield daemon


@pytest.mark.parametrize("by", ["DOCKER_HOST", "DOCKER_CONTEXT", "the current context"])
def test_one_in_another_namespace(lab: Place, by: str) -> None:
    environ = {"DOCKER_HOST": {"DOCKER_HOST": OTHER}, "DOCKER_CONTEXT": {"DOCKER_CONTEXT": "far"}}.get(by, {})
    if by != "DOCKER_HOST":
        context(lab, "far", OTHER)
    if by == "DOCKER_CONTEXT":
        (Path(lab.environ["HOME"]) / ".docker/config.json").unlink()
    with engines.dockerd(lab, "20.10") as near, apart(lab, "26.1") as far:
        client = debian.unpacked(debian.FORKY).program("docker")
        asked = lab.run(client, "info", "--format", "{{.ServerVersion}}", environ=environ)
        assert asked.stdout.startswith("26.1"), asked.stderr
        answer = use(lab, code=3, environ=environ)
        assert answer["error"]["code"] == "daemon-elsewhere"
        assert by in answer["error"]["message"]
        assert not lab.file(engines.FILE).exists()
        assert not near.info()["RegistryConfig"]["Mirrors"]
        assert status(lab, environ=environ)["findings"][0]["code"] == "daemon-elsewhere"
        # The hint does it: mirrorcfg runs where that daemon runs, and is there asked for the same.
        hint = re.sub("^sudo ", "", answer["error"]["hint"]).replace(
            f" use {lab.folder}/lab.toml ", f" use {lab.folder}/lab.toml --yes "
        )
        done = lab.run("sh", "-c", hint, environ={**environ, "MIRRORCFG_STATE": "/run/far"})
        assert done.returncode == 0, done.stdout + done.stderr
        assert far.pull()
        assert not near.pull()
        assert uses(lab, environ) == [MIRROR]


def test_the_socket_in_a_container(lab: Place) -> None:
    """mirrorcfg has other process numbers than the daemon, and an /etc/docker of its own."""
    inside = "mkdir -p /mnt/inside && mount --bind /mnt/inside /etc/docker && exec mirrorcfg"
    words = f"use {lab.folder}/lab.toml --tool docker --yes --json"
    line = ("unshare", "-m", "-p", "--fork", "--mount-proc", "sh", "-c", f"{inside} {words}")
    with engines.dockerd(lab, "20.10") as daemon:
        done = lab.run(*line)
        assert done.returncode == 3, done.stdout + done.stderr
        assert json.loads(done.stdout)["error"]["code"] == "daemon-elsewhere"
        assert not any(lab.file("/mnt/inside").iterdir())
        use(lab)
        assert daemon.pull()


@pytest.mark.parametrize("version", VERSIONS)
def test_one_with_a_file_of_its_own(lab: Place, version: str) -> None:
    lab.write("/etc/own/docker.json", '{"debug": false}\n')
    with engines.dockerd(lab, version, "--config-file", "/etc/own/docker.json") as daemon:
        started = Path(f"/proc/{daemon.pid}/stat").read_text().split()[21]
        use(lab)
        assert json.loads(lab.file("/etc/own/docker.json").read_text())["registry-mirrors"] == [MIRROR]
        assert daemon.pull()
        assert (uses(lab), lab.file(engines.FILE).exists()) == ([MIRROR], False)
        lab.mirrorcfg("undo", "--yes", code=0)
        assert lab.file("/etc/own/docker.json").read_text() == '{"debug": false}\n'
        assert not daemon.pull()
        assert Path(f"/proc/{daemon.pid}/stat").read_text().split()[21] == started


def test_one_that_its_unit_would_start_with_a_file_of_its_own(lab: Place) -> None:
    lab.file("/run/systemd/system").mkdir(parents=True)
    unit = "[Service]\nExecStart=/usr/sbin/dockerd --config-file=/etc/own/docker.json $X\n"
    lab.write("/etc/systemd/system/docker.service", unit)
    use(lab)
    assert json.loads(lab.file("/etc/own/docker.json").read_text()) == {"registry-mirrors": [MIRROR]}


def test_one_whose_file_is_called_what_nothing_of_ours_is(lab: Place) -> None:
    lab.write("/etc/own/docker.conf", "{}")
    with engines.dockerd(lab, "20.10", "--config-file", "/etc/own/docker.conf"):
        answer = use(lab, code=3)
        assert (answer["error"]["code"], "/etc/own/docker.conf" in answer["error"]["message"]) == (
            "daemon-elsewhere",
            True,
        )
        assert lab.file("/etc/own/docker.conf").read_text() == "{}"


def test_mirrors_by_its_flags_are_what_it_uses(lab: Place) -> None:
    with engines.dockerd(lab, "20.10", f"--registry-mirror={MIRROR}"):
        assert uses(lab) == [MIRROR]
        answer = lab.mirrorcfg("use", "official", "--tool", "docker", "--yes", "--json", code=3).json
        assert answer["data"]["tools"]["docker"]["shadowed_by"] == ["dockerd --registry-mirror"]


def test_one_on_tcp_is_told_by_its_process(lab: Place) -> None:
    environ = {"DOCKER_HOST": "tcp://127.0.0.1:2375"}
    with engines.dockerd(lab, "20.10", "-H", "tcp://127.0.0.1:2375") as daemon:
        use(lab, environ=environ)
        assert daemon.pull()
        assert uses(lab, environ) == [MIRROR]
    assert use(lab, code=3, environ=environ)["error"]["code"] == "daemon-elsewhere"


@pytest.mark.parametrize(
    ("host", "hint"),
    [
        ("tcp://10.9.8.7:2376", "run it where that daemon runs: mirrorcfg use {} --tool docker"),
        ("ssh://li:secret@far.lab", "ssh li@far.lab sudo mirrorcfg use {} --tool docker"),
    ],
)
def test_another_machines(lab: Place, host: str, hint: str) -> None:
    answer = use(lab, code=3, environ={"DOCKER_HOST": host})
    wanted = hint.format(lab.folder / "lab.toml")
    assert (answer["error"]["code"], answer["error"]["hint"]) == ("daemon-elsewhere", wanted)
    assert "secret" not in json.dumps(answer)
    found = status(lab, environ={"DOCKER_HOST": host})
    assert found["data"]["tools"]["docker"]["unknown"]
    assert "secret" not in json.dumps(found)
    assert not lab.file(engines.FILE).exists()


def test_it_is_left_out_of_a_switch_of_all_tools(lab: Place) -> None:
    profile = lab.folder / "lab.toml"
    profile.write_text(profile.read_text() + '[pip]\nindex-url = "https://mirror.lab/simple"\n')
    words = ("use", str(profile), "--no-verify", "--yes", "--json")
    answer = lab.mirrorcfg(*words, code=0, environ={"DOCKER_HOST": "ssh://far.lab"}).json
    assert answer["status"] == "partial"
    assert answer["data"]["tools"]["pip"]["effective"] == ["https://mirror.lab/simple"]
    assert answer["data"]["tools"]["docker"]["effective"] == []
    assert "daemon-elsewhere" in [each["code"] for each in answer["findings"]]


def test_a_context_that_is_not_there(lab: Place) -> None:
    context(lab, "gone", None)
    client = debian.unpacked(debian.FORKY).program("docker")
    assert "not found" in lab.run(client, "info").stderr
    assert use(lab, code=3)["error"]["code"] == "no-such-context"


def test_what_was_switched_is_not_in_effect_once_docker_asks_another(lab: Place) -> None:
    with engines.dockerd(lab, "20.10"):
        use(lab)
        with apart(lab, "26.1"):
            found = status(lab, code=3, environ={"DOCKER_HOST": OTHER})["data"]["tools"]["docker"]
            assert (found["effective"], found["shadowed_by"]) == ([], ["the docker daemon elsewhere"])
            lab.mirrorcfg("undo", "--yes", code=0, environ={"DOCKER_HOST": OTHER})
    assert not lab.file(engines.FILE).exists()


def test_another_scope_is_meant_where_it_is_said(lab: Place) -> None:
    """And that docker asks another is noted."""
    with engines.dockerd(lab, "20.10") as near, apart(lab, "26.1"):
        answer = use(lab, "--scope", "system", environ={"DOCKER_HOST": OTHER})
        assert "daemon-elsewhere" in [each["code"] for each in answer["findings"]]
        assert near.pull()


def test_podmans_docker(lab: Place) -> None:
    """The package podman-docker is a script of that name; and a link does it too."""
    for script in ('#!/bin/sh\n[ -e /etc/x ] || echo "Emulate" >&2\nexec /usr/bin/podman "$@"\n', None):
        folder = lab.file("/mnt/bin")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        if script is None:
            (folder / "docker").symlink_to(parts.program("podman"))
        else:
            lab.write("/mnt/bin/docker", script)
            (folder / "docker").chmod(0o755)
        environ = {"PATH": f"/mnt/bin:{lab.environ['PATH']}"}
        answer = use(lab, code=3, environ=environ)
        assert (answer["error"]["code"], answer["error"]["hint"]) == (
            "docker-is-podman",
            f"mirrorcfg use {lab.folder}/lab.toml --tool podman",
        )


def test_podmans_socket(lab: Place) -> None:
    environ = {"DOCKER_HOST": "unix:///run/podman.sock"}
    line = [parts.program("podman"), "--root", "/mnt/p", "--runroot", "/mnt/r", "--storage-driver", "vfs"]
    with lab.daemon("podman.log", [*line, "system", "service", "-t", "0", environ["DOCKER_HOST"]]) as pid:
        while not lab.file("/run/podman.sock").exists():
            assert Path(f"/proc/{pid}/exe").exists(), (lab.folder / "podman.log").read_text()
        assert use(lab, code=3, environ=environ)["error"]["code"] == "docker-is-podman"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_laid_out_anew_while_it_runs(lab: Place, version: str) -> None:
    """By jq, or as nvidia-ctk does it, with a runtime of its own."""
    lab.write(engines.FILE, '{"debug": true,\n "labels": ["a=b"]}\n')
    with engines.dockerd(lab, version) as daemon:
        use(lab)
        found = json.loads(lab.file(engines.FILE).read_text())
        found["runtimes"] = {"nvidia": {"path": "nvidia-container-runtime", "args": []}}
        lab.write(engines.FILE, json.dumps(found, indent=4, sort_keys=True))
        entry = status(lab)["data"]["tools"]["docker"]
        assert (entry["drifted"], entry["out_of_step"], entry["effective"]) == (False, None, [MIRROR])
        assert use(lab)["status"] == "unchanged"
        lab.mirrorcfg("undo", "--yes", code=0)
        left = {key: value for key, value in found.items() if key != "registry-mirrors"}
        assert lab.file(engines.FILE).read_text() == json.dumps(left, indent=4, sort_keys=True)
        assert not daemon.pull()


@pytest.mark.parametrize("version", VERSIONS)
def test_that_buildkit_does_not_follow_is_said(lab: Place, version: str) -> None:
    with engines.dockerd(lab, version):
        codes = [each["code"] for each in use(lab)["findings"]]
    assert ("builds-keep-mirrors" in codes) == (version == "20.10")


@pytest.mark.parametrize("version", VERSIONS)
def test_what_buildkit_makes_of_a_reload(lab: Place, version: str) -> None:
    with engines.dockerd(lab, version) as daemon:
        use(lab)
        assert daemon.builds() == (version != "20.10")
    with engines.dockerd(lab, version) as daemon:
        assert daemon.builds()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("current", [None, "far", "default", "gone"])
@pytest.mark.parametrize("host", [None, "unix:///nowhere/host.sock"])
@pytest.mark.parametrize("named", [None, "far", "default", "gone"])
def test_whom_its_client_asks(
    tmp_path: Path, version: str, current: str | None, host: str | None, named: str | None
) -> None:
    """Where nobody listens it says whom it would have asked."""
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    client = engines.client(version)
    words = [client, "context", "create", "far", "--docker", "host=unix:///nowhere/far.sock"]
    subprocess.run(words, env=environ, check=True, capture_output=True)
    if current is not None:
        (tmp_path / ".docker/config.json").write_text(json.dumps({"currentContext": current}))
    given = {"DOCKER_HOST": host, "DOCKER_CONTEXT": named}
    environ |= {name: value for name, value in given.items() if value is not None}
    done = subprocess.run([client, "version"], env=environ, capture_output=True, text=True)
    found = re.findall(r"daemon at (unix://[/a-z.]+)\. ", done.stderr)
    machine = Machine("linux", tmp_path, environ=environ, content=_content)
    assert contexts.asked(machine).address == (found[-1] if found else None), done.stderr


def _content(path: PurePath) -> bytes | None:
    return Path(path).read_bytes() if Path(path).exists() else None
