"""The script that fetches mirrorcfg through the profile's own index, which is the only one that it can reach."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import parts
from tests.conformance.content import NOARCH
from tests.sandbox import Sandbox, environment
from tests.scripts.served import Served
from tests.scripts.workshop import FOREIGN, Target, tree

WRONG = "sha256:" + "0" * 64


def onboarding(box: Sandbox, served: Served, *options: str) -> tuple[Target, Path]:
    """A target with files of its own, and the script for it."""
    path = box.folder / "acme.toml"  # by path, so that the target can't know it
    path.write_text(f'schema = 1\nname = "acme"\n{served.profile}')
    target = Target(box)
    script = target.script(str(path), "--format=sh", "--tool=pip", "--tool=conda", *options)
    assert str(box.folder) not in script.read_text().replace(str(served.ca), "")
    return target, script


def away(target: Target) -> dict[str, str]:
    """The target's variables: a state of its own, an index in the environment that must not be asked."""
    return {
        "PATH": os.environ["PATH"],
        "MIRRORCFG_STATE": str(target.box.folder / "state"),
        "TMPDIR": str(target.box.folder / "tmp"),
        "XDG_CONFIG_DIRS": str(target.box.folder / "xdg"),
        "PIP_EXTRA_INDEX_URL": "https://elsewhere.invalid/simple",
        "RUSTUP_HOME": str(target.box.folder / "rustup"),  # pip asks for rustc's version
    }


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_the_clients_work_through_the_servers_and_undo_brings_every_byte_back(
    box: Sandbox, served: Served, installer: str
) -> None:
    box.write(box.pip_conf, FOREIGN)
    before = tree(box.home)
    target, script = onboarding(box, served, "--hash", served.hash)
    (box.folder / "tmp").mkdir()
    environ = away(target)
    if installer == "uv":
        environ["PATH"] = without_python(box)
    done = target.run(script, environ=environ)
    assert "changed" in done.out
    assert "timeout = 5" in box.pip_conf.read_text()
    assert f"/files/{served.wheel.name}" in served.asked()
    assert list((box.folder / "tmp").iterdir()) == []
    works(box, served)
    target.run(script, "--undo", environ=environ)
    assert tree(box.home) == before
    assert list((box.folder / "tmp").iterdir()) == []


def works(box: Sandbox, served: Served) -> None:
    """The real pip, by the file that was written; the real rattler, by the channel that is in the other."""
    places = {"XDG_CONFIG_DIRS": str(box.folder / "xdg"), "RUSTUP_HOME": str(box.folder / "rustup")}
    variables = environment() | {"HOME": str(box.home), **places}
    got = box.folder / "got"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--no-cache-dir",
        "-d",
        str(got),
        "acme-tool",
    ]
    subprocess.run(pip, env=variables, cwd=box.folder, check=True, capture_output=True)
    assert [path.name for path in got.iterdir()] == ["acme_tool-1.0-py3-none-any.whl"]
    from ruamel.yaml import YAML

    channels = YAML(typ="safe", pure=True).load(box.condarc)["default_channels"]
    rattle = str(Path(__file__).parents[1] / "conformance/rattle.py")
    argv = [sys.executable, rattle, channels[0], str(box.folder / "env"), NOARCH]
    subprocess.run(argv, env=variables | {"SSL_CERT_FILE": str(served.ca)}, check=True, capture_output=True)
    assert (box.folder / "env/share" / NOARCH).exists()


def without_python(box: Sandbox) -> str:
    """A PATH on which no Python of the right age can make an environment, and uv is."""
    folder = box.folder / "bin"
    folder.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14", "python"):
        (folder / name).write_text("#!/bin/sh\nexit 1\n")
        (folder / name).chmod(0o755)
    (folder / "uv").write_text(
        f'#!/bin/sh\nexport UV_PYTHON={sys.executable}\nexec {parts.program("uv")} "$@"\n'
    )
    (folder / "uv").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_another_wheel_than_the_pinned_one_is_refused(box: Sandbox, served: Served) -> None:
    target, script = onboarding(box, served, "--hash", WRONG)
    (box.folder / "tmp").mkdir()
    before = tree(box.home)
    done = target.run(script, code=1, environ=away(target) | {"PATH": without_python(box)})
    assert "Hash mismatch for `mirrorcfg==" in done.err
    assert tree(box.home) == before
    assert list((box.folder / "tmp").iterdir()) == []


def test_without_python_and_uv_it_says_what_is_needed(one: Target) -> None:
    script = one.script("acme", "--format=sh")
    path = without_python(one.box)
    (one.box.folder / "bin/uv").unlink()
    bare = one.box.folder / "bare"
    bare.mkdir()
    for name in ("mktemp", "rm", "mkdir"):
        (bare / name).symlink_to(parts.program(name))
    path = f"{one.box.folder / 'bin'}:{bare}"
    done = one.run(script, code=1, environ={"PATH": path})
    assert "Python 3.11 or newer" in done.err
    assert "--style standalone" in done.err


def test_a_script_without_a_hash_says_that_it_is_not_pinned(one: Target) -> None:
    answer = one.box.json("script", "acme", "--format=sh")
    assert [finding["code"] for finding in answer["findings"]] == ["not-pinned"]
    assert "pip hash" in answer["findings"][0]["hint"]
    pinned = one.box.json("script", "acme", "--format=sh", "--hash", WRONG)
    assert pinned["findings"] == []
    assert WRONG in pinned["data"]["text"]
    assert (
        one.box.json("script", "acme", "--format=sh", "--hash", "md5:1", code=2)["error"]["code"]
        == "bad-option"
    )
