"""The wheel is the same each time, and works from a bare environment, under every Python that is here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import parts
from tests.sandbox import environment

CHECKOUT = Path(__file__).parents[2]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")


def interpreters() -> dict[str, str]:
    """By version: those on PATH, and those that lie beside the one that runs the tests (pyenv)."""
    found = {version: shutil.which(f"python{version}") for version in VERSIONS}
    for path in sorted(Path(sys.base_prefix).parent.glob("3.*/bin/python")):
        version = ".".join(path.parents[1].name.split(".")[:2])
        if version in VERSIONS:
            found[version] = str(path)
    return {version: path for version, path in found.items() if path and works(path)}


def works(path: str) -> bool:
    """A shim may be on PATH without the interpreter that it stands for."""
    return subprocess.run([path, "-c", "import venv"], capture_output=True).returncode == 0


def build(folder: Path, **more: str) -> dict[str, Path]:
    """A source distribution, and the wheel that is made out of it, by their suffix."""
    argv = [sys.executable, "-m", "build", "--outdir", folder, CHECKOUT]
    subprocess.run(argv, check=True, capture_output=True, env=os.environ | more)
    return {path.suffix: path for path in folder.iterdir()}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))[".whl"]


def test_two_builds_are_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "again", TZ="Asia/Tokyo")
    for suffix, path in again.items():
        other = next(wheel.parent.glob(f"*{suffix}"))
        assert other.name == path.name
        assert other.read_bytes() == path.read_bytes()


def test_uv_installs_it_as_a_tool(wheel: Path, tmp_path: Path) -> None:
    own = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    environ = os.environ | own
    uv = [parts.program("uv"), "tool", "install", "--python", sys.executable, str(wheel)]
    subprocess.run(uv, env=environ, cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run([tmp_path / "bin/mirrorcfg", "ls"], env=environ, check=True, capture_output=True)
    assert b"tsinghua" in done.stdout


@pytest.mark.parametrize("version", VERSIONS)
def test_it_works_from_a_bare_environment(version: str, wheel: Path, tmp_path: Path) -> None:
    python = interpreters().get(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed")
    subprocess.run([python, "-m", "venv", tmp_path / "venv"], check=True)
    subprocess.run([tmp_path / "venv/bin/pip", "install", "--quiet", wheel], check=True, capture_output=True)
    program = tmp_path / "venv/bin/mirrorcfg"
    environ = environment() | {"HOME": str(tmp_path), "MIRRORCFG_STATE": str(tmp_path / "state")}
    run = {"env": environ, "cwd": tmp_path, "capture_output": True, "text": True, "check": True}
    assert "tsinghua" in subprocess.run([program, "ls"], **run).stdout  # type: ignore[call-overload]
    subprocess.run(
        [program, "use", "tsinghua", "--tool", "pip", "--tool", "conda", "--tool", "uv", "--no-verify"], **run
    )  # type: ignore[call-overload]
    assert "tuna.tsinghua" in (tmp_path / ".config/pip/pip.conf").read_text()
    subprocess.run([program, "undo"], **run)  # type: ignore[call-overload]
    assert not (tmp_path / ".config/pip/pip.conf").exists()
