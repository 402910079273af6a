"""The script that onboards without mirrorcfg, run by root on images and machines that strangers have prepared."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests import parts
from tests.attacks.stage import EVE, LI, Stage
from tests.sandbox import Done, Sandbox

SHELLS = ("dash", "bash", "busybox sh")
HOST = b"the host's own\n"
BOTH = '[pip]\nindex-url = "https://m.example/simple"\n[docker]\nregistry-mirrors = ["https://m.example"]\n'


class Onboarding:
    """The script, an image, and a folder of the host's beside it."""

    def __init__(self, box: Sandbox, shell: str) -> None:
        parts.root()
        parts.program(shell.split()[0])
        self.box, self.shell = box, shell.split()
        box.profile("acme", BOTH)
        argv = (
            "script",
            "acme",
            "--format=sh",
            "--style=standalone",
            "--scope=system",
            "--tool=pip",
            "--tool=docker",
        )
        self.script = box.folder / "onboard.sh"
        self.script.write_text(box.run(*argv, code=0).out)
        self.host = box.folder / "host"
        box.write(self.host / "keep", HOST)
        self.state = box.root / "var/lib/mirrorcfg-script"

    def run(self, *argv: str, **environ: str) -> Done:
        line = [*self.shell, str(self.script), "--root", str(self.box.root), *argv]
        done = subprocess.run(
            line, env=self.box.environ | environ, capture_output=True, text=True, timeout=60, cwd="/"
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def untouched(self) -> bool:
        return {path.name: path.read_bytes() for path in self.host.iterdir()} == {"keep": HOST}

    def record(self, path: str, name: str, content: bytes, where: Path | None = None) -> None:
        self.box.write((where or self.state) / path.lstrip("/") / name, content)


@pytest.fixture(params=SHELLS)
def image(box: Sandbox, request: pytest.FixtureRequest) -> Onboarding:
    return Onboarding(box, request.param)


@pytest.mark.parametrize("link", ["etc", "etc/pip.conf", "etc/docker", "etc/docker/daemon.json"])
def test_a_folder_of_an_image_that_leads_to_the_host(image: Onboarding, link: str) -> None:
    place = image.box.root / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(image.host / "keep" if "." in link else image.host)
    for argv in ((), ("--replace",), ("--undo",)):
        image.run(*argv)
    assert image.untouched()


@pytest.mark.parametrize("name", ["etc/.pip.conf.mirrorcfg", "etc/docker/.daemon.json.mirrorcfg"])
@pytest.mark.parametrize("there", [True, False])
def test_a_link_where_a_file_is_staged(image: Onboarding, name: str, there: bool) -> None:
    place = image.box.root / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(image.host / "keep")
    if there:
        image.box.write(image.box.root / "etc/pip.conf", "[global]\n")
    image.run("--replace")
    assert image.untouched()
    image.run("--undo")
    assert image.untouched()


@pytest.mark.parametrize(
    "link", ["", "etc", "etc/pip.conf", "etc/pip.conf/before", "etc/pip.conf/next.new", ".done"]
)
def test_a_state_that_leads_to_the_host(image: Onboarding, link: str) -> None:
    place = image.state / link
    place.parent.mkdir(parents=True)
    target = image.host / "keep" if link.endswith(("before", "next.new")) else image.host
    place.symlink_to(target)
    for argv in ((), ("--undo",), ("--replace",), ("--undo",)):
        image.run(*argv)
    assert image.untouched()


def test_planted_records_write_no_file_of_the_hosts(image: Onboarding) -> None:
    """A cron file, as it was shown: the image's etc/cron.d leads to the host's, and a record says what to put back."""
    (image.box.root / "etc").mkdir()
    (image.box.root / "etc/cron.d").symlink_to(image.host)
    image.record("etc/cron.d/evil", "wrote", b"x")
    image.record("etc/cron.d/evil", "before", b"* * * * * root evil\n")
    done = image.run("--undo")
    assert image.untouched()
    assert (done.code, "nothing was changed" in done.err) == (4, True)


@pytest.mark.parametrize("made", ["{host}/empty", "/../host/empty", "/up/host/empty", "/etc/x\n{host}/empty"])
def test_planted_folders_are_none_of_the_hosts(image: Onboarding, made: str) -> None:
    empty = image.box.folder / "host2/empty"
    empty.mkdir(parents=True)
    (image.box.root / "up").symlink_to("..")
    text = made.format(host=image.box.folder / "host2").replace("/host/", "/host2/")
    image.record("etc/pip.conf", "wrote", b"x")
    image.record("etc/pip.conf", "folders", text.encode() + b"\n")
    image.run("--undo")
    assert empty.is_dir()


def test_a_state_that_others_can_write(image: Onboarding) -> None:
    image.record("etc/pip.conf", "wrote", b"x")
    for loose in (0o777, 0o775):
        os.chown(image.state, 0, EVE)
        image.state.chmod(loose)
        assert image.run("--undo").code == 4
    image.state.chmod(0o700)
    os.chown(image.state / "etc", EVE, EVE)
    assert image.run("--undo").code == 4


def test_an_image_without_tricks_is_onboarded_and_back(image: Onboarding) -> None:
    conf = image.box.write(image.box.root / "etc/pip.conf", "[global]\ntimeout = 5\n")
    (image.box.root / "bin").symlink_to("usr/bin")  # as every distribution has it
    assert image.run("--replace").code == 0
    assert "m.example" in (image.box.root / "etc/pip.conf").read_text()
    assert image.run("--undo").code == 0
    assert (image.box.root / "etc/pip.conf").read_bytes() == conf
    assert not image.state.exists()


@pytest.mark.parametrize("name", ["id", "cmp", "ls", "mv", "systemctl", "docker", "cat"])
def test_a_folder_of_a_strangers_first_on_roots_path(image: Onboarding, name: str) -> None:
    ran = image.box.folder / "ran"
    image.box.write(image.box.folder / "bin" / name, f"#!/bin/sh\necho ran >>{ran}\nexit 1\n")
    (image.box.folder / "bin" / name).chmod(0o755)
    os.chown(image.box.folder / "bin", EVE, EVE)
    done = image.run(PATH=f"{image.box.folder / 'bin'}:{image.box.environ['PATH']}")
    assert done.code == 0, done.err
    assert not ran.exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_roots_script_in_a_home_that_is_somebody_elses(stage: Stage, box: Sandbox, shell: str) -> None:
    box.profile("acme", BOTH)
    argv = ("script", "acme", "--format=sh", "--style=standalone", "--scope=user", "--tool=pip")
    stage.write("/srv/onboard.sh", box.run(*argv, code=0).out)
    stage.sh("mkdir -m 755 /home/eve; chown 41001:41001 /home/eve")
    stage.sh("mkdir ~/.config; ln -s /etc/cron.d ~/.config/pip", EVE, HOME="/home/eve")
    done = stage.sh(f"{shell} /srv/onboard.sh", HOME="/home/eve")
    assert (done.returncode, stage.files("/etc/cron.d")) == (4, {}), done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_a_user_with_dotfiles_elsewhere_is_onboarded(stage: Stage, box: Sandbox, shell: str) -> None:
    box.profile("acme", BOTH)
    argv = ("script", "acme", "--format=sh", "--style=standalone", "--scope=user", "--tool=pip")
    stage.write("/srv/onboard.sh", box.run(*argv, code=0).out)
    stage.sh("mkdir -m 755 /home/li; chown 41002:41002 /home/li")
    stage.sh("mkdir -p ~/dotfiles/pip ~/.config; ln -s ../dotfiles/pip ~/.config/pip", LI, HOME="/home/li")
    assert stage.sh(f"{shell} /srv/onboard.sh", LI, HOME="/home/li").returncode == 0
    assert b"m.example" in stage.path("/home/li/dotfiles/pip/pip.conf").read_bytes()
    assert stage.sh(f"{shell} /srv/onboard.sh --undo", LI, HOME="/home/li").returncode == 0
    assert not stage.path("/home/li/dotfiles/pip/pip.conf").exists()


@pytest.mark.parametrize("module", ["venv.py", "ensurepip.py", "pip.py"])
def test_the_bootstrap_runs_nothing_of_the_current_folder(box: Sandbox, module: str) -> None:
    box.profile("acme", BOTH)
    argv = ("script", "acme", "--format=sh", "--style=bootstrap", "--tool=pip")
    script = box.folder / "bootstrap.sh"
    script.write_text(box.run(*argv, code=0).out)
    here = box.folder / "here"
    box.write(here / module, f"open({str(box.folder / 'ran')!r}, 'w')\n")
    environ = box.environ | {"PYTHONPATH": str(here), "TMPDIR": str(box.folder), "PIP_RETRIES": "0"}
    # Its index doesn't exist: it ends there, having run its Pythons.
    subprocess.run(["sh", str(script)], env=environ, cwd=here, capture_output=True, timeout=120)
    assert not (box.folder / "ran").exists()
