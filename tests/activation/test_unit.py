"""What systemd would start: the unit, its drop-ins, and which place wins."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mirrorcfg.activation import unit
from tests import parts

PLACES = ("etc", "run", "lib")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(unit, "_PLACES", tuple(str(tmp_path / place) for place in PLACES))
    monkeypatch.setattr(unit, "_BOOTED", str(tmp_path))
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"[Service]\n{text}\n")


def test_no_unit_no_words(root: Path) -> None:
    assert unit.start().words == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ExecStart=/usr/bin/dockerd -H fd:// $OPTS", ("/usr/bin/dockerd", "-H", "fd://")),
        ("ExecStart = x\nExecStart=-/usr/bin/dockerd --debug", ("/usr/bin/dockerd", "--debug")),
        ("ExecStart=/usr/bin/dockerd \\\n  --label=a=b \\\n  -D", ("/usr/bin/dockerd", "--label=a=b", "-D")),
        ('ExecStart=/usr/bin/dockerd --label "a=b c"', ("/usr/bin/dockerd", "--label", "a=b c")),
        ("ExecStartPre=/bin/true", ()),
        ('ExecStart=/usr/bin/dockerd "torn', ()),
    ],
)
def test_the_words_of_its_line(root: Path, line: str, words: tuple[str, ...]) -> None:
    write(root / "lib/docker.service", line)
    assert unit.start().words == words


def test_etc_wins_over_lib(root: Path) -> None:
    write(root / "lib/docker.service", "ExecStart=/lib/dockerd")
    write(root / "etc/docker.service", "ExecStart=/etc/dockerd")
    assert unit.start().words == ("/etc/dockerd",)


def test_a_drop_in_takes_the_line_s_place_and_the_last_by_name_wins(root: Path) -> None:
    write(root / "lib/docker.service", "ExecStart=/lib/dockerd")
    write(root / "lib/docker.service.d/20-two.conf", "ExecStart=\nExecStart=/two")
    write(root / "etc/docker.service.d/10-one.conf", "ExecStart=\nExecStart=/one")
    assert unit.start().words == ("/two",)
    write(root / "etc/docker.service.d/20-two.conf", "Environment=A=b")  # in the place of the other one
    assert unit.start().words == ("/one",)


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that is started by init scripts; what is given is the file that docker's sources."""
    (tmp_path / "init").touch()
    monkeypatch.setattr(unit, "_BOOTED", str(tmp_path / "none"))
    monkeypatch.setattr(unit, "_SCRIPT", str(tmp_path / "init"))
    monkeypatch.setattr(unit, "_SOURCED", (str(tmp_path / "default"),))
    return tmp_path / "default"


@pytest.mark.parametrize(
    "text",
    [
        'DOCKER_OPTS="--dns 8.8.8.8 --registry-mirror=https://a.lab"\n',
        "# DOCKER_OPTS=no\n  export DOCKER_OPTS='-H fd:// --label=a'\n",
        'MORE="--debug"\nDOCKER_OPTS="$MORE --mtu 9"\nDOCKER_OPTS="${DOCKER_OPTS} \\\n  --icc=false"\n',
        "DOCKER_OPTS=--debug # why\nOTHER=a; \n",
        "if true; then :; fi\nDOCKER_OPTS='--label \"a b\"'",
        "",
    ],
)
def test_what_an_init_script_sources_is_read_as_sh_reads_it(script: Path, text: str) -> None:
    script.write_text(text)
    said = f'. {script}; for word in $DOCKER_OPTS; do printf "%s\\n" "$word"; done'
    done = subprocess.run([parts.program("sh"), "-c", said], capture_output=True, text=True, check=True)
    assert unit.start().words[3:] == tuple(done.stdout.splitlines())
    assert unit.start().saying("--debug") == ((script,) if "--debug" in text else ())
