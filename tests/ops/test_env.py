"""`mirrorcfg env`, as a shell and a CI job call it."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests import parts
from tests.sandbox import PROGRAM, Sandbox

TABLES = """\
[pip]
index-url = "https://mirror.example/pypi/simple"
[conda]
default-channels = ["https://mirror.example/main", "https://mirror.example/r"]
[docker]
registry-mirrors = ["https://hub.example"]
"""


@pytest.fixture
def acme(box: Sandbox) -> Sandbox:
    box.profile("acme", TABLES)
    return box


@pytest.mark.parametrize(
    ("program", "script"),
    [
        ("bash", 'eval "$({})"; env'),
        ("dash", 'eval "$({})"; env'),
        ("zsh", 'eval "$({})"; env'),
        ("fish", "{} | source; env"),
    ],
)
def test_a_shell_evaluates_it(program: str, script: str, acme: Sandbox) -> None:
    shell = parts.program(program)
    environ = {**acme.environ, "SHELL": shell, "CONDA_CHANNEL_ALIAS": "https://old.example"}
    done = subprocess.run(
        [shell, "-c", script.format(f"{PROGRAM} env acme")],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    found = done.stdout.splitlines()
    assert "PIP_INDEX_URL=https://mirror.example/pypi/simple" in found
    assert "UV_DEFAULT_INDEX=https://mirror.example/pypi/simple" in found
    assert "CONDA_DEFAULT_CHANNELS=https://mirror.example/main,https://mirror.example/r" in found
    assert not any(line.startswith("CONDA_CHANNEL_ALIAS") for line in found)


def test_only_the_tools_that_were_named(acme: Sandbox) -> None:
    out = acme.run("env", "acme", "--tool", "pip", "--shell", "bash", code=0).out
    assert out == "export PIP_INDEX_URL='https://mirror.example/pypi/simple'\n"
    out = acme.run("env", "acme", "--tool", "pip", "--shell", "bash", "--unset", code=0).out
    assert out == "unset PIP_INDEX_URL\n"


def test_github_gets_lines_for_its_file(acme: Sandbox) -> None:
    done = acme.run(
        "env", "acme", "--shell", "github", environ={"CONDA_CHANNEL_ALIAS": "https://x.example"}, code=0
    )
    assert done.out.splitlines() == [
        "CONDA_DEFAULT_CHANNELS=https://mirror.example/main,https://mirror.example/r",
        "PIP_INDEX_URL=https://mirror.example/pypi/simple",
        "UV_DEFAULT_INDEX=https://mirror.example/pypi/simple",
    ]
    assert "note[not-unset]: github can't take variables away, and CONDA_CHANNEL_ALIAS must not" in done.err
    assert acme.run("env", "acme", "--shell", "github", "--unset", code=1).out == ""


def test_what_variables_cant_say_is_said_once(acme: Sandbox) -> None:
    acme.write(acme.condarc, "default_channels:\n  - https://dead.example/main\n")
    acme.write(acme.home / ".config/uv/uv.toml", "")
    answer = acme.json("env", "acme")
    found = {finding["code"]: finding["message"] for finding in answer["findings"]}
    assert found["not-by-variables"].startswith("conda's default-channels can't be all of")
    assert str(acme.condarc) in found["not-by-variables"]
    if any(os.access(f"/usr/bin/{name}", os.X_OK) for name in ("docker", "podman")):
        assert "no-variables" in found


def test_custom_channels_are_a_map_and_no_variable(box: Sandbox) -> None:
    box.profile("acme", '[conda]\ncustom-channels = { conda-forge = "https://mirror.example/cloud" }\n')
    box.write(box.condarc, "")
    done = box.run("env", "acme", "--shell", "bash", code=0)
    assert "conda's custom-channels can't be all of what acme says by variables." in done.err
    assert "hint: mirrorcfg use acme --tool conda" in done.err


def test_the_callers_bundle_is_named_not_taken_away(box: Sandbox) -> None:
    ca = box.home / "ca.pem"
    box.profile("acme", f'[tls]\nca-file = "{ca}"\n[pip]\nindex-url = "https://m.example/simple"\n')
    environ = {"REQUESTS_CA_BUNDLE": "/etc/corporate.pem"}
    done = box.run("env", "acme", "--tool", "pip", "--shell", "bash", environ=environ, code=0)
    assert "REQUESTS_CA_BUNDLE" not in done.out
    assert "pip's ca-file can't be all of what acme says by variables; see REQUESTS_CA_BUNDLE" in done.err


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (["env", "acme", "--shell", "tcsh"], 2, "error[unknown-shell]"),
        (["env", "acme", "--tool", "docker"], 2, "error[no-variables]"),
        (["env", "acme", "--tool", "podman"], 2, "error[no-variables]"),
        (["env", "nju", "--tool", "docker"], 1, "error[tool-not-in-profile]"),
        (["env", "nowhere"], 1, "error["),
    ],
)
def test_what_cant_be_is_an_error(argv: list[str], code: int, says: str, acme: Sandbox) -> None:
    done = acme.run(*argv, code=code)
    assert done.out == ""
    assert says in done.err
