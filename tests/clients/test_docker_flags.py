"""What dockerd is given as flags, and its file: what would stop it isn't written, and what it takes is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients import engines
from tests.clients.hub import Server
from tests.clients.place import Place, place
from tests.clients.test_engines import MIRROR, PROFILE

OTHER = "https://other.lab"
UNIT = """[Service]
Type=notify
{0}
ExecStart=/usr/sbin/dockerd -H fd:// {1}
"""
SOURCED = "EnvironmentFile=-/etc/default/docker"


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A mirror, no way to Docker Hub, and a machine that systemd has started."""
    with place(tmp_path_factory.mktemp("place"), Server("mirror.lab", "127.0.0.5")) as found:
        (found.folder / "lab.toml").write_text(PROFILE)
        found.file("/run/systemd/system").mkdir(parents=True)
        yield found


def use(lab: Place) -> tuple[str, str]:
    """The status, or the error's code, and its hint."""
    answer = lab.mirrorcfg("use", str(lab.folder / "lab.toml"), "--tool", "docker", "--yes", "--json").json
    error = answer["error"] or {}
    return error.get("code", answer["status"]), error.get("hint") or ""


def starts(lab: Place, version: str, *flags: str) -> bool:
    """Does a real dockerd start with these flags and what is in its file?"""
    ended = ""
    try:
        with engines.dockerd(lab, version, *flags):
            return True
    except AssertionError as error:
        ended = str(error)
    assert "specified both as a flag and in the configuration file" in ended
    return False


WORLDS = {
    "sourced": (SOURCED, "$DOCKER_OPTS", f'DOCKER_OPTS="--dns 8.8.8.8 --registry-mirror={OTHER}"'),
    "a variable": (f'Environment="DOCKER_OPTS=--registry-mirror={OTHER}"', "$DOCKER_OPTS", ""),
    "by sh": (f"{SOURCED}\nExecStart=", "\nExecStart=/bin/sh -c 'exec dockerd $DOCKER_OPTS'",
              f"DOCKER_OPTS='--registry-mirror {OTHER}'"),
    "continued": ("", f"\\\n  --registry-mirror={OTHER}", ""),
}  # fmt: skip


@pytest.mark.parametrize("world", WORLDS)
def test_a_mirror_that_is_a_flag_of_the_unit(lab: Place, world: str) -> None:
    above, words, default = WORLDS[world]
    lab.write("/etc/systemd/system/docker.service", UNIT.format(above, words))
    lab.write("/etc/default/docker", default + "\n")
    code, hint = use(lab)
    assert code == "key-is-a-flag"
    assert ("/etc/default/docker" if default else "docker.service") in hint
    assert "--registry-mirror" in lab.run("sh", "-c", hint.partition(": ")[2]).stdout
    assert not lab.file(engines.FILE).exists()


@pytest.mark.parametrize("version", engines.DOCKER)
def test_dockerd_says_the_same_of_it(lab: Place, version: str) -> None:
    lab.write(engines.FILE, f'{{"registry-mirrors": ["{MIRROR}"]}}')
    assert not starts(lab, version, f"--registry-mirror={OTHER}")
    assert starts(lab, version, "--dns=8.8.8.8")


def test_a_variable_that_the_unit_does_not_read_is_nothing(lab: Place) -> None:
    lab.write("/etc/systemd/system/docker.service", UNIT.format("", ""))
    lab.write("/etc/default/docker", f"DOCKER_OPTS=--registry-mirror={OTHER}\n")
    assert use(lab)[0] == "ok"


def test_without_systemd_it_is_the_init_script_that_reads_it(lab: Place) -> None:
    lab.file("/run/systemd/system").rmdir()
    lab.write("/etc/init.d/docker", "#!/bin/sh\n")
    lab.write("/etc/systemd/system/docker.service", UNIT.format("", ""))
    lab.write("/etc/default/docker", f"DOCKER_OPTS='--registry-mirror={OTHER}'\n")
    assert use(lab)[0] == "key-is-a-flag"
    lab.write("/etc/default/docker", "DOCKER_OPTS='--dns 8.8.8.8'\n")
    assert use(lab)[0] == "ok"


@pytest.mark.parametrize("version", engines.DOCKER)
def test_a_daemon_that_runs_has_its_flags(lab: Place, version: str) -> None:
    """Whatever its unit says by now."""
    lab.write("/etc/systemd/system/docker.service", UNIT.format("", f"--registry-mirror={OTHER}"))
    with engines.dockerd(lab, version, "--dns=8.8.8.8") as daemon:
        assert use(lab)[0] == "ok"
        assert daemon.pull()
        lab.mirrorcfg("undo", "--yes", code=0)
        assert not daemon.pull()
    with engines.dockerd(lab, version, f"--registry-mirror={OTHER}") as daemon:
        code, hint = use(lab)
        assert code == "key-is-a-flag"
        assert str(OTHER) in lab.run("sh", "-c", hint.partition(": ")[2]).stdout
        assert daemon.info()["RegistryConfig"]["Mirrors"] == [f"{OTHER}/"]
