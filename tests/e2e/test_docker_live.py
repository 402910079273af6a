"""A running dockerd after each command uses what its file says, without having been restarted."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import trustme

from tests import parts
from tests.e2e.daemon import Live, live
from tests.sandbox import Sandbox

URL = "https://mirror.invalid"
OTHER = "https://other.invalid"
NEIGHBOURS = """{
    "log-driver": "json-file",
    "log-opts": { "max-size": "100m", "tag": "{{.Name}}" },
    "runtimes": { "nvidia": { "path": "/usr/bin/nvidia-container-runtime", "runtimeArgs": [] } },
    "labels": ["rack=7"]
}
"""
FILES = {
    "no file": (None, []),
    "no key": ('{"debug": false}', []),
    "an empty list": ('{\n  "registry-mirrors": []\n}', []),
    "a mirror": (f'{{"registry-mirrors":["{OTHER}"] }}\n', [OTHER]),
    "neighbours": (NEIGHBOURS, []),
}


@pytest.fixture
def acme(box: Sandbox) -> Sandbox:
    box.profile("acme", f'[docker]\nregistry-mirrors = ["{URL}"]\n')
    box.profile("own", "[docker]\ndefault = true\n")
    return box


@pytest.mark.parametrize("name", FILES)
def test_use_and_undo_reach_the_daemon(acme: Sandbox, name: str) -> None:
    text, before = FILES[name]
    with live(acme, text) as daemon:
        started, found = daemon.started, daemon.info()
        daemon.run("use", "acme", "--tool", "docker", "--no-verify", "--json")
        assert daemon.mirrors() == [URL]
        now = daemon.info()
        for key in ("DefaultRuntime", "LoggingDriver", "DockerRootDir", "Labels"):
            assert now[key] == found[key]
        # 20.10 itself leaves its internal aliases (io.containerd…) out of the list at any reload.
        assert {key: now["Runtimes"].get(key) for key in found["Runtimes"] if not key.startswith("io.")} == {
            key: value for key, value in found["Runtimes"].items() if not key.startswith("io.")
        }
        daemon.run("undo", "--json")
        assert (daemon.mirrors(), daemon.text) == (before, text)
        daemon.run("undo", "--json")
        assert daemon.mirrors() == [URL]
        daemon.run("restore", "0", "--json")
        assert (daemon.mirrors(), daemon.text) == (before, text)
        assert daemon.started == started


def test_the_tools_default_is_no_mirror(acme: Sandbox) -> None:
    with live(acme, FILES["a mirror"][0]) as daemon:
        daemon.run("use", "own", "--tool", "docker", "--no-verify", "--json")
        assert daemon.mirrors() == []
        assert "registry-mirrors" not in (daemon.text or "")
        daemon.run("undo", "--json")
        assert (daemon.mirrors(), daemon.text) == ([OTHER], FILES["a mirror"][0])


@pytest.mark.parametrize("broken", ['{"labels": ["no-equals-sign"]}', '{"max-concurrent-downloads": -1}'])
def test_what_the_daemon_refuses_goes_back_everywhere(acme: Sandbox, broken: str) -> None:
    acme.profile(
        "all",
        f'[docker]\nregistry-mirrors = ["{URL}"]\n[pip]\nindex-url = "{URL}/simple"\n'
        f'[conda]\ndefault-channels = ["{URL}/main"]\n',
    )
    pip = acme.write(acme.pip_conf, "[global]\ntimeout = 9\n")
    conda = acme.write(acme.condarc, "channels: [defaults]\n")
    with live(acme, "{}") as daemon:
        daemon.file.write_text(broken)
        done = daemon.run("use", "all", "--tool", "docker", "--tool", "pip", "--tool", "conda", "--no-verify",
                          "--json", code=3)  # fmt: skip
        assert done.json["error"]["code"] == "daemon-refused"
        assert "did not take the mirrors: " in done.json["error"]["message"]
        assert (acme.pip_conf.read_bytes(), acme.condarc.read_bytes()) == (pip, conda)
        assert (daemon.text, daemon.mirrors()) == (broken, [])


@pytest.mark.parametrize("word", ["mirror.invalid", "registry-mirrors"])
def test_a_change_that_was_killed_is_taken_back_in_the_daemon_too(acme: Sandbox, word: str) -> None:
    """Killed at the signal: the file is the new one, or that on the way, and nobody has confirmed it."""
    strace = parts.program("strace")
    with live(acme, "{}") as daemon:
        at = 1 if word == "registry-mirrors" else 2
        prefix = (
            strace,
            "-f",
            "-o",
            "/dev/null",
            "-e",
            "trace=kill",
            "-e",
            f"inject=kill:signal=KILL:when={at}",
        )
        daemon.run("use", "acme", "--tool", "docker", "--no-verify", prefix=prefix, code=None)
        assert word in (daemon.text or "")
        daemon.run("recover", "--json")
        assert (daemon.text, daemon.mirrors()) == ("{}", [])
        daemon.run("use", "acme", "--tool", "docker", "--no-verify", "--json")
        assert daemon.mirrors() == [URL]


def test_only_the_daemon_whose_file_it_is(acme: Sandbox) -> None:
    with live(acme, "{}") as one, live(acme, "{}", name="two") as two:
        one.run("use", "acme", "--tool", "docker", "--no-verify", "--json")
        assert (one.mirrors(), two.mirrors()) == ([URL], [])
        assert "SIGHUP" not in two.log.read_text()


def test_a_daemon_that_ended_reads_it_at_its_start(acme: Sandbox) -> None:
    with live(acme, "{}") as daemon:
        holder = subprocess.Popen(["nsenter", "-t", str(daemon.process.pid), "-m", "sleep", "60"])
        spaces = [Path(f"/proc/{pid}/ns/mnt") for pid in (holder.pid, daemon.process.pid)]
        while spaces[0].readlink() != spaces[1].readlink():
            time.sleep(0.01)
        daemon.process.terminate()
        daemon.process.wait()
        daemon.process.pid = holder.pid
        done = daemon.run("use", "acme", "--tool", "docker", "--no-verify", "--json")
        assert "daemon-not-running" in [finding["code"] for finding in done.json["findings"]]
        assert json.loads(daemon.text or "") == {"registry-mirrors": [URL]}
        holder.send_signal(signal.SIGKILL)
        holder.wait()


def test_without_the_right_to_signal_the_command_is_said(acme: Sandbox) -> None:
    with live(acme, "{}") as daemon:
        prefix = ("setpriv", "--bounding-set=-kill", "--inh-caps=-kill", "--reuid=65534", "--clear-groups")
        subprocess.run(["chown", "-R", "65534", acme.folder / "home", daemon.file.parent], check=True)
        acme.environ["MIRRORCFG_STATE"] = str(acme.home / "state")
        for folder in [acme.folder, *acme.folder.parents][:3]:
            folder.chmod(0o755)
        done = daemon.run("use", "acme", "--tool", "docker", "--no-verify", "--json", prefix=prefix)
        finding = next(f for f in done.json["findings"] if f["code"] == "daemon-not-told")
        assert finding["hint"] == f"sudo kill -HUP {daemon.process.pid}"
        assert daemon.mirrors() == []


def test_a_pull_comes_through_the_mirror(acme: Sandbox) -> None:
    with registry(acme) as place, live(acme, "{}") as daemon:
        acme.profile("real", f'[docker]\nregistry-mirrors = ["https://{place}"]\n')
        hello(acme, daemon, f"{place}/library/hello:1")
        started = daemon.started
        assert daemon.docker("pull", "library/hello:1", check=False).returncode != 0
        daemon.run("use", "real", "--tool", "docker", "--no-verify", "--json")
        daemon.docker("pull", "library/hello:1")
        daemon.docker("rmi", "library/hello:1")
        daemon.run("undo", "--json")
        assert daemon.docker("pull", "library/hello:1", check=False).returncode != 0
        assert (daemon.started, daemon.text) == (started, "{}")


def hello(box: Sandbox, daemon: Live, name: str) -> None:
    """A tiny image, pushed under this name and kept nowhere else."""
    box.write(box.folder / "hello", "hello\n")
    with tarfile.open(box.folder / "hello.tar", "w") as tar:
        tar.add(box.folder / "hello", "hello")
    daemon.docker("import", str(box.folder / "hello.tar"), name)
    daemon.docker("push", name)
    daemon.docker("rmi", name)


@contextmanager
def registry(box: Sandbox) -> Iterator[str]:
    """A docker-registry over TLS; not on 127.0.0.1, which docker trusts without a certificate."""
    program = parts.program("docker-registry")
    address = own_address()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(box.folder / "ca.pem"))
    authority.issue_cert(address).private_key_and_cert_chain_pem.write_to_path(str(box.folder / "server.pem"))
    with closing(socket.create_server((address, 0))) as probe:
        place = f"{address}:{probe.getsockname()[1]}"
    pem = box.folder / "server.pem"
    config = {"version": "0.1", "storage": {"filesystem": {"rootdirectory": str(box.folder / "blobs")}},
              "http": {"addr": place, "tls": {"certificate": str(pem), "key": str(pem)}}}  # fmt: skip
    box.write(box.folder / "registry.yml", json.dumps(config))
    with (box.folder / "registry.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "serve", str(box.folder / "registry.yml")], stdout=log, stderr=log
        )
    try:
        answering(process, place)
        yield place
    finally:
        process.terminate()
        process.wait()


def answering(process: subprocess.Popen[bytes], place: str) -> None:
    host, port = place.split(":")
    while process.poll() is None:
        try:
            socket.create_connection((host, int(port)), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(Path(process.args[2]).with_name("registry.log").read_text())  # type: ignore[index]


def own_address() -> str:
    """An address of this machine that isn't a loopback one, or a skip."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asked:
        try:
            asked.connect(("192.0.2.1", 9))
        except OSError as error:
            parts.absent(f"this machine has no address but 127.0.0.1: {error}")
        return str(asked.getsockname()[0])
