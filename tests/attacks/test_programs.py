"""Programs and modules that somebody put where root, or a user, would look for one of that name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mirrorcfg.errors import ProgramError
from mirrorcfg.programs.run import Order, run
from tests import parts
from tests.attacks.stage import EVE, LI, Stage
from tests.sandbox import Sandbox

MARK = "/var/tmp/ran"
TELL = f"#!/bin/sh\n(id -u; id -G) >>{MARK}; echo evil\n"


def ran(stage: Stage) -> str:
    place = stage.path(MARK)
    return place.read_text() if place.exists() else ""


@pytest.mark.parametrize("module", ["pip/__init__.py", "re.py", "json/__init__.py", "sitecustomize.py"])
@pytest.mark.parametrize("how", ["folder", "PYTHONPATH"])
def test_modules_in_the_current_directory(box: Sandbox, module: str, how: str) -> None:
    """pip is asked for its own index; whatever lies in the folder it is asked from is none of it."""
    box.write(box.folder / "here" / module, f"open({str(box.folder / 'ran')!r}, 'w')\n")
    line = [str(Path(sys.executable).with_name("python")), "-P", "-m", "mirrorcfg", "verify", "official"]
    environ = box.environ | ({"PYTHONPATH": str(box.folder / "here")} if how == "PYTHONPATH" else {})
    if how == "PYTHONPATH":  # it is for mirrorcfg's own Python then, and for nobody that it asks
        line[1:2] = ["-I"]
    line += ["--tool", "pip", "--timeout", "0.5", "--json"]
    subprocess.run(line, env=environ, cwd=box.folder / "here", capture_output=True, timeout=60)
    assert not (box.folder / "ran").exists()


@pytest.mark.parametrize(
    "name", ["dockerd", "docker", "podman", "pip", "pip3", "python3", "conda", "crontab", "systemctl"]
)
@pytest.mark.parametrize(
    "command",
    [
        ("use", "official", "--yes"),
        ("use", "china", "--no-verify", "--yes"),
        ("watch", "--install", "--dry-run"),
    ],
)
def test_a_folder_of_a_strangers_first_on_roots_path(
    stage: Stage, name: str, command: tuple[str, ...]
) -> None:
    stage.write(f"/home/eve/bin/{name}", TELL, EVE, 0o755)
    stage.write("/etc/docker/daemon.json", '{"registry-mirrors": ["https://old.example"]}')
    stage.write("/etc/pip.conf", "[global]\nindex-url = https://old.example/simple\n")
    stage.run(*command, PATH=f"/home/eve/bin:{stage.environ['PATH']}", timeout=120)
    assert "0\n" not in ran(stage).splitlines(keepends=True)[:1], ran(stage)
    assert " 0" not in f" {ran(stage)}".replace("\n", " ").split("evil")[0]


@pytest.mark.parametrize("where", [".", "", "bin"])
def test_a_relative_folder_on_roots_path(stage: Stage, where: str) -> None:
    stage.write("/home/eve/docker", TELL, EVE, 0o755)
    stage.write("/home/eve/bin/docker", TELL, EVE, 0o755)
    stage.run("pull", "busybox", cwd="/home/eve", PATH=f"{where}:/usr/sbin:/sbin")
    assert ran(stage) == ""


@pytest.mark.parametrize("sudo", [True, False])
def test_a_credential_helper_has_none_of_roots_groups(stage: Stage, sudo: bool) -> None:
    config = {"credHelpers": {"127.0.0.1:9": "evil"}}
    stage.write("/home/eve/.docker/config.json", json.dumps(config), EVE)
    stage.write("/home/eve/bin/docker-credential-evil", TELL, EVE, 0o755)
    text = 'schema = 1\nname = "acme"\n[docker]\nregistry-mirrors = ["https://127.0.0.1:9"]\n'
    stage.write("/srv/acme.toml", text)
    environ = {"HOME": "/home/eve", "PATH": f"/home/eve/bin:{stage.environ['PATH']}"}
    environ |= {"SUDO_UID": str(EVE), "SUDO_GID": str(EVE)} if sudo else {}
    stage.run("verify", "/srv/acme.toml", "--tool", "docker", "--timeout", "1", **environ)
    assert "0" not in ran(stage).split()
    if sudo:
        assert ran(stage).split()[:1] == [str(EVE)]


def test_a_program_that_says_too_much_or_takes_too_long(tmp_path: Path) -> None:
    for script, code in (
        ("yes", "program-too-loud"),
        ("sleep 60", "program-too-slow"),
        ("sleep 60 & echo; exec sleep 60", "program-too-slow"),
    ):
        place = tmp_path / "program"
        place.write_text(f"#!/bin/sh\n{script}\n")
        place.chmod(0o755)
        with pytest.raises(ProgramError) as caught:
            run(Order((str(place),), seconds=1.0, limit=1000))
        assert caught.value.code == code


def test_what_a_program_leaves_in_the_background_ends_with_it(tmp_path: Path) -> None:
    place = tmp_path / "program"
    place.write_text(f"#!/bin/sh\n(sleep 300; echo) & echo $! >{tmp_path}/pid; echo said\n")
    place.chmod(0o755)
    assert run(Order((str(place),), seconds=20)).text == "said\n"
    number = (tmp_path / "pid").read_text().strip()
    state = Path(f"/proc/{number}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] in "ZX"


def test_nothing_of_the_callers_environment_reaches_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "LD_PRELOAD_NOT",
        "PYTHONSTARTUP",
        "BASH_ENV",
        "ENV",
        "IFS",
        "GIT_SSH",
        "AWS_SECRET_ACCESS_KEY",
    ):
        monkeypatch.setenv(name, "evil")
    place = tmp_path / "program"
    place.write_text("#!/bin/sh\nenv; pwd\n")
    place.chmod(0o755)
    said = run(Order((str(place),))).text
    assert "evil" not in said
    assert said.endswith("/\n")


def test_root_runs_a_users_program_as_that_user(stage: Stage) -> None:
    """A neighbour: the pip of a user's virtual environment is asked, with that user's rights."""
    parts.root()
    stage.write("/home/li/bin/tool", "#!/bin/sh\nid -u\n", LI, 0o755)
    script = "from mirrorcfg.programs.run import *; done = run(Order(('/home/li/bin/tool',))); print(done.text, done.uid)"
    line = ["nsenter", "-t", str(stage._holder), "-m", sys.executable, "-P", "-c", script]
    done = subprocess.run(line, capture_output=True, text=True, timeout=30)
    assert done.stdout.split() == [str(LI), str(LI)], done.stderr


def test_root_runs_nothing_that_several_could_change(stage: Stage) -> None:
    stage.write("/home/eve/bin/tool", TELL, EVE, 0o777)
    script = "from mirrorcfg.programs.run import *\ntry: run(Order(('/home/eve/bin/tool',)))\nexcept Exception as e: print(e.code)"
    line = ["nsenter", "-t", str(stage._holder), "-m", sys.executable, "-P", "-c", script]
    done = subprocess.run(line, capture_output=True, text=True, timeout=30)
    assert (done.stdout.strip(), ran(stage)) == ("program-not-trusted", ""), done.stderr
