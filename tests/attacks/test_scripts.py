"""The script that onboards without mirrorcfg, run by root on images and machines that strangers have prepared."""

from __future__ import annotations

import os
import resource
import shlex
import stat
import subprocess
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path

import pytest
import trustme
from _pytest.mark import ParameterSet

from tests import parts
from tests.attacks.stage import EVE, LI, Stage
from tests.sandbox import Done, Sandbox

SHELLS = ("dash", "bash", "busybox sh")
HOST = b"the host's own\n"
BOTH = '[pip]\nindex-url = "https://m.example/simple"\n[docker]\nregistry-mirrors = ["https://m.example"]\n'
FIRST, *REST = SHELLS
# A bootstrap makes a virtual environment, which takes a quarter of a minute: in all shells in the long run.
ONE = [FIRST, *(pytest.param(shell, marks=pytest.mark.long) for shell in REST)]
Printed = Callable[..., str]


def variants(*cases: tuple[object, ...]) -> list[ParameterSet]:
    """Each case in one shell and the first of them in every one; all in all of them in the long run."""
    return [
        pytest.param(shell, *case, marks=[pytest.mark.long] if shell != FIRST and case != cases[0] else [])
        for shell, case in product(SHELLS, cases)
    ]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """What mirrorcfg prints with these options, asked once for all of the tests."""
    box = Sandbox(tmp_path_factory.mktemp("printed"))

    @cache
    def text(*options: str, profile: str = BOTH) -> str:
        box.profile("acme", profile)
        return box.run("script", "acme", "--format=sh", *options, code=0).out

    return text


class Onboarding:
    """The script, an image, and a folder of the host's beside it."""

    def __init__(self, box: Sandbox, shell: str, text: str) -> None:
        parts.root()
        parts.program(shell.split()[0])
        self.box, self.shell = box, shell.split()
        self.script = box.folder / "onboard.sh"
        self.script.write_text(text)
        self.host = box.folder / "host"
        box.write(self.host / "keep", HOST)
        self.state = box.root / "var/lib/mirrorcfg-script"

    def run(self, *argv: str, seconds: float = 60, **environ: str) -> Done:
        line = [*self.shell, str(self.script), "--root", str(self.box.root), *argv]
        done = subprocess.run(
            line,
            env=self.box.environ | {"PATH": parts.PATH} | environ,
            capture_output=True,
            text=True,
            timeout=seconds,
            cwd="/",
            preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)
            ),  # what has no end
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def untouched(self) -> bool:
        return {path.name: path.read_bytes() for path in self.host.iterdir()} == {"keep": HOST}

    def record(self, path: str, name: str, content: bytes, where: Path | None = None) -> None:
        self.box.write((where or self.state) / path.lstrip("/") / name, content)


@pytest.fixture(params=SHELLS)
def image(box: Sandbox, printed: Printed, request: pytest.FixtureRequest) -> Onboarding:
    text = printed("--style=standalone", "--scope=system", "--tool=pip", "--tool=docker")
    return Onboarding(box, request.param, text)


