"""What pip and uv do with an index, and what mirrorcfg says of it: by hand, and in generated worlds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.clients.index_worlds import OWN, World, disagreement, seen, world
from tests.verifier.lab import Authority

WORLDS = 60  # of each tool, in every run
LONG = 3000

PROMISED = World(promise="hash")
TRUE = World(promise="true", kind="html")
COMPANY = World(company="404", root="404", named=OWN)
CASES: dict[str, tuple[World, str]] = {
    "sound": (World(), "ok"),
    "metadata": (PROMISED, "ok"),
    "metadata by an old key": (PROMISED._replace(key="dist", kind="html"), "ok"),
    "no metadata": (PROMISED._replace(metadata="404"), "metadata-missing"),
    "metadata refused": (TRUE._replace(metadata="403"), "metadata-missing"),
    "metadata of an old key": (TRUE._replace(metadata="404", key="dist"), "metadata-missing"),
    "other metadata": (PROMISED._replace(promise="wrong"), "metadata-wrong"),
    "metadata is a web page": (TRUE._replace(metadata="welcome"), "metadata-wrong"),
    "metadata compressed in itself": (TRUE._replace(metadata="gzip"), "metadata-wrong"),
    "metadata elsewhere": (PROMISED._replace(metadata="moved"), "ok"),
    "a listing of nothing": (World(page="folder", root="listing"), "not-an-index"),
    "a listing of files": (World(page="listing"), "ok"),
    "a listing of files, and of projects": (COMPANY._replace(page="listing", root="listing", named=""), "ok"),
    "a company's": (COMPANY, "ok"),
    "a company's bucket": (COMPANY._replace(company="403", root="403"), "ok"),
    "a company's, without the project": (COMPANY._replace(page="404"), "probe-missing"),
    "a company's, without the metadata": (
        COMPANY._replace(promise="true", metadata="404"),
        "metadata-missing",
    ),
    "gone": (World(page="404", root="404"), "http-404"),
    "gone, but for its list": (World(page="404"), "not-an-index"),
    "a serial that is a text": (World(serial="5"), "ok"),
    "times that no one has": (World(kind="html", option=True), "times-missing"),
    "times that are needed": (World(option=True), "ok"),
    "no time, and one is needed": (World(time="absent", option=True), "times-missing"),
    "a wrong size": (World(size="wrong"), "ok"),
    "a time that is none": (World(time="yesterday"), "page-refused"),
    "files elsewhere": (World(file="elsewhere"), "ok"),
    **{f"blocked by {status}": (World(block=status), "client-blocked") for status in (405, 406, 418, 429)},
    "blocked by 403": (World(block=403), "http-403-client-blocked"),
}
# What only one of the two minds.
APART: dict[str, tuple[World, str, str]] = {
    "metadata compressed on the way": (TRUE._replace(metadata="packed"), "metadata-wrong", "ok"),
    "an empty time": (World(time=""), "ok", "page-refused"),
    "a size that is a text": (World(size="746"), "ok", "page-refused"),
}
UNPROVEN = {
    "404": COMPANY._replace(named=""),
    "a store of objects": COMPANY._replace(company="store", root="store", named=""),
    "403, and 404 for its root": COMPANY._replace(company="403", named=""),
    "404, and 403 for its root": COMPANY._replace(root="403", named=""),
    "404, and a welcome": COMPANY._replace(root="welcome", named=""),
}


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.mark.parametrize("tool", ["pip", "uv"])
@pytest.mark.parametrize("name", [*CASES, *APART])
def test_case(name: str, tool: str, authority: Authority) -> None:
    told, *codes = CASES[name] if name in CASES else APART[name]
    came = seen(told, tool, authority)
    assert came.verdict.code == codes[-1 if tool == "uv" else 0], came
    assert came.works == (came.verdict.code == "ok"), came
    assert came.verdict.files_from == ("127.0.0.1" if told.file == "elsewhere" else None)


@pytest.mark.parametrize("tool", ["pip", "uv"])
@pytest.mark.parametrize("name", UNPROVEN)
def test_of_an_index_of_ones_own_nothing_is_said_without_a_project(
    name: str, tool: str, authority: Authority
) -> None:
    came = seen(UNPROVEN[name], tool, authority)
    assert came.works
    assert (came.verdict.ok, came.verdict.code, came.verdict.level) == (True, "cant-tell", 1)
    assert "probe" in str(came.verdict.hint)


@pytest.mark.parametrize("tool", ["pip", "uv"])
@pytest.mark.parametrize("ten", range(WORLDS // 10))
def test_worlds(ten: int, tool: str, authority: Authority) -> None:
    told = [world(number) for number in range(10 * ten, 10 * ten + 10)]
    assert [words for each in told if (words := disagreement(each, tool, seen(each, tool, authority)))] == []


@pytest.mark.long
@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_many_worlds(tool: str, authority: Authority) -> None:
    told = map(world, range(WORLDS, LONG))
    assert [words for each in told if (words := disagreement(each, tool, seen(each, tool, authority)))] == []


def test_an_older_pip_of_pythons_own(authority: Authority) -> None:
    """The one that this Python brings along asks for metadata too, and goes no further without it."""
    import ensurepip

    bundled = Path(ensurepip.__file__).parent / "_bundled"
    wheels = sorted(bundled.glob("pip-*.whl")) if bundled.is_dir() else []
    if not wheels:
        from tests import parts

        parts.absent(f"{sys.executable} brings no pip along")
    for told in (World(), PROMISED._replace(metadata="404"), TRUE._replace(metadata="packed"), COMPANY):
        came = seen(told, "pip", authority, str(wheels[0]))
        assert came.works == came.verdict.ok, came
