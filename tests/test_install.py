"""The first block of both READMEs, run as it is printed: in a copy of the checkout, with a home of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.pages import ROOT
from tests.parts import absent

ENGLISH, CHINESE = (ROOT / name for name in ("README.md", "README.zh-CN.md"))
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^\$ (.*?)(?: +# (.*))?$", re.MULTILINE)
_OTHER = re.compile(r"(?:or: |或者：)([a-z]+ .+)$")


def commands(page: Path) -> list[str]:
    """What the first block says to run: each line, and what its remark says may be run instead."""
    block = _BLOCK.findall(page.read_text())[0]
    found = []
    for line, remark in _LINE.findall(block):
        other = _OTHER.search(remark)
        found += [line, other[1]] if other else [line]
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git has of this checkout, as it is now."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        absent("this isn't a checkout")
    folder = tmp_path_factory.mktemp("checkout")
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(lambda name: name and (ROOT / name).is_file(), names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a shell whose home is empty, with pipx, uv and this Python, and no mirrorcfg."""
    folder = tmp_path_factory.mktemp("shell")
    (folder / "bin").mkdir()
    (folder / "home").mkdir()
    for program in ("pipx", "uv"):
        there = Path(sys.executable).with_name(program)
        if not there.exists():
            absent(f"{program} is not installed")
        (folder / "bin" / program).symlink_to(there)
    (folder / "bin/python3").symlink_to(Path(sys.base_prefix, "bin/python3").resolve())
    configuration = {
        name: str(file)
        for name, file in (
            ("PIP_CONFIG_FILE", Path.home() / ".config/pip/pip.conf"),
            ("UV_CONFIG_FILE", Path.home() / ".config/uv/uv.toml"),
        )
        if file.exists()
    }
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PIP_", "UV_", "SSL_CERT", "REQUESTS_CA"))
        or name.lower() in ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    }
    home = folder / "home"
    path = f"{home}/.local/bin:{folder}/bin:/usr/bin:/bin"
    return {**configuration, **kept, "HOME": str(home), "PATH": path, "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="module")
def reachable(tmp_path_factory: pytest.TempPathFactory, shell: dict[str, str]) -> Callable[[str], None]:
    """Skips where pip, or uv, finds no index that has what mirrorcfg is built of."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    folder = tmp_path_factory.mktemp("index")
    (folder / "needed.txt").write_text("\n".join(needed))
    asking = {
        "pip": [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--retries=0",
            "--no-deps",
            "-r",
            "needed.txt",
        ],
        "uv": ["uv", "pip", "compile", "-q", "--no-deps", "--python", sys.executable, "needed.txt"],
    }

    @cache
    def ask(program: str) -> str | None:
        done = subprocess.run(
            asking[program], cwd=folder, env={**shell, "UV_HTTP_RETRIES": "0"},
            executable=shutil.which(asking[program][0], path=shell["PATH"]),
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return done.stderr.strip()[-200:] if done.returncode else None

    def skip(program: str) -> None:
        if said := ask(program):
            absent(f"{program} reaches no index that has what mirrorcfg needs: {said}")

    return skip


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(line, marks=[pytest.mark.long] if line.startswith("make ") else [])  # 20 s each
        for line in commands(ENGLISH)
    ],
)
def test_a_line_of_the_first_block_does_what_it_says(
    line: str, checkout: Path, shell: dict[str, str], reachable: Callable[[str], None]
) -> None:
    reachable("uv" if line.startswith("uv") else "pip")
    done = subprocess.run(
        line, shell=True, cwd=checkout, env=shell, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if line == "make demo":
        assert "went as told" in done.stdout
        return
    program = "./dist/mirrorcfg.pyz" if line == "make pyz" else "mirrorcfg"
    listed = subprocess.run(
        [*program.split(), "ls"], executable=shutil.which(program, path=shell["PATH"]) or str(checkout / program),
        cwd=checkout, env=shell, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "tsinghua" in listed.stdout
    if line.startswith(("pipx", "uv")):
        away = "pipx uninstall mirrorcfg" if line.startswith("pipx") else "uv tool uninstall mirrorcfg"
        subprocess.run(away, shell=True, env=shell, capture_output=True, check=True)


def test_both_languages_say_the_same_to_run() -> None:
    assert commands(ENGLISH) == commands(CHINESE)
    assert commands(ENGLISH) == ["make demo", "pipx install .", "uv tool install .", "make pyz"]


@pytest.mark.parametrize("page", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_the_oldest_python_is_said_before_the_first_command(page: Path) -> None:
    assert "Python 3.11" in page.read_text().split("$ make demo")[0]


@pytest.mark.parametrize("line", ["pipx install", "uv tool install"])
def test_the_mirror_in_the_line_for_later_is_that_of_the_built_in_profile(line: str) -> None:
    url = re.search(r'index-url = "(.*)"', (ROOT / "profiles/tsinghua.toml").read_text())
    assert url
    for page in (ENGLISH, CHINESE):
        first = next(each for each in page.read_text().split("\n") if each.startswith(f"$ {line} --"))
        assert url[1] in first
        assert first.endswith(" mirrorcfg")
