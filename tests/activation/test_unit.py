"""What systemd would start: the unit, its drop-ins, and which place wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirrorcfg.activation import unit

PLACES = ("etc", "run", "lib")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(unit, "_PLACES", tuple(str(tmp_path / place) for place in PLACES))
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"[Service]\n{text}\n")


def test_no_unit_no_words(root: Path) -> None:
    assert unit.command() == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ExecStart=/usr/bin/dockerd -H fd:// $OPTS", ("/usr/bin/dockerd", "-H", "fd://", "$OPTS")),
        ("ExecStart = x\nExecStart=-/usr/bin/dockerd --debug", ("/usr/bin/dockerd", "--debug")),
        ("ExecStart=/usr/bin/dockerd \\\n  --label=a=b \\\n  -D", ("/usr/bin/dockerd", "--label=a=b", "-D")),
        ('ExecStart=/usr/bin/dockerd --label "a=b c"', ("/usr/bin/dockerd", "--label", "a=b c")),
        ("ExecStartPre=/bin/true", ()),
        ('ExecStart=/usr/bin/dockerd "torn', ()),
    ],
)
def test_the_words_of_its_line(root: Path, line: str, words: tuple[str, ...]) -> None:
    write(root / "lib/docker.service", line)
    assert unit.command() == words


def test_etc_wins_over_lib(root: Path) -> None:
    write(root / "lib/docker.service", "ExecStart=/lib/dockerd")
    write(root / "etc/docker.service", "ExecStart=/etc/dockerd")
    assert unit.command() == ("/etc/dockerd",)


def test_a_drop_in_takes_the_line_s_place_and_the_last_by_name_wins(root: Path) -> None:
    write(root / "lib/docker.service", "ExecStart=/lib/dockerd")
    write(root / "lib/docker.service.d/20-two.conf", "ExecStart=\nExecStart=/two")
    write(root / "etc/docker.service.d/10-one.conf", "ExecStart=\nExecStart=/one")
    assert unit.command() == ("/two",)
    write(root / "etc/docker.service.d/20-two.conf", "Environment=A=b")  # in the place of the other one
    assert unit.command() == ("/one",)
