"""What pip asks in generated worlds, and what mirrorcfg says that it asks.

Most worlds are put to the code of five pips in a process each: it reads its files and variables, and resolves what
it would look up. In some, the program itself is started, and a server's log says what it asked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.host import Host
from mirrorcfg.ops.status import status
from mirrorcfg.ops.switch.planning import Request
from mirrorcfg.ops.switch.restore import undo
from mirrorcfg.ops.switch.use import use
from tests import parts
from tests.clients.pip_worlds import World, world
from tests.verifier.lab import Authority, Server, html

VERSIONS = ("22.3.1", "23.2.1", "24.3.1", "25.3", "")  # the last is the newest there is
DRIVER = Path(__file__).with_name("pip_asked.py")

# Where mirrorcfg means to differ: the code of what it says, the pips that take what it refuses, and why.
MEANT = {
    "duplicate-option": "index-url and index_url in one section: up to 26.2 the later one counts, 26.3 stops",
}


@pytest.fixture(scope="module")
def pips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each version's folder."""
    uv, folder = parts.program("uv"), tmp_path_factory.mktemp("pips")
    for version in VERSIONS:
        named = f"pip=={version}" if version else "pip"
        line = [uv, "pip", "install", "-q", "-p", sys.executable, "--target", str(folder / version), named]
        done = subprocess.run(line, capture_output=True, text=True)
        if done.returncode:
            parts.absent(f"{named} can't be installed: {done.stderr.strip()[-200:]}")
    return {version: folder / version for version in VERSIONS}


class Answer(NamedTuple):
    """What is asked, in order; None: it stops."""

    asked: list[str] | None
    code: str | None = None


@contextmanager
def placed(environ: Mapping[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process in a world."""
    with monkeypatch.context() as patch:
        patch.chdir(folder / "work")
        for name in [*os.environ]:
            if name not in ("PYTEST_CURRENT_TEST", "TMPDIR"):
                patch.delenv(name)
        for name, value in {**environ, "MIRRORCFG_STATE": f"{folder}/state"}.items():
            patch.setenv(name, value)
        yield


def said(environ: Mapping[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Answer:
    with placed(environ, folder, monkeypatch):
        found = status(Host.here(), ["pip"])
    if "pip" not in found.data.tools:
        return Answer(None, found.findings[0].code)
    return Answer(plain(found.data.tools["pip"].effective))


def plain(urls: Sequence[str]) -> list[str]:
    """As a server sees them: pip takes an address with or without its last slash, and asks each once."""
    return [*dict.fromkeys(f"{url.strip().rstrip('/')}/" for url in urls)]


@contextmanager
def asking(pip: Path) -> Iterator[Callable[[Mapping[str, str], Path], list[str] | None]]:
    """This pip in a process: told of variables and a world's folder it says what it would ask, None where it stops."""
    line, environ = [sys.executable, str(DRIVER)], {"PYTHONPATH": str(pip), "LANG": "C.UTF-8"}
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
    ) as driver:

        def ask(variables: Mapping[str, str], place: Path) -> list[str] | None:
            assert driver.stdin is not None
            assert driver.stdout is not None
            told = {"environ": variables, "folder": f"{place}/work", "prefix": f"{place}/venv"}
            driver.stdin.write(json.dumps({**told, "command": "install"}) + "\n")
            driver.stdin.flush()
            answer = json.loads(driver.stdout.readline())
            return None if answer == "stops" else plain(answer)

        yield ask


def disagreements(
    worlds: list[World], version: str, pip: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[int, object, object]]:
    with asking(pip) as ask:
        for each in worlds:
            place = folder / f"{version}-{each.number}"
            variables = each.build(place, "https://m.example", sys.executable) | {"PYTHONPATH": str(pip)}
            real, ours = ask(variables, place), said(variables, place, monkeypatch)
            if ours.asked != real and ours.code not in MEANT:
                yield each.number, ours, real


MIRROR = "https://mirror.example/simple/"
PROFILE = f'schema = 1\nname = "acme"\ntitle = {{ en = "Acme" }}\n[pip]\nindex-url = "{MIRROR}"\n'


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.name in ("pip.conf", "named.conf")}


