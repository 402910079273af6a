"""A running dockerd after each command uses what its file says, without having been restarted."""

from __future__ import annotations

import json
import random
import signal
import subprocess
from pathlib import Path

import pytest
import trustme

from tests import parts
from tests.e2e.daemon import Live, live
from tests.e2e.gate import gate
from tests.e2e.registry import own_address, registry
from tests.sandbox import PROGRAM, Sandbox

HELLO = "library/hello:1"
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
    "a data-root": (NEIGHBOURS.replace("{", '{ "data-root": "/mnt/elsewhere",', 1), []),
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


def test_what_the_daemon_refuses_goes_back_everywhere(acme: Sandbox) -> None:
    """Only the daemon's file system can tell that a script can't have this name."""
    broken = json.dumps({"runtimes": {"x" * 300: {"path": "/x", "runtimeArgs": ["y"]}}})
    ca = acme.folder / "ca.pem"
    acme.write(ca, trustme.CA().cert_pem.bytes())
    acme.profile(
        "all",
        f'[tls]\nca-file = "{ca}"\n[docker]\nregistry-mirrors = ["{URL}"]\n[pip]\nindex-url = "{URL}/simple"\n'
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
        assert not (daemon.file.parent / "certs.d").exists()


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
            "trace=pidfd_send_signal",
            "-e",
            f"inject=pidfd_send_signal:signal=KILL:when={at}",
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


def test_two_daemons_of_one_file_both_follow(acme: Sandbox) -> None:
    with live(acme, "{}") as one, live(acme, None, name="two", beside=one) as two:
        one.run("use", "acme", "--tool", "docker", "--no-verify", "--json")
        assert (one.mirrors(), two.mirrors()) == ([URL], [URL])
        one.run("undo", "--json")
        assert (one.mirrors(), two.mirrors(), one.text) == ([], [], "{}")


def test_a_daemon_that_was_killed_before_it_was_told(acme: Sandbox) -> None:
    """mirrorcfg is stopped where it looks at the daemon's log, between writing and telling."""
    strace = parts.program("strace")
    with live(acme, FILES["a mirror"][0]) as daemon:
        dockerd = daemon.process
        prefix = (strace, "-qq", "-o", "/dev/null", "-P", f"/proc/{dockerd.pid}/fd/2",
                  "-e", "inject=newfstatat,statx,stat:signal=STOP:when=1")  # fmt: skip
        use = daemon.begin("use", "acme", "--tool", "docker", "--no-verify", "--json", prefix=prefix)
        with daemon.outlived(), use:
            while URL not in (daemon.text or ""):
                assert use.poll() is None, use.communicate()
            dockerd.kill()
            dockerd.wait()
            while use.poll() is None:
                subprocess.run(["pkill", "-CONT", "-P", str(use.pid)], check=False)
            out, err = use.communicate()
            assert (use.returncode, "Traceback" in err) == (0, False), err
            assert "daemon-not-running" in [finding["code"] for finding in json.loads(out)["findings"]]
            assert json.loads(daemon.text or "") == {"registry-mirrors": [URL]}


def test_a_daemon_out_of_step_is_seen_and_told(acme: Sandbox) -> None:
    with live(acme, "{}") as daemon:
        daemon.run("use", "acme", "--tool", "docker", "--no-verify", "--json")
        text = daemon.text
        daemon.file.write_text(json.dumps({"registry-mirrors": [OTHER]}))
        reloaded(daemon, [OTHER])
        daemon.file.write_text(text or "")
        status = daemon.run("status", "--tool", "docker", "--json", code=3).json
        assert status["data"]["tools"]["docker"]["out_of_step"] == [OTHER]
        assert [finding["code"] for finding in status["findings"]] == ["out-of-step"]
        done = daemon.run("use", "acme", "--tool", "docker", "--no-verify", "--json")
        assert (done.json["status"], done.data["generation"]) == ("unchanged", None)
        assert "daemon-reloaded" in [finding["code"] for finding in done.json["findings"]]
        assert (daemon.mirrors(), daemon.text) == ([URL], text)
        status = daemon.run("status", "--tool", "docker", "--json").json
        assert status["data"]["tools"]["docker"]["out_of_step"] is None


@pytest.mark.parametrize("text", ["{}", None])
def test_a_daemon_that_still_has_what_its_file_no_longer_says(acme: Sandbox, text: str | None) -> None:
    with live(acme, text) as daemon:
        daemon.run("use", "acme", "--tool", "docker", "--no-verify", "--json")
        daemon.run("undo", "--json")
        for back in (("use", "own", "--tool", "docker", "--no-verify"), ("restore", "0")):
            daemon.file.write_text(json.dumps({"registry-mirrors": [OTHER]}))
            reloaded(daemon, [OTHER])
            daemon.file.unlink() if text is None else daemon.file.write_text(text)
            head = daemon.run("status", "--json", code=3).data["generation"]
            done = daemon.run(*back, "--json")
            assert "daemon-reloaded" in [finding["code"] for finding in done.json["findings"]]
            assert (daemon.mirrors(), daemon.text) == ([], text)
            assert daemon.run("status", "--json").data["generation"] in (head, done.data["generation"])


def reloaded(daemon: Live, mirrors: list[str]) -> None:
    """Reload it as somebody else would."""
    daemon.process.send_signal(signal.SIGHUP)
    while daemon.mirrors() != mirrors:
        assert daemon.process.poll() is None


def test_a_daemon_that_ended_reads_it_at_its_start(acme: Sandbox) -> None:
    with live(acme, "{}") as daemon:
        dockerd = daemon.process
        with daemon.outlived():
            dockerd.terminate()
            dockerd.wait()
            done = daemon.run("use", "acme", "--tool", "docker", "--no-verify", "--json")
            assert "daemon-not-running" in [finding["code"] for finding in done.json["findings"]]
            assert json.loads(daemon.text or "") == {"registry-mirrors": [URL]}


def test_without_the_right_to_signal_the_command_is_said(acme: Sandbox) -> None:
    with live(acme, "{}") as daemon:
        prefix = ("setpriv", "--bounding-set=-kill", "--inh-caps=-kill", *nobody(acme))
        subprocess.run(["chown", "-R", "65534", daemon.file.parent], check=True)
        done = daemon.run("use", "acme", "--tool", "docker", "--no-verify", "--json", prefix=prefix)
        # One for each daemon that may read it: another test's could run meanwhile, and nobody may look into it.
        hints = [each["hint"] for each in done.json["findings"] if each["code"] == "daemon-not-told"]
        assert f"sudo kill -HUP {daemon.process.pid}" in hints
        assert daemon.mirrors() == []


def test_without_the_right_to_write_the_command_is_said(acme: Sandbox) -> None:
    acme.profile("both", f'[docker]\nregistry-mirrors = ["{URL}"]\n[pip]\nindex-url = "{URL}/simple"\n')
    with live(acme, "{}") as daemon:
        prefix = ("setpriv", *nobody(acme))
        done = daemon.run("use", "both", "--no-verify", "--json", prefix=prefix)
        assert done.json["status"] == "partial"
        finding = next(f for f in done.json["findings"] if f["code"] == "needs-rights")
        command = 'sudo "$(command -v mirrorcfg)" use both --tool docker'
        assert (finding["tool"], finding["hint"]) == ("docker", command)
        assert URL in acme.pip_conf.read_text()
        done = daemon.run("use", "both", "--tool", "docker", "--no-verify", "--json", prefix=prefix, code=5)
        assert done.json["error"]["hint"] == command
        assert (daemon.text, daemon.mirrors()) == ("{}", [])


def nobody(box: Sandbox) -> tuple[str, ...]:
    """setpriv's words for an account without rights, to whom the box's home belongs."""
    parts.others(PROGRAM)
    subprocess.run(["chown", "-R", "65534", box.home], check=True)
    box.environ["MIRRORCFG_STATE"] = str(box.home / "state")
    box.open()
    return "--reuid=65534", "--clear-groups"


def test_a_pull_comes_through_the_mirror_by_the_profile_s_ca(acme: Sandbox) -> None:
    with registry(acme.folder / "registry", HELLO, own_address()) as mirror, live(acme, "{}") as daemon:
        acme.profile("real", profile(mirror.place, mirror.ca))
        acme.profile("untrusted", profile(mirror.place))
        started = daemon.started
        assert daemon.docker("pull", HELLO, check=False).returncode != 0
        daemon.run("use", "untrusted", "--tool", "docker", "--no-verify", "--json")
        assert daemon.docker("pull", HELLO, check=False).returncode != 0
        daemon.run("use", "real", "--tool", "docker", "--json")
        daemon.docker("pull", HELLO)
        assert f"/v2/{HELLO.replace(':', '/manifests/')}" in mirror.asked()
        daemon.docker("rmi", HELLO)
        daemon.run("restore", "0", "--json")
        assert daemon.docker("pull", HELLO, check=False).returncode != 0
        assert (daemon.started, daemon.text) == (started, "{}")
        assert [path.name for path in daemon.file.parent.iterdir() if path.name != "key.json"] == [
            "daemon.json"
        ]


def test_the_name_that_image_prints_is_trusted_without_a_mirror(acme: Sandbox) -> None:
    name = "dockerhub/library/hello:1"
    with registry(acme.folder / "registry", name, own_address()) as harbor, live(acme, "{}") as daemon:
        daemon.run("profile", "new", "inside", "--from", "harbor", "--set", f"host={harbor.place}", "--set",
                   f"ca-file={harbor.ca}")  # fmt: skip
        daemon.run("use", "inside", "--no-verify", "--json")
        assert daemon.text == "{}"
        daemon.docker("pull", daemon.run("image", "hello:1", "--profile", "inside").out.strip())


def test_a_pull_in_progress_is_not_broken(acme: Sandbox) -> None:
    content = random.Random(0).randbytes(8 << 20)
    with (
        registry(acme.folder / "registry", HELLO, own_address(), content) as mirror,
        gate(mirror.place, 4 << 20) as slow,
        live(acme, "{}") as daemon,
    ):
        acme.profile("slow", profile(slow.place, mirror.ca))
        daemon.run("use", "slow", "--tool", "docker", "--no-verify", "--json")
        started = daemon.started
        line = [parts.program("docker"), "-H", daemon.address, "pull", HELLO]
        with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as pull:
            assert slow.reached.wait(60)
            daemon.run("use", "acme", "--tool", "docker", "--no-verify", "--json")
            assert daemon.mirrors() == [URL]
            assert pull.poll() is None
            slow.opened.set()
            said = pull.communicate(timeout=60)[1]
        assert pull.returncode == 0, said
        assert daemon.started == started


def profile(place: str, ca: Path | None = None) -> str:
    tls = f'[tls]\nca-file = "{ca}"\n' if ca else ""
    return f'{tls}[docker]\nregistry-mirrors = ["https://{place}"]\nprobe = "{HELLO}"\n'
