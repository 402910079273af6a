"""Which file of its own the pip on PATH reads: held against `pip config debug` of the pip that is started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from mirrorcfg.host import Host
from mirrorcfg.host.layers import layers_of
from mirrorcfg.writers.pip import site
from tests import parts

PYENV = Path.home() / ".pyenv/libexec/pyenv"


class World(NamedTuple):
    """A folder for programs that comes first on PATH, and a virtual environment beside it."""

    folder: Path
    bin: Path
    venv: Path
    environ: dict[str, str]

    def script(self, name: str, text: str) -> Path:
        path = self.bin / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with a pip."""
    path = tmp_path_factory.mktemp("made") / "venv"
    subprocess.run([sys.executable, "-m", "venv", path], check=True, capture_output=True)
    return path


@pytest.fixture
def world(tmp_path: Path, made: Path) -> World:
    programs = tmp_path / "bin"
    programs.mkdir()
    environ = {"HOME": str(tmp_path / "home"), "PATH": f"{programs}:/usr/bin:/bin", "LANG": "C.UTF-8"}
    return World(tmp_path, programs, made, environ)


def link(world: World) -> None:
    (world.bin / "pip").symlink_to(world.venv / "bin/pip")


def only_pip3(world: World) -> None:
    (world.bin / "pip3").symlink_to(world.venv / "bin/pip3")
    world.environ["PATH"] = str(world.bin)


def link_to_a_link(world: World) -> None:
    (world.folder / "pip").symlink_to(world.venv / "bin/pip")
    (world.bin / "pip").symlink_to("../pip")


def folder_link(world: World) -> None:
    (world.folder / "elsewhere").symlink_to(world.venv)
    world.environ["PATH"] = f"{world.folder}/elsewhere/bin:/usr/bin:/bin"


def activated(world: World) -> None:
    world.environ.update(PATH=f"{world.venv}/bin:/usr/bin:/bin", VIRTUAL_ENV=str(world.venv))


def activated_under_another_name(world: World) -> None:
    (world.folder / "elsewhere").symlink_to(world.venv)
    other = str(world.folder / "elsewhere")
    world.environ.update(PATH=f"{world.venv}/bin:/usr/bin:/bin", VIRTUAL_ENV=other)


def another_one_is_active(world: World) -> None:
    link(world)
    world.environ["VIRTUAL_ENV"] = str(world.folder / "other")


def copied_elsewhere(world: World) -> None:
    world.script("pip", (world.venv / "bin/pip").read_text())


def by_env(world: World) -> None:
    (world.bin / "python3").symlink_to(sys.executable)
    world.script(
        "pip",
        "#!/usr/bin/env python3\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n",
    )


def wrapper(world: World) -> None:
    world.script(
        "pip", f'#!/bin/sh\n# exec nothing\nexport NICE=1\nexec {world.venv}/bin/python -m pip "$@"\n'
    )


def wrapper_of_a_program(world: World) -> None:
    world.script("pip", f'#!/usr/bin/env bash\nset -e\nexec "{world.venv}/bin/pip" "$@"\n')


def long_path(world: World) -> None:
    place = world.folder / ("long" * 20) / ("er" * 40) / "v"
    subprocess.run([sys.executable, "-m", "venv", place], check=True, capture_output=True)
    assert (place / "bin/pip").read_text().startswith("#!/bin/sh\n'''exec'")
    (world.bin / "pip").symlink_to(place / "bin/pip")


def movable(world: World) -> None:
    uv = parts.program("uv")
    line = [uv, "venv", "-q", "--seed", "--relocatable", "-p", sys.executable, str(world.folder / "m")]
    subprocess.run(line, check=True)
    (world.folder / "m").rename(world.folder / "moved")
    (world.bin / "pip").symlink_to(world.folder / "moved/bin/pip")


def python_named(world: World) -> None:
    (world.bin / "pip").symlink_to(Path(sys.executable).with_name("pip"))
    world.environ["PIP_PYTHON"] = str(world.venv)


def of_the_system(world: World) -> None:
    if not Path("/usr/bin/pip").exists():
        parts.absent("the program /usr/bin/pip is not installed")


def pyenv(chosen: Callable[[World], None]) -> Callable[[World], None]:
    def build(world: World) -> None:
        if not PYENV.exists():
            parts.absent("pyenv is not installed")
        root = world.folder / "pyenv"
        for name, venv in {"3.9.2": "/nowhere", "3.9.18": world.venv, "3.10.1": "/nowhere"}.items():
            (root / "versions" / name / "bin").mkdir(parents=True)
            if venv == world.venv:
                (root / "versions" / name / "bin/pip").symlink_to(world.venv / "bin/pip")
        (root / "libexec").symlink_to(PYENV.parent)
        (root / "version").write_text("3.10.1\n3.9.18\n")
        (root / "shims").mkdir()
        world.environ["PATH"] = f"{root}/shims:/usr/bin:/bin"
        (root / "shims/pip").write_text(
            '#!/usr/bin/env bash\nset -e\n[ -n "$PYENV_DEBUG" ] && set -x\n\nprogram="${0##*/}"\n\n'
            f'export PYENV_ROOT="{root}"\nexec "{root}/libexec/pyenv" exec "$program" "$@"\n'
        )
        (root / "shims/pip").chmod(0o755)
        chosen(world)

    build.__name__ = f"pyenv_{chosen.__name__}"
    return build


