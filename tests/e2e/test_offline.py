"""The profile `offline`: real pip, uv and rattler from this machine's own disk, and as the end of a chain."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import parts
from tests.asking import probe
from tests.conformance import clients, content
from tests.sandbox import Done, Sandbox

DEAD = '[pip]\nindex-url = "https://localhost:1/simple"\n'


@pytest.fixture
def disk(box: Sandbox) -> Sandbox:
    """A machine with a wheelhouse and a channel, and the profile `disk` for them in use."""
    for name in ("wheels", "conda"):
        (box.folder / name).mkdir()
    for project in ("acme-tool", "six"):
        content.wheel(box.folder / "wheels", project)
    content.channel(box.folder / "conda")
    sets = [f"--set=wheelhouse={box.folder}/wheels", f"--set=channel={box.folder}/conda"]
    box.run("profile", "new", "disk", "--from", "offline", *sets, "--yes", code=0)
    return box


def run(box: Sandbox, *argv: str, environ: Mapping[str, str] | None = None) -> Done:
    done = subprocess.run(
        argv,
        env={**box.environ, "UV_NO_CACHE": "1", "UV_PYTHON": sys.executable, **(environ or {})},
        cwd=box.folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def test_the_real_clients_install_from_the_disk(disk: Sandbox) -> None:
    tools = ("--tool", "pip", "--tool", "uv", "--tool", "conda")
    disk.run("use", "disk", *tools, "--verify", code=0)
    pip = run(disk, sys.executable, "-m", "pip", "install", "--target", "pip", "acme-tool")
    uv = run(disk, parts.program("uv"), "pip", "install", "--target", "uv", "acme-tool")
    assert (pip.code, uv.code) == (0, 0), pip.err + uv.err
    assert (disk.folder / "pip/acme_tool.py").exists()
    assert (disk.folder / "uv/acme_tool.py").exists()
    url = f"file://{disk.folder}/conda"
    assert f"- {url}" in disk.condarc.read_text()
    answer = clients.ask(probe("conda", "default-channels", url), what=content.NOARCH)
    assert answer.works, answer.says
    disk.run("undo", code=0)
    assert not disk.pip_conf.exists()
    assert not disk.condarc.exists()


def test_verify_goes_as_deep_as_on_the_network(disk: Sandbox) -> None:
    sources = disk.json("verify", "disk", "--all")["data"]["sources"]
    assert {(s["tool"], s["role"], s["code"], s["level"]) for s in sources} == {
        ("pip", "find-links", "ok", 3),
        ("uv", "find-links", "ok", 3),
        ("conda", "default-channels", "ok", 3),
    }


def test_a_damaged_disk_is_not_used(disk: Sandbox) -> None:
    wheel = min((disk.folder / "wheels").iterdir())
    wheel.write_bytes(wheel.read_bytes()[:-30])
    answer = disk.json("use", "disk", "--tool", "pip", "--verify", code=3)
    assert answer["error"]["code"] == "hash-mismatch"
    assert not disk.pip_conf.exists()


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_the_end_of_a_chain(tool: str, disk: Sandbox) -> None:
    disk.profile("dead", DEAD)
    argv = {
        "pip": [sys.executable, "-m", "pip", "install", "--no-cache-dir", "--target", "got", "acme-tool"],
        "uv": [parts.program("uv"), "pip", "install", "--target", "got", "acme-tool"],
    }[tool]
    # The user's own files name the dead mirror: the variables win over them.
    disk.write(disk.pip_conf, "[install]\nindex-url = https://localhost:1/simple\n")
    program = str(Path(sys.executable).with_name("mirrorcfg"))
    done = run(disk, program, "run", "--chain", "dead,disk", "--", *argv)
    assert done.code == 0, done.err
    assert f"dead doesn't serve {tool} (connect-refused); this runs with disk" in done.err
    assert (disk.folder / "got/acme_tool.py").exists()


def test_an_images_folders_are_looked_for_in_the_image(disk: Sandbox) -> None:
    wheels = disk.root / "srv/wheels"
    wheels.mkdir(parents=True)
    disk.profile("image", '[pip]\nfind-links = ["/srv/wheels"]\nno-index = true\n')
    argv = ("use", "image", "--tool", "pip", "--root", str(disk.root), "--verify", "--yes")
    assert "not-an-index" in disk.run(*argv, code=3).err
    content.wheel(wheels, "acme-tool")
    disk.run(*argv, code=0)
    assert "find-links = /srv/wheels" in (disk.root / "etc/pip.conf").read_text()


def test_a_template_in_a_chain_gets_its_own_variables(disk: Sandbox) -> None:
    disk.profile("dead", DEAD)
    folder = f"wheelhouse={disk.folder}/wheels"
    argv = ("run", "--chain", "dead,offline", "--tool", "pip", "--timeout", "5")
    done = disk.run(*argv, "--set", folder, "--", "printenv", "PIP_FIND_LINKS", code=0)
    assert done.out == f"{disk.folder}/wheels\n"
    done = disk.run(*argv, "--set", "wheelhose=/srv", "--", "env", code=2)
    assert "error[unknown-variable]" in done.err


def test_run_says_what_conda_will_ask_all_the_same(disk: Sandbox) -> None:
    disk.write(disk.condarc, "default_channels:\n  - https://dead.example/main\n")
    done = disk.run(
        "run", "--chain", "disk", "--tool", "conda", "--", "printenv", "CONDA_DEFAULT_CHANNELS", code=0
    )
    assert done.out == f"file://{disk.folder}/conda\n"
    assert "note[not-by-variables]: conda's default-channels can't be all of what disk says" in done.err
    assert str(disk.condarc) in done.err


def test_a_folder_that_isnt_given_leaves_its_tool_alone(box: Sandbox) -> None:
    done = box.run("use", "offline", "--tool", "pip", code=1)
    assert "--set wheelhouse=/srv/wheels" in done.err
    done = box.run("use", "offline", "--tool", "pip", "--set", "wheelhouse=relative", code=1)
    assert "relative" in done.err
