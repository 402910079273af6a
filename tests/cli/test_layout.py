"""A file that a program laid out anew, with the same content, is as mirrorcfg left it: `status`, `use`, `undo` agree."""

from __future__ import annotations

import configparser
import io
import json
import tomllib
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from tests.sandbox import Sandbox

ONE, TWO = "https://one.example", "https://two.example"
PROFILE = """
[pip]
index-url = "{0}/simple"
find-links = ["{0}/a", "{0}/b"]
[uv]
index-url = "{0}/simple"
[conda]
default-channels = ["{0}/main", "{0}/r"]
custom-channels = {{ pytorch = "{0}/cloud" }}
[docker]
registry-mirrors = ["{0}", "{0}:5000"]
[podman]
registry-mirrors = ["{0}", "{0}:5000"]
[containerd]
registry-mirrors = ["{0}", "{0}:5000"]
"""


def _ini(text: str) -> str:
    found = configparser.RawConfigParser()
    found.read_string(text)
    out = io.StringIO()
    found.write(out, space_around_delimiters=False)
    return out.getvalue()


def _yaml(text: str) -> str:
    yaml = YAML(typ="safe")
    yaml.default_flow_style = True
    out = io.StringIO()
    yaml.dump(yaml.load(text), out)
    return out.getvalue()


def _json(text: str) -> str:
    """As nvidia-ctk does it."""
    return json.dumps(json.loads(text), indent=4, sort_keys=True)


def _toml(text: str) -> str:
    """Each value in a table of its own line, what is a list of tables as tables in line."""

    def said(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(k)} = {said(v)}" for k, v in value.items()) + "}"
        if isinstance(value, list):
            return "[ " + ", ".join(map(said, value)) + " ]"
        return json.dumps(value)

    return "".join(f"{key}={said(value)}\n" for key, value in tomllib.loads(text).items())


def _hosts(text: str) -> str:
    """Another order and other quotes within each table; it has to stay a table."""
    lines: list[str] = []
    for name, host in tomllib.loads(text)["host"].items():
        lines += [f"[host.'{name}']", *(f"  {key}={json.dumps(host[key])}" for key in reversed(host)), ""]
    return "\n".join(lines)


class Case(NamedTuple):
    """A tool's file in an image, what the user had in it, and another layout of it."""

    path: str
    text: str
    anew: Callable[[str], str]


CASES = {
    "pip": Case("etc/pip.conf", "[global]\ntimeout = 5\n", _ini),
    "uv": Case("etc/uv/uv.toml", "offline   =   false\n", _toml),
    "conda": Case("etc/conda/.condarc", "ssl_verify: true\n", _yaml),
    "docker": Case("etc/docker/daemon.json", '{"debug": true,\n "bip": "10.0.0.1/24"}\n', _json),
    "podman": Case("etc/containers/registries.conf.d/50-mirrorcfg.conf", "", _toml),
    "containerd": Case("etc/containerd/certs.d/docker.io/hosts.toml", "", _hosts),
}


@pytest.mark.parametrize("tool", CASES)
def test_a_new_layout_is_no_drift_and_another_value_is(box: Sandbox, tool: str) -> None:
    case = CASES[tool]
    file = box.root / case.path
    where = ("--root", str(box.root))
    for name, url in (("one", ONE), ("two", TWO)):
        box.profile(name, PROFILE.format(url))
    if case.text:
        box.write(file, case.text)

    def drifted() -> bool:
        found = box.run("status", "--tool", tool, *where, "--json").data["tools"][tool]["drifted"]
        assert isinstance(found, bool)
        return found

    box.run("use", "one", "--tool", tool, *where, "--yes", code=0)
    written = file.read_text()
    anew = case.anew(written)
    assert anew != written
    file.write_text(anew)
    assert not drifted()
    assert box.json("use", "one", "--tool", tool, *where, "--yes")["status"] == "unchanged"
    assert file.read_text() == anew

    file.write_text(anew.replace("one.example", "mine.example"))
    assert drifted()
    file.write_text(anew)

    box.run("use", "two", "--tool", tool, *where, "--yes", code=0)
    assert ONE not in file.read_text()
    file.write_text(case.anew(file.read_text()))
    assert not drifted()
    box.run("restore", "0", *where, "--yes", code=0)
    left = file.read_text() if file.exists() else ""
    assert "example" not in left
    assert not drifted()


def test_what_a_profile_set_goes_with_it_however_it_is_laid_out(box: Sandbox) -> None:
    """The next one doesn't speak of find-links; pip itself has written the file anew meanwhile."""
    box.profile("one", PROFILE.format(ONE))
    box.profile("two", f'[pip]\nindex-url = "{TWO}/simple"\n')
    box.run("use", "one", "--tool", "pip", "--yes", code=0)
    box.pip_conf.write_text(_ini(box.pip_conf.read_text()))
    box.run("use", "two", "--tool", "pip", "--yes", code=0)
    assert "find-links" not in box.pip_conf.read_text()
