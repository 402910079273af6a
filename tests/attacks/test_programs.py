"""A program that others can change is never run with root's rights, and none is run without an end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorcfg.errors import ProgramError
from mirrorcfg.host import Host, clients, credentials, official
from mirrorcfg.model.plan import User
from mirrorcfg.programs import find
from mirrorcfg.programs.run import Order, run
from tests import own, parts
from tests.sandbox import Sandbox

STRANGER = 65534
TELL = "#!{}\n{{ /usr/bin/id -u; /usr/bin/id -G; }} >>{}\n"
PIPS = "import os\nopen({!r}, 'a').write('run as %d' % os.getuid())\n"


@pytest.fixture
def lair(box: Sandbox) -> Path:
    """A folder of another user's."""
    parts.root()
    box.open()
    lair = box.folder / "lair"
    lair.mkdir()
    os.chown(lair, STRANGER, STRANGER)
    return lair


def plant(folder: Path, name: str, uid: int = STRANGER, shell: str = "/bin/sh", then: str = "") -> Path:
    """A script that writes down with whose rights it ran; its diary."""
    diary = folder / f"{name}.ran"
    diary.touch()
    script = folder / name
    script.write_text(TELL.format(shell, diary) + then)
    script.chmod(0o755)
    for path in (diary, script):
        os.chown(path, uid, uid)
    return diary


def told(diary: Path) -> list[str]:
    return diary.read_text().split()


def test_a_module_in_the_directory_that_root_stands_in_is_not_run(box: Sandbox) -> None:
    package = box.folder / "pip"
    package.mkdir()
    diary = box.folder / "ran"
    (package / "__init__.py").write_text(PIPS.format(str(diary)))
    box.run("env", "official", "--tool", "pip")
    assert not diary.exists()


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTHONUSERBASE"])
def test_no_variable_leads_root_s_question_to_another_s_module(
    box: Sandbox, lair: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    place = lair if name == "PYTHONPATH" else lair / f"lib/python3.{sys.version_info[1]}/site-packages"
    place.mkdir(parents=True, exist_ok=True)
    diary = lair / "ran"
    for module in ("sitecustomize", "usercustomize"):
        (place / f"{module}.py").write_text(PIPS.format(str(diary)))
    monkeypatch.setenv(name, str(lair))
    monkeypatch.setenv("HOME", str(box.home))
    official.asked(Host.here(), "pip")
    assert not diary.exists()


@pytest.mark.parametrize("tool", ["pip", "conda", "uv"])
def test_another_s_program_on_root_s_path_has_no_rights_of_root_s(
    box: Sandbox, lair: Path, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    answer = "echo https://evil.invalid/simple; echo 'by default: <https://evil.invalid>'\n"
    answer += """echo '"default_value": "https://evil.invalid"'\n"""
    diaries = [plant(lair, name, then=answer) for name in (tool, "python3")]
    monkeypatch.setenv("PATH", str(lair))
    found = official.asked(Host.here(), tool)
    assert "0" not in [word for diary in diaries for word in told(diary)]
    assert found == {}  # nor does root believe what it says


def test_a_daemon_s_program_on_root_s_path_is_not_asked(box: Sandbox, lair: Path) -> None:
    parts.mounts()
    diary = plant(lair, "dockerd", then="echo Docker version 99.0.0\n")
    box.profile("acme", '[docker]\nregistry-mirrors = ["https://mirror.invalid"]\n')
    script = f'{own.FRESH}exec "$@"'
    use = [str(Path(sys.executable).with_name("mirrorcfg")), "use", "acme", "--tool", "docker", "--no-verify"]
    environ = {**box.environ, "PATH": f"{lair}:{box.environ['PATH']}"}
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", *use], env=environ, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert told(diary) == []


def test_another_s_crontab_is_not_given_root_s_rights(box: Sandbox, lair: Path) -> None:
    diary = plant(lair, "crontab")
    box.run("watch", "--install", "--yes", "--scope", "system", "--dry-run", environ={"PATH": str(lair)})
    assert told(diary) == []


def loose_folder(folder: Path) -> Path:
    diary = plant(folder, "tool", uid=0)
    folder.chmod(0o777)
    return diary


def loose_file(folder: Path) -> Path:
    diary = plant(folder, "tool", uid=0)
    (folder / "tool").chmod(0o777)
    return diary


def loose_group(folder: Path) -> Path:
    diary = plant(folder, "tool", uid=0)
    os.chown(folder, 0, STRANGER)
    folder.chmod(0o775)
    return diary


@pytest.mark.parametrize("make", [loose_folder, loose_file, loose_group])
def test_what_more_than_one_could_change_is_not_run_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path]
) -> None:
    parts.root()
    folder = tmp_path / "bin"
    folder.mkdir()
    diary = make(folder)
    (folder / "tool").rename(folder / "conda")
    monkeypatch.setenv("PATH", str(folder))
    assert official.asked(Host.here(), "conda") == {}
    assert told(diary) == []
    with pytest.raises(ProgramError) as caught:
        run(Order((str(folder / "conda"),)))
    assert caught.value.code == "program-not-trusted"