def by_its_file(world: World) -> None:
    pass


def by_a_variable(world: World) -> None:
    world.environ["PYENV_VERSION"] = "python-3.9:3.10.1"


def by_a_folders_file(world: World) -> None:
    (world.folder / "pyenv/version").write_text("3.10.1")
    (world.folder / ".python-version").write_text("# mine\n\n3.9\r\n")


def by_the_system(world: World) -> None:
    of_the_system(world)
    world.environ["PYENV_VERSION"] = "system"


WORLDS = [
    link, only_pip3, link_to_a_link, folder_link, activated, activated_under_another_name, another_one_is_active,
    copied_elsewhere, by_env, wrapper, wrapper_of_a_program, long_path, movable, python_named, of_the_system,
    *map(pyenv, (by_its_file, by_a_variable, by_a_folders_file, by_the_system)),
]  # fmt: skip


def said(world: World, monkeypatch: pytest.MonkeyPatch) -> Host:
    where = world.folder / "project"
    where.mkdir(exist_ok=True)
    monkeypatch.chdir(where)
    for name in [*os.environ]:
        if name not in world.environ and name not in ("TMPDIR", "PYTEST_CURRENT_TEST"):
            monkeypatch.delenv(name)
    for name, value in world.environ.items():
        monkeypatch.setenv(name, value)
    return Host.here()


@pytest.mark.parametrize("build", WORLDS, ids=lambda build: build.__name__)
def test_the_site_file_is_that_of_the_pip_that_runs(
    build: Callable[[World], None], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(world)
    host = said(world, monkeypatch)
    program = "pip3" if build is only_pip3 else "pip"
    told = subprocess.run(
        [program, "config", "debug"], env=world.environ, capture_output=True, text=True, check=True
    ).stdout
    pips = [line.strip() for line in told.partition("site:")[2].partition("user:")[0].splitlines()]
    reads = [
        layer.path
        for layer in layers_of(host, "pip").layers
        if layer.name in ("site", "venv") and not layer.ignored
    ]
    assert [f"{path}, exists: False" for path in reads] == [line for line in pips if line]


@pytest.mark.parametrize("build", [link, by_env, of_the_system], ids=lambda build: build.__name__)
def test_its_version_and_its_pythons_are_read(
    build: Callable[[World], None], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(world)
    host = said(world, monkeypatch)
    told = subprocess.run(
        ["pip", "--version"], env=world.environ, capture_output=True, text=True, check=True
    ).stdout
    found = site.found(host.machine)
    assert found is not None
    assert told.split()[1] == site.version(host.machine, found)
    assert told.rsplit(maxsplit=1)[1].strip() == f"{site.python_version(host.machine, found)})"


def test_what_no_file_says_is_not_guessed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A manager's own program under pip's name decides by itself; so does a script with more than one way out."""
    for text in (
        "\x7fELF",
        "#!/bin/sh\nif true; then\n exec /usr/bin/python3 -m pip\nfi\nexec /usr/bin/python3 -m pip\n",
        '#!/bin/sh\nexec "$(which python3)" -m pip "$@"\n',
        "#!/gone/python3\n",
        "",
    ):
        world.script("pip", text)
        layers = layers_of(said(world, monkeypatch), "pip").layers
        [site_layer] = [layer for layer in layers if layer.name == "site"]
        assert site_layer.path is None
        assert "no file says which Python runs" in str(site_layer.ignored)


def test_a_launcher_of_windows_has_the_line_before_its_archive() -> None:
    from pathlib import PureWindowsPath

    from mirrorcfg.model.machine import Machine

    files = {
        r"C:\v\Scripts\pip.exe": b"MZ launcher #!nothing\0" + b"#!C:\\v\\Scripts\\python.exe\r\nPK\x03\x04",
        r"C:\v\Scripts\python.exe": b"MZ",
        r"C:\v\pyvenv.cfg": b"",
    }
    machine = Machine(
        "win32",
        PureWindowsPath(r"C:\Users\li"),
        is_file=lambda path: str(path) in files,
        content=lambda path: files.get(str(path)),
        which=lambda program: PureWindowsPath(rf"C:\v\Scripts\{program}.exe") if program == "pip" else None,
    )
    found = site.found(machine)
    assert found is not None
    assert found.prefix == PureWindowsPath(r"C:\v")
