"""Where uv takes Pythons from: what the real uv asks a mirror for is what `verify` asks it for."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import parts
from tests.sandbox import Sandbox, environment
from tests.verifier.lab import Answer, Authority, Server, html, ranged
from tests.verifier.sources import index

ARCHIVE = b"\x1f\x8b" + bytes(5000)


class Mirror(NamedTuple):
    server: Server
    asset: str  # what the uv that is here would take, below /py/


@pytest.fixture
def mirror(box: Sandbox, tmp_path: Path) -> Iterator[Mirror]:
    """A profile with a mirror of Pythons, which has none."""
    authority = Authority(tmp_path)
    with Server(authority.context(), index()) as server:
        both = f'index-url = "{server.url}/simple"\n'
        box.profile("acme", f'[pip]\n{both}[uv]\n{both}python-install-mirror = "{server.url}/py/"\n')
        box.environ |= {"SSL_CERT_FILE": str(authority.file), "UV_HTTP_RETRIES": "0", "UV_NO_CACHE": "1"}
        yield Mirror(server, newest())


def newest() -> str:
    """Read from the list of the uv that is here, by other means than mirrorcfg's."""
    listed = subprocess.run(
        [parts.program("uv"), "python", "list", "--only-downloads", "--show-urls", "--offline", "--no-config"],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    versions = [line.split() for line in listed if re.match(r"cpython-\d+\.\d+\.\d+-", line)]
    return versions[0][1].partition("/download/")[2]


def verdict(box: Sandbox, code: int) -> dict[str, object]:
    sources = box.json("verify", "acme", "--tool", "uv", code=code)["data"]["sources"]
    [found] = [each for each in sources if each["role"] == "python-install-mirror"]
    return dict(found)


def test_it_is_judged_by_the_python_that_the_real_uv_asks_for(box: Sandbox, mirror: Mirror) -> None:
    box.run("use", "acme", "--tool", "uv", code=0)
    version = re.search(r"cpython-([\d.]+)", mirror.asset)
    assert version
    done = subprocess.run(
        [parts.program("uv"), "python", "install", version[1]],
        env=environment() | box.environ | {"UV_PYTHON_INSTALL_DIR": str(box.folder / "pythons")},
        cwd=box.folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode
    assert set(mirror.server.paths()) == {f"/py/{mirror.asset}"}
    mirror.server.seen.clear()
    assert verdict(box, 3)["code"] == "asset-missing"
    assert f"/py/{mirror.asset}" in mirror.server.paths()


ANSWERS = [
    ("the file", ranged(ARCHIVE), "ok", 3),
    ("no file", Answer(404), "asset-missing", 1),
    ("something else", html("<p>welcome</p>"), "asset-missing", 1),
    (
        "a login page",
        html('<form action="/login"><input type="password" name="p"></form>'),
        "captive-portal",
        1,
    ),
    ("trouble", Answer(503), "http-5xx", 1),
]


@pytest.mark.parametrize(
    ("answer", "code", "level"), [each[1:] for each in ANSWERS], ids=[each[0] for each in ANSWERS]
)
def test_what_a_mirror_of_pythons_may_answer(
    box: Sandbox, mirror: Mirror, answer, code: str, level: int
) -> None:  # type: ignore[no-untyped-def]
    mirror.server.routes[f"/py/{mirror.asset}"] = answer
    found = verdict(box, 0 if code == "ok" else 3)
    assert (found["code"], found["level"]) == (code, level)


def test_a_switch_asks_no_more_than_if_it_is_there(box: Sandbox, mirror: Mirror) -> None:
    used = box.json("use", "acme", "--tool", "uv", "--verify", "--yes")
    assert used["data"]["tools"]["uv"]["effective"] == [
        f"{mirror.server.url}/simple",
        f"{mirror.server.url}/py/",
    ]
    assert "/py/" in mirror.server.paths()
    assert f"/py/{mirror.asset}" not in mirror.server.paths()


def test_without_uv_the_folder_is_all_there_is_to_ask(box: Sandbox, mirror: Mirror) -> None:
    box.environ["PATH"] = "/usr/bin:/bin"
    found = verdict(box, 0)
    assert (found["code"], found["level"], found["warnings"]) == ("ok", 1, ["nothing-to-fetch"])


def test_it_is_written_said_and_taken_back(box: Sandbox, mirror: Mirror) -> None:
    file = box.home / ".config/uv/uv.toml"
    before = b"# mine\n[pip]\ncompile-bytecode = true\n"
    box.write(file, before.decode())
    box.run("use", "acme", "--tool", "uv", code=0)
    assert f'python-install-mirror = "{mirror.server.url}/py/"' in file.read_text()
    told = box.run("env", "acme", "--tool", "uv", code=0).out
    assert (
        f"UV_PYTHON_INSTALL_MIRROR='{mirror.server.url}/py/'" in told
        or f"UV_PYTHON_INSTALL_MIRROR={mirror.server.url}/py/" in told
    )
    ran = box.run(
        "run", "--chain", "acme", "--tool", "uv", "--", "printenv", "UV_PYTHON_INSTALL_MIRROR", code=0
    )
    assert ran.out.strip() == f"{mirror.server.url}/py/"
    box.profile("plain", f'[pip]\nindex-url = "{mirror.server.url}/simple"\n')
    box.run("use", "plain", "--tool", "uv", code=0)
    assert "python-install-mirror" not in file.read_text()
    box.run("undo", code=0)
    box.run("restore", "0", "--yes", code=0)
    assert file.read_bytes() == before


def test_the_variable_wins_and_is_named(box: Sandbox, mirror: Mirror) -> None:
    environ = {"UV_PYTHON_INSTALL_MIRROR": "https://other.invalid/"}
    answer = box.json("use", "acme", "--tool", "uv", environ=environ, code=3)["data"]["tools"]["uv"]
    assert answer["shadowed_by"] == ["UV_PYTHON_INSTALL_MIRROR"]
    assert "https://other.invalid/" in answer["effective"]
