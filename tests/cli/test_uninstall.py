"""`uninstall`: everything as it was, and what is left to delete, by commands that do it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import parts
from tests.sandbox import Sandbox
from tests.terminal import talk

UNIT = "/etc/systemd/system/mirrorcfg-watch.service"


def running() -> bool:
    """Does systemd run here?"""
    return Path("/run/systemd/system").exists()


@pytest.fixture
def alone(box: Sandbox) -> Sandbox:
    """Where nothing is that could run a service, so that none of this machine's is found."""
    box.environ["PATH"] = str(Path(sys.executable).parent)
    return box


def test_everything_is_as_it_was(alone: Sandbox) -> None:
    box = alone
    before = box.write(box.pip_conf, "[global]\nretries = 7\n")
    box.run("config", "set", "profile", "nju", code=0)
    box.run("use", "nju", "--tool", "pip", code=0)
    box.run("use", "sjtu", "--tool", "pip", "--tool", "uv", code=0)
    dry = box.run("uninstall", "--dry-run", code=0)
    assert box.pip_conf.read_bytes() != before
    assert f"rm -r {box.folder}/state" in dry.err
    answer = box.json("uninstall", "--yes")
    assert (answer["command"], answer["status"], answer["data"]["generation"]) == ("uninstall", "ok", 3)
    assert box.pip_conf.read_bytes() == before
    assert not (box.home / ".config/uv/uv.toml").exists()
    assert (box.folder / "state").is_dir(), "the way back"
    left = answer["data"]["left"]
    assert [each["path"] for each in left[:2]] == [f"{box.folder}/state", f"{box.home}/.config/mirrorcfg"]
    assert "uninstall" in left[2]["command"]
    for each in left[:2]:
        subprocess.run(each["command"], shell=True, check=True)
    assert box.json("uninstall", "--yes")["status"] == "unchanged"
    assert len(box.json("uninstall", "--yes")["data"]["left"]) == 1


def test_it_asks(alone: Sandbox) -> None:
    box = alone
    box.run("use", "nju", "--tool", "pip", code=0)
    after = box.pip_conf.read_bytes()
    told = talk(box, "uninstall", answers=[("[Y/n/d]", "n")])
    assert (told.code, "Cancelled; nothing was changed." in told.out) == (1, True)
    assert box.pip_conf.read_bytes() == after
    done = talk(box, "uninstall", answers=[("[Y/n/d]", "y")])
    assert not box.pip_conf.exists()
    assert "What is left goes with:" in done.out


def test_it_takes_the_service_away(box: Sandbox) -> None:
    parts.program("systemctl")
    assert not Path(UNIT).exists(), "there is one on this machine, which stays"
    if running():
        pytest.skip("systemd runs here, and would start it")
    box.run("watch", "--install", "--scope", "user", "--yes", code=0)
    [unit] = [path for path in box.home.rglob("mirrorcfg-watch.service") if not path.is_symlink()]
    [dry] = box.json("uninstall", "--dry-run")["data"]["services"]
    assert (dry["path"], dry["action"], unit.exists()) == (str(unit), "removed", True)
    [gone] = box.json("uninstall", "--yes")["data"]["services"]
    assert (gone["action"], unit.exists()) == ("removed", False)
