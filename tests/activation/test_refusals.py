"""Which version is asked what before daemon.json is written.

No dockerd but 20.10 is to be had here. For the newer ones a STAND-IN answers `--version` and `--validate` as
docker's documentation has it; what the real 20.10 refuses is asked of itself in tests/e2e/test_docker_refusals.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mirrorcfg.activation import refusals
from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.programs import find

STAND_IN = """#!/bin/sh
case "$*" in
--version) echo "Docker version {version}, build 0000000" ;;
"--validate --config-file "*)
    if grep -q no-such "$3"; then
        echo "unable to configure the Docker daemon with file $3: unknown option: no-such" >&2; exit 1
    fi
    echo "configuration OK" >&2 ;;
*) exit 9 ;;
esac
"""
PATH = {"registry-mirrors": ["https://mirror.invalid/hub"]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(find, "SECURE", f"{tmp_path}:/usr/bin:/bin")  # root's PATH is root's own
    return tmp_path


def refused(folder: Path, version: str, content: dict[str, Any]) -> str | None:
    """The code of the refusal, None if there is none."""
    program = folder / "dockerd"
    program.write_text(STAND_IN.format(version=version))
    program.chmod(0o755)
    staged = folder / ".daemon.json.new"
    staged.write_text(json.dumps(content))
    try:
        refusals.startable(folder / "daemon.json", content, staged)
    except MirrorcfgError as error:
        found = error
    else:
        return None
    assert found.path == str(folder / "daemon.json")
    assert str(staged) not in found.what
    return found.code


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("20.10.24+dfsg1", "mirror-with-path"),
        ("23.0.6", "mirror-with-path"),
        ("24.0.7", "mirror-with-path"),
        ("24.0.9", None),
        ("25.0.0", None),
        ("28.1.1-rd", None),
        ("dev", None),
    ],
)
def test_a_mirror_with_a_path(folder: Path, version: str, code: str | None) -> None:
    assert refused(folder, version, PATH) == code


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("20.10.24", "unknown-key"),
        ("19.03.5", None),
        ("23.0.0", "dockerd-refuses"),
        ("27.3.1", "dockerd-refuses"),
    ],
)
def test_an_unknown_key(folder: Path, version: str, code: str | None) -> None:
    assert refused(folder, version, {"no-such": 1}) == code
    assert refused(folder, version, {"debug": True}) is None


def test_no_dockerd_is_asked_where_there_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(find, "SECURE", str(folder))
    refusals.startable(folder / "daemon.json", {"no-such": 1}, folder / "none")