def misled(
    worlds: list[World], version: str, pip: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[int, str, object]]:
    """Worlds in which `use` didn't say what pip asks after it, or `undo` didn't give every byte back."""
    with asking(pip) as ask:
        for each in worlds:
            place = folder / f"{version}-{each.number}"
            variables = each.build(place, "https://m.example", sys.executable) | {"PYTHONPATH": str(pip)}
            (place / "acme.toml").write_text(PROFILE)
            before = contents(place)
            with placed(variables, place, monkeypatch):
                try:
                    done = use(Host.here(), Request(f"{place}/acme.toml", tools=("pip",)), command="use")
                except MirrorcfgError as error:
                    if contents(place) != before:
                        yield each.number, "changed, and failed", error.code
                    continue
                real = ask(variables, place)
                told = [each.message for each in done.findings if each.code == "asked-beside"]
                urls = [each.partition(" asks ")[2].partition(" beside ")[0].split(", ") for each in told]
                beside = plain([url for each in urls for url in each])
                alone = real is not None and real[:1] == [MIRROR] and sorted(real[1:]) == sorted(beside)
                if alone != (done.exit == 0):
                    yield each.number, str(done.exit), (real, beside)
                undo(Host.here(), command="undo")
                if contents(place) != before:
                    yield each.number, "not given back", done.data.tools["pip"].files


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version or "newest")
def test_a_switch_leaves_pip_asking_the_mirror_or_says_what_wins(
    version: str, pips: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = VERSIONS.index(version)
    worlds = [world(number) for number in range(7000 + start, 7060, len(VERSIONS))]
    assert list(misled(worlds, version, pips[version], tmp_path, monkeypatch)) == []


USER, WEAK = "home/.config/pip/pip.conf", "xdg1/pip/pip.conf"
ONE, TWO = "[global]\nindex-url = @/one\n", "[global]\nindex-url = @/two\n"
BY_HAND = [
    World(9000, {WEAK: ONE, USER: "[global]\nindex-url =\n"}, {}, "venv"),
    World(9001, {WEAK: "[global]\ntimeout = soon\n", USER: "[global]\ntimeout = 5\n"}, {}, "venv"),
    World(9002, {USER: "[global]\nindex-url =\n  @/one\n"}, {}, "venv"),
    World(9003, {WEAK: ONE, "xdg2/pip/pip.conf": TWO}, {"XDG_CONFIG_DIRS": "#/xdg1:#/xdg2:#/xdg1"}, "venv"),
    World(9004, {WEAK: ONE, "venv/pip.conf": TWO}, {"PIP_CONFIG_FILE": "#/xdg1/pip/pip.conf"}, "venv"),
    World(9005, {"work/rel/pip/pip.conf": ONE, USER: TWO}, {"XDG_CONFIG_HOME": "rel"}, "venv"),
    World(9006, {"home/.pip/pip.conf": ONE, USER: TWO}, {"PIP_CONFIG_FILE": "~/.pip/pip.conf"}, "venv"),
    World(9009, {WEAK: ONE, USER: TWO}, {"PIP_CONFIG_FILE": "#/home/.config/pip/pip.conf"}, "venv"),
    World(9007, {"venv/pip.conf": ONE, "other/pip.conf": TWO}, {"VIRTUAL_ENV": "#/other"}, "link"),
    World(
        9008,
        {WEAK: "[global]\npypi-url=@/one\nindex-url=@/b\n", USER: "[global]\npypi-url=@/c\n"},
        {},
        "venv",
    ),
]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version or "newest")
def test_what_hangs_on_pips_version(
    version: str, pips: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules that few of the generated worlds meet, in every version."""
    assert list(disagreements(BY_HAND, version, pips[version], tmp_path, monkeypatch)) == []


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version or "newest")
def test_status_says_what_pip_asks(
    version: str, pips: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = VERSIONS.index(version)
    worlds = [world(number) for number in range(start, 60, len(VERSIONS))]
    assert list(disagreements(worlds, version, pips[version], tmp_path, monkeypatch)) == []


@pytest.mark.long
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version or "newest")
def test_status_says_what_pip_asks_in_many_worlds(
    version: str, pips: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = VERSIONS.index(version)
    worlds = [world(number) for number in range(60 + start, 3060, len(VERSIONS))]
    assert list(disagreements(worlds, version, pips[version], tmp_path, monkeypatch)) == []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """One server for every index: each has a path of its own; and the CA that it is of."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    with Server(authority.context(), {"*": html("<!DOCTYPE html><title>nothing</title>")}) as running:
        yield running, authority.file


@pytest.mark.parametrize("number", range(15))
def test_the_program_itself_asks_just_that(
    number: int,
    pips: dict[str, Path],
    server: tuple[Server, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`pip download` is started as a shell would, and the server has seen what `status` says, in that order."""
    running, ca = server
    version = VERSIONS[number % len(VERSIONS)]
    each = world(5000 + number)
    environ = each.build(tmp_path, running.url, sys.executable)
    environ |= {"PYTHONPATH": str(pips[version]), "PIP_CERT": str(ca), "PIP_NO_CACHE_DIR": "1"}
    environ |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_DEFAULT_INDEX_IS": "not asked"}
    ours = said(environ, tmp_path, monkeypatch)
    if ours.asked is not None and not any(url.startswith(running.url) for url in ours.asked):
        environ["PIP_INDEX_URL"] = f"{running.url}/none"  # or it would ask PyPI
        ours = said(environ, tmp_path, monkeypatch)
    running.seen.clear()
    line = ["pip", "install", "--dry-run", "--no-deps", "--ignore-installed", "six"]
    done = subprocess.run(line, env=environ, cwd=tmp_path / "work", capture_output=True, text=True)
    asked = plain([f"{running.url}{path}".removesuffix("six/") for path in running.paths()])
    if ours.asked is None:
        assert ours.code in MEANT or (asked == [] and "No matching distribution" not in done.stderr), (
            done.stderr
        )
    else:
        wire = plain([url.partition("#")[0].replace(" ", "%20") for url in ours.asked])
        assert sorted(asked) == sorted(wire), done.stderr