def test_a_script_of_roots_is_what_its_interpreter_is(lair: Path, tmp_path: Path) -> None:
    plant(lair, "shell", then=f"exec /bin/sh {tmp_path}/bin/conda.real\n")
    folder = tmp_path / "bin"
    folder.mkdir()
    plant(folder, "conda", uid=0, shell=str(lair / "shell"))
    assert find.keeper(folder / "conda") == STRANGER
    run(Order((str(folder / "conda"),)))
    assert "0" not in told(lair / "shell.ran")


def test_a_link_of_another_s_on_the_way_makes_it_another_s(lair: Path) -> None:
    link = lair / "true"
    link.symlink_to("/bin/true")
    os.chown(link, STRANGER, STRANGER, follow_symlinks=False)
    assert find.keeper(link) == STRANGER
    assert run(Order((str(link),))).uid == STRANGER


@pytest.mark.parametrize("path", [".", "", "lair", "./lair:"])
def test_a_folder_of_path_that_is_not_absolute_counts_for_nothing(
    box: Sandbox, lair: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for folder in (lair, box.folder):
        plant(folder, "conda")
    monkeypatch.chdir(box.folder)
    monkeypatch.setenv("PATH", f"{path}:/nowhere")
    assert Host.here().machine.which("conda") is None
    assert Host.here().machine.which("./conda") is None


@pytest.fixture
def helper(box: Sandbox, lair: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a credential helper in docker's config, of the user who called sudo, on that user's PATH."""
    config = box.home / ".docker"
    config.mkdir(exist_ok=True)
    (config / "config.json").write_text(json.dumps({"credHelpers": {"registry.example": "planted"}}))
    for path in (box.home, config, config / "config.json"):
        os.chown(path, STRANGER, STRANGER)
    for name, value in {
        "HOME": str(box.home),
        "SUDO_UID": str(STRANGER),
        "SUDO_GID": str(STRANGER),
        "PATH": f"{lair}:/usr/bin:/bin",
        "LD_DEBUG_OUTPUT": "/nowhere/x",
        "PYTHONPATH": "/nowhere",
        "BASH_ENV": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    return lair


def asked() -> tuple[str, str | None]:
    return credentials.split(Host.here(), clients.client(Host.here(), "podman"), "https://registry.example")


def test_a_credential_helper_has_no_group_of_root_s(helper: Path) -> None:
    diary = plant(helper, "docker-credential-planted", then="""echo '{"Username": "a", "Secret": "b"}'\n""")
    before = os.getgroups()
    os.setgroups([0, 4])  # as root has them by login
    try:
        found = asked()[1]
    finally:
        os.setgroups(before)
    assert found is not None  # a neighbour: the user's own helper on the user's own PATH works
    assert told(diary) == [str(STRANGER)] * 2


def test_a_helper_gets_the_variables_made_for_it_and_no_others(helper: Path) -> None:
    plant(helper, "docker-credential-planted", then=f"env >{helper}/env; pwd >>{helper}/env\n")
    asked()
    found = (helper / "env").read_text().splitlines()
    assert not [line for line in found if line.startswith(("LD_", "PYTHON", "BASH_ENV", "SUDO"))]
    assert found[-1] == "/"


def test_what_a_helper_leaves_behind_is_neither_waited_for_nor_left(helper: Path) -> None:
    plant(helper, "docker-credential-planted", then=f"sleep 600 & echo $! >{helper}/left; exit 1\n")
    began = time.monotonic()
    asked()
    assert time.monotonic() - began < 5
    status = Path("/proc", (helper / "left").read_text().strip(), "stat")
    while status.exists() and status.read_text().split()[2] != "Z":
        assert time.monotonic() - began < 10


def test_one_in_a_session_of_its_own_that_holds_the_pipe_is_not_waited_for(helper: Path) -> None:
    plant(helper, "docker-credential-planted", then=f"setsid sleep 8 & echo $! >{helper}/left; exit 1\n")
    began = time.monotonic()
    asked()
    assert time.monotonic() - began < 5


def test_a_helper_that_says_too_much_is_not_heard_out(helper: Path) -> None:
    long = """printf '{"Username": "a", "Secret": "'; head -c 8000000 /dev/zero | tr '\\0' x; echo '"}'\n"""
    plant(helper, "docker-credential-planted", then=long)
    assert asked()[1] is None


def test_docker_is_not_given_the_home_of_who_called_sudo(box: Sandbox, lair: Path) -> None:
    """docker would run the helpers and plugins that config.json there names, as root."""
    os.chown(box.home, STRANGER, STRANGER)
    bin_ = box.folder / "bin"
    bin_.mkdir()
    (bin_ / "docker").write_text(f"#!/bin/sh\nenv >{box.folder}/env\necho '[]'\n")
    (bin_ / "docker").chmod(0o755)
    box.profile("acme", '[docker]\nregistry-mirrors = ["https://mirror.invalid"]\n')
    box.environ |= {"PATH": f"{bin_}:/usr/bin:/bin", "SUDO_UID": str(STRANGER), "SUDO_GID": str(STRANGER)}
    box.environ |= {"DOCKER_CONFIG": str(lair), "XDG_RUNTIME_DIR": str(lair)}
    box.run("pull", "hello", "--profile", "acme", "--engine", "docker")
    found = (box.folder / "env").read_text()
    assert str(box.home) not in found
    assert str(lair) not in found


def test_a_pip_of_the_user_s_own_environment_is_asked_with_that_user_s_rights(
    box: Sandbox, lair: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A neighbour: sudo, out of a virtual environment of one's own."""
    diaries = [plant(lair, name, then="echo https://tool.invalid/simple\n") for name in ("pip", "python3")]
    for name, value in {"PATH": str(lair), "SUDO_UID": str(STRANGER), "SUDO_GID": str(STRANGER)}.items():
        monkeypatch.setenv(name, value)
    assert official.asked(Host.here(), "pip") == {"index-url": "https://tool.invalid/simple"}
    assert told(diaries[1]) == [str(STRANGER), str(STRANGER)]


def test_rights_that_are_given_up_for_a_moment_are_given_up_for_good() -> None:
    """Acting as somebody by the effective uid alone, a program that is started could take root's back."""
    parts.root()
    os.setegid(STRANGER)
    os.seteuid(STRANGER)
    try:
        done = run(Order(("grep", "^[UG]id:", "/proc/self/status")))
    finally:
        os.seteuid(0)
        os.setegid(0)
    assert "0" not in done.text.split()


def test_the_invoking_user_s_order_runs_nothing_of_a_third_s(lair: Path) -> None:
    diary = plant(lair, "tool")
    with pytest.raises(ProgramError) as caught:
        run(Order((str(lair / "tool"),), User(STRANGER - 1, STRANGER - 1, (STRANGER - 1,))))
    assert caught.value.code == "program-not-trusted"
    assert told(diary) == []