def in_shells(names: str, *cases: tuple[object, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(f"image, {names}", variants(*cases), indirect=["image"])


@in_shells("link", *product(["etc", "etc/pip.conf", "etc/docker", "etc/docker/daemon.json"]))
def test_a_folder_of_an_image_that_leads_to_the_host(image: Onboarding, link: str) -> None:
    place = image.box.root / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(image.host / "keep" if "." in link else image.host)
    for argv in ((), ("--replace",), ("--undo",)):
        image.run(*argv)
        assert image.untouched(), argv


@in_shells(
    "name, there", *product(("etc/.pip.conf.mirrorcfg", "etc/docker/.daemon.json.mirrorcfg"), (True, False))
)
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


@in_shells(
    "link", *product(["", "etc", "etc/pip.conf", "etc/pip.conf/before", "etc/pip.conf/next.new", ".done"])
)
def test_a_state_that_leads_to_the_host(image: Onboarding, link: str) -> None:
    place = image.state / link
    place.parent.mkdir(parents=True)
    target = image.host / "keep" if link.endswith(("before", "next.new")) else image.host
    place.symlink_to(target)
    for argv in ((), ("--undo",), ("--replace",), ("--undo",)):
        image.run(*argv)
        assert image.untouched(), argv


def test_planted_records_write_no_file_of_the_hosts(image: Onboarding) -> None:
    """A cron file, as it was shown: the image's etc/cron.d leads to the host's, and a record says what to put back."""
    (image.box.root / "etc").mkdir()
    (image.box.root / "etc/cron.d").symlink_to(image.host)
    image.record("etc/cron.d/evil", "wrote", b"x")
    image.record("etc/cron.d/evil", "before", b"* * * * * root evil\n")
    done = image.run("--undo")
    assert image.untouched()
    assert (done.code, "nothing was changed" in done.err) == (4, True)


@in_shells("made", *product(["{host}/empty", "/../host/empty", "/up/host/empty", "/etc/x\n{host}/empty"]))
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


@in_shells("name", *product(["id", "cmp", "ls", "mv", "systemctl", "docker", "cat"]))
def test_a_folder_of_a_strangers_first_on_roots_path(image: Onboarding, name: str) -> None:
    ran = image.box.folder / "ran"
    image.box.write(image.box.folder / "bin" / name, f"#!/bin/sh\necho ran >>{ran}\nexit 1\n")
    (image.box.folder / "bin" / name).chmod(0o755)
    os.chown(image.box.folder / "bin", EVE, EVE)
    done = image.run(PATH=f"{image.box.folder / 'bin'}:{parts.PATH}")
    assert done.code == 0, done.err
    assert not ran.exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_roots_script_in_a_home_that_is_somebody_elses(stage: Stage, printed: Printed, shell: str) -> None:
    stage.write("/srv/onboard.sh", printed("--style=standalone", "--scope=user", "--tool=pip"))
    stage.sh("mkdir -m 755 /home/eve; chown 41001:41001 /home/eve")
    stage.sh("mkdir ~/.config; ln -s /etc/cron.d ~/.config/pip", EVE, HOME="/home/eve")
    done = stage.sh(f"{shell} /srv/onboard.sh", HOME="/home/eve")
    assert (done.returncode, stage.files("/etc/cron.d")) == (4, {}), done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_a_user_with_dotfiles_elsewhere_is_onboarded(stage: Stage, printed: Printed, shell: str) -> None:
    stage.write("/srv/onboard.sh", printed("--style=standalone", "--scope=user", "--tool=pip"))
    stage.sh("mkdir -m 755 /home/li; chown 41002:41002 /home/li")
    stage.sh("mkdir -p ~/dotfiles/pip ~/.config; ln -s ../dotfiles/pip ~/.config/pip", LI, HOME="/home/li")
    assert stage.sh(f"{shell} /srv/onboard.sh", LI, HOME="/home/li").returncode == 0
    assert b"m.example" in stage.path("/home/li/dotfiles/pip/pip.conf").read_bytes()
    assert stage.sh(f"{shell} /srv/onboard.sh --undo", LI, HOME="/home/li").returncode == 0
    assert not stage.path("/home/li/dotfiles/pip/pip.conf").exists()


def test_the_bootstrap_runs_nothing_of_the_current_folder(box: Sandbox, printed: Printed) -> None:
    script = box.folder / "bootstrap.sh"
    script.write_text(printed("--style=bootstrap", "--tool=pip"))
    here = box.folder / "here"
    for module in ("venv.py", "ensurepip.py", "pip.py"):
        box.write(here / module, f"open({str(box.folder / 'ran')!r}, 'w')\n")
    environ = box.environ | {"PYTHONPATH": str(here), "TMPDIR": str(box.folder), "PIP_RETRIES": "0"}
    # Its index doesn't exist: it ends there, having run its Pythons.
    subprocess.run(["sh", str(script)], env=environ, cwd=here, capture_output=True, timeout=120)
    assert not (box.folder / "ran").exists()


def test_a_record_of_two_lines_names_no_neighbour_of_the_image(image: Onboarding) -> None:
    """`IMG-prod` begins with the image's own name, and a line of a record's path with `-prod`."""
    neighbour = image.box.folder / f"{image.box.root.name}-prod"
    image.box.write(neighbour / "etc/keep", HOST)
    image.record("x\n" + str(image.state) + "-prod/etc/evil", "wrote", b"x")
    image.box.write(Path(f"{image.state}-prod/etc/evil/wrote"), "x")
    image.box.write(Path(f"{image.state}-prod/etc/evil/before"), "evil\n")
    done = image.run("--undo")
    assert [path.name for path in (neighbour / "etc").iterdir()] == ["keep"]
    assert done.code == 4


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_record_that_is_no_file(image: Onboarding, kind: str) -> None:
    image.record("etc/pip.conf", "wrote", b"x")
    place = image.state / "etc/pip.conf/before"
    try:
        os.mkfifo(place) if kind == "pipe" else os.mknod(place, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("no device can be made here")
    image.box.write(image.box.root / "etc/pip.conf", "x")
    for argv in (("--undo",), ()):
        assert image.run(*argv, seconds=10).code == 4
    assert (image.box.root / "etc/pip.conf").read_bytes() == b"x"


@pytest.mark.parametrize("name", ["wrote", "before", "folders"])
def test_a_record_that_is_a_strangers(image: Onboarding, name: str) -> None:
    image.record("etc/pip.conf", "wrote", b"x")
    image.record("etc/pip.conf", name, b"x")
    os.chown(image.state / "etc/pip.conf" / name, EVE, EVE)
    assert image.run("--undo").code == 4


@pytest.mark.parametrize("link", ["var", "var/lib"])
def test_records_are_kept_in_no_folder_of_the_hosts(image: Onboarding, link: str) -> None:
    place = image.box.root / link
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(image.host)
    (image.host / "lib").mkdir()
    done = image.run()
    assert sorted(str(path.relative_to(image.host)) for path in image.host.rglob("*")) == ["keep", "lib"]
    assert done.code == 4


def test_an_image_that_somebody_else_could_exchange(image: Onboarding) -> None:
    os.chown(image.box.root, EVE, EVE)
    assert image.run().code == 4
    os.chown(image.box.root, 0, 0)
    os.chown(image.box.folder, EVE, EVE)
    assert image.run().code == 4
    assert list(image.box.root.iterdir()) == []


def test_a_folder_in_which_all_may_put_what_is_staged(image: Onboarding) -> None:
    (image.box.root / "etc").mkdir()
    (image.box.root / "etc").chmod(0o1777)
    assert image.run().code == 4
    assert list((image.box.root / "etc").iterdir()) == []


def test_what_is_swept_is_none_of_the_hosts(image: Onboarding, printed: Printed) -> None:
    """A tool that isn't in the image, and its folder, which leads to the host."""
    image.script.write_text(printed("--style=standalone", "--scope=system"))
    image.box.write(image.box.root / "usr/bin/pip", "")
    (image.box.root / "etc").mkdir()
    (image.box.root / "etc/docker").symlink_to(image.host)
    image.box.write(image.host / ".daemon.json.mirrorcfg", HOST)
    assert image.run().code == 0
    assert (image.host / ".daemon.json.mirrorcfg").read_bytes() == HOST


@in_shells("name, kind", *product(["cmp", "mv"], ["link", "owner", "mode"]))
def test_a_program_of_a_strangers_in_a_folder_of_roots(image: Onboarding, name: str, kind: str) -> None:
    """As an administrator links the Python of somebody's home into /usr/local/bin."""
    ran, eves = image.box.folder / "ran", image.box.folder / "eve"
    program = eves / name if kind == "link" else image.box.folder / "bin" / name
    image.box.write(program, f"#!/bin/sh\necho ran >>{ran}\nexit 1\n")
    program.chmod(0o757 if kind == "mode" else 0o755)
    if kind != "mode":
        os.chown(program, EVE, EVE)
    if kind == "link":
        os.chown(eves, EVE, EVE)
        (image.box.folder / "bin").mkdir()
        (image.box.folder / "bin" / name).symlink_to(program)
    done = image.run(PATH=f"{image.box.folder / 'bin'}:{parts.PATH}")
    assert done.code == 0, done.err
    assert not ran.exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_roots_own_link_into_a_folder_of_a_strangers(stage: Stage, printed: Printed, shell: str) -> None:
    stage.write("/srv/onboard.sh", printed("--style=standalone", "--scope=system", "--tool=docker"))
    stage.sh("mkdir -m 755 /home/eve; chown 41001:41001 /home/eve")
    stage.sh("ln -s /etc/cron.d /home/eve/docker", EVE)
    stage.sh("rmdir /etc/docker; ln -s /home/eve/docker /etc/docker")
    done = stage.sh(f"{shell} /srv/onboard.sh")
    assert (done.returncode, stage.files("/etc/cron.d")) == (4, {}), done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_roots_own_link_into_a_folder_of_roots(stage: Stage, printed: Printed, shell: str) -> None:
    stage.write("/srv/onboard.sh", printed("--style=standalone", "--scope=system", "--tool=docker"))
    stage.sh("rmdir /etc/docker; mkdir -p /srv/settings/docker; ln -s ../srv/settings/docker /etc/docker")
    done = stage.sh(f"{shell} /srv/onboard.sh")
    assert done.returncode == 0, done.stderr
    assert b"m.example" in stage.path("/srv/settings/docker/daemon.json").read_bytes()
    assert stage.sh(f"{shell} /srv/onboard.sh --undo").returncode == 0
    assert stage.files("/srv/settings") == {}


@pytest.mark.parametrize("shell", SHELLS)
def test_docker_is_asked_without_the_plugins_of_a_home(stage: Stage, printed: Printed, shell: str) -> None:
    """`docker info` runs every program in ~/.docker/cli-plugins."""
    parts.program("docker")
    stage.write("/srv/onboard.sh", printed("--style=standalone", "--scope=system", "--tool=docker"))
    plugin = "/home/eve/.docker/cli-plugins/docker-evil"
    stage.write(plugin, "#!/bin/sh\necho ran >>/srv/ran\necho '{}'\n", EVE, 0o755)
    # What a dockerd leaves, whose process bears its name and minds no signal.
    begin = "mount -t tmpfs tmpfs /run; cp $(command -v sleep) /srv/dockerd; trap '' HUP; /srv/dockerd 120 & "
    begin += "echo $! >/run/docker.pid; "
    run = f"HOME=/home/eve {shell} /srv/onboard.sh"
    line = f"{begin} {run}; {run} --undo; code=$?; kill $(cat /run/docker.pid); exit $code"
    done = stage.sh(f"unshare -m sh -ec {shlex.quote(line)}", PATH=os.environ["PATH"])
    assert done.returncode == 0, done.stderr
    assert "removed" in done.stdout
    assert not stage.path("/srv/ran").exists()


def bootstrapped(stage: Stage, shell: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run it as root as far as it goes: there is no index for it, and no network."""
    return stage.sh(f"{shell} /srv/onboard.sh", **{"HTTPS_PROXY": "http://127.0.0.1:9"} | environ)


@pytest.mark.parametrize("shell", ONE)
@pytest.mark.parametrize("name", ["python3", "python3.14", "uv", "rustc"])
def test_the_bootstrap_runs_no_program_of_a_strangers(
    stage: Stage, printed: Printed, shell: str, name: str
) -> None:
    stage.write("/srv/onboard.sh", printed("--tool=pip"))
    stage.write(f"/home/eve/bin/{name}", "#!/bin/sh\necho ran >>/srv/ran\nexit 1\n", EVE, 0o755)
    stage.sh("mkdir /srv/bin; ln -s /home/eve/bin/* /srv/bin/")
    if name == "uv":  # it is asked where no Python will do
        stage.write("/srv/none/python3", "#!/bin/sh\nexit 1\n", mode=0o755)
        stage.sh("for v in 3.11 3.12 3.13 3.14 ''; do ln -sf python3 /srv/none/python$v; done")
    path = f"/srv/none:/srv/bin:{stage.environ['PATH']}"
    bootstrapped(stage, shell, PATH=path)
    assert not stage.path("/srv/ran").exists()


@pytest.mark.parametrize("shell", ONE)
def test_the_bootstrap_works_in_no_folder_of_a_strangers(stage: Stage, printed: Printed, shell: str) -> None:
    stage.write("/srv/onboard.sh", printed("--tool=pip"))
    stage.write("/home/eve/tmp/x", uid=EVE)
    stage.write("/srv/bin/python3", "#!/bin/sh\nls /home/eve/tmp >/srv/seen\nexit 1\n", mode=0o755)
    bootstrapped(stage, shell, PATH=f"/srv/bin:{stage.environ['PATH']}", TMPDIR="/home/eve/tmp")
    assert stage.path("/srv/seen").read_text() == "x\n"


@pytest.mark.parametrize("shell", ONE)
def test_uv_runs_no_python_of_a_home(stage: Stage, printed: Printed, shell: str) -> None:
    uv = parts.program("uv")
    stage.write("/srv/onboard.sh", printed("--tool=pip"))
    place = "/home/eve/.local/share/uv/python/cpython-3.14.0-linux-x86_64-gnu/bin/python3.14"
    stage.write(place, "#!/bin/sh\necho ran >>/srv/ran\nexit 1\n", EVE, 0o755)
    stage.write("/srv/bin/python3", "#!/bin/sh\nexit 1\n", mode=0o755)
    stage.sh("for v in 3.11 3.12 3.13 3.14 ''; do ln -sf python3 /srv/bin/python$v; done")
    stage.sh(f"cp {uv} /srv/bin/uv")
    bootstrapped(stage, shell, PATH=f"/srv/bin:{stage.environ['PATH']}", HOME="/home/eve")
    assert not stage.path("/srv/ran").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_certificates_go_into_no_folder_of_a_strangers(
    stage: Stage, printed: Printed, box: Sandbox, shell: str
) -> None:
    ca = box.folder / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(ca))
    stage.sh("mkdir -m 755 /home/eve; chown 41001:41001 /home/eve")
    stage.sh("ln -s /etc/cron.d /home/eve/ca", EVE)
    profile = f'[tls]\nca-file = "{ca}"\n' + BOTH
    stage.write("/srv/onboard.sh", printed("--tool=pip", profile=profile))
    text = stage.path("/srv/onboard.sh").read_text()
    assert str(ca) in text
    stage.write("/srv/onboard.sh", text.replace(str(ca), "/home/eve/ca/evil"))
    done = bootstrapped(stage, shell)
    assert (done.returncode, stage.files("/etc/cron.d")) == (4, {}), done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_a_user_whose_files_their_group_may_write(stage: Stage, printed: Printed, shell: str) -> None:
    """As most distributions have it: a group for each user, and a umask of 002."""
    stage.write("/srv/onboard.sh", printed("--style=standalone", "--scope=user", "--tool=pip"))
    stage.sh("mkdir -m 775 /home/li; chown 41002:41002 /home/li")
    for argv in ("", "", "--undo"):
        done = stage.sh(f"umask 002; {shell} /srv/onboard.sh {argv}", LI, HOME="/home/li")
        assert done.returncode == 0, done.stderr
    assert not stage.path("/home/li/.config/pip/pip.conf").exists()
