"""What wins over a written setting is named, with what mends it, and the exit code is 3."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.sandbox import Sandbox

OTHER = "https://other.example/simple"


def use(box: Sandbox, tool: str, environ: dict[str, str] | None = None) -> dict[str, object]:
    answer = box.json("use", "tsinghua", "--tool", tool, environ=environ, code=3)
    assert answer["status"] == "shadowed"
    entry: dict[str, object] = answer["data"]["tools"][tool]
    entry["findings"] = answer["findings"]
    return entry


@pytest.mark.parametrize(
    ("tool", "variable", "value"),
    [
        ("pip", "PIP_INDEX_URL", OTHER),
        ("pip", "PIP_NO_INDEX", "1"),
        ("conda", "CONDA_CHANNEL_ALIAS", "https://other.example"),
        ("conda", "CONDA_DEFAULT_CHANNELS", "https://other.example/main"),
    ],
)
def test_a_variable(box: Sandbox, tool: str, variable: str, value: str) -> None:
    entry = use(box, tool, {variable: value})
    assert entry["shadowed_by"] == [variable]
    assert entry["findings"][0]["hint"] == f"unset {variable}"  # type: ignore[index]
    status = box.json("status", "--tool", tool, environ={variable: value}, code=3)
    assert status["data"]["tools"][tool]["shadowed_by"] == [variable]


def test_a_system_files_install_section(box: Sandbox) -> None:
    system = box.folder / "xdg/pip/pip.conf"
    box.write(system, f"[install]\nindex-url = {OTHER}\n")
    assert use(box, "pip")["shadowed_by"] == [str(system)]


def test_our_own_files_install_section(box: Sandbox) -> None:
    box.write(box.pip_conf, f"[install]\nindex-url = {OTHER}\n")
    entry = use(box, "pip")
    assert entry["shadowed_by"] == [str(box.pip_conf)]
    assert "other sections" in entry["findings"][0]["hint"]  # type: ignore[index]


def test_a_virtual_environment(box: Sandbox) -> None:
    venv = box.folder / "venv"
    box.write(venv / "pip.conf", f"[global]\nindex-url = {OTHER}\n")
    environ = {"VIRTUAL_ENV": str(venv)}
    entry = use(box, "pip", environ)
    assert entry["shadowed_by"] == [str(venv / "pip.conf")]
    assert entry["findings"][0]["hint"] == "mirrorcfg use tsinghua --tool pip --scope venv"  # type: ignore[index]
    answer = box.json("use", "tsinghua", "--tool", "pip", "--scope", "venv", environ=environ)
    assert answer["data"]["tools"]["pip"]["files"] == [{"path": str(venv / "pip.conf"), "action": "changed"}]


@pytest.mark.parametrize("named", ["/dev/null", "named.conf"])
def test_pip_config_file(box: Sandbox, named: str) -> None:
    box.write(box.folder / "named.conf", "[global]\ntimeout = 5\n")
    assert use(box, "pip", {"PIP_CONFIG_FILE": named})["shadowed_by"] == ["PIP_CONFIG_FILE"]


def test_a_stronger_conda_file_and_one_that_adds_to_the_list(box: Sandbox) -> None:
    prefix = box.folder / "env"
    box.write(prefix / ".condarc", "default_channels:\n  - https://other.example/main\n")
    assert use(box, "conda", {"CONDA_PREFIX": str(prefix)})["shadowed_by"] == [str(prefix / ".condarc")]


def test_a_key_that_a_weaker_file_marks_final(box: Sandbox) -> None:
    weaker = box.home / ".conda/.condarc"
    box.write(weaker, "default_channels:  #!final\n  - https://other.example/main\n")
    assert use(box, "conda")["shadowed_by"] == [str(weaker)]


def test_official_over_a_weaker_mirror_writes_pips_own_default(box: Sandbox) -> None:
    box.write(box.folder / "xdg/pip/pip.conf", f"[global]\nindex-url = {OTHER}\n")
    box.run("use", "official", "--tool", "pip", code=0)
    script = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    default = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert box.pip_conf.read_text() == f"[global]\nindex-url = {default.strip()}\n"
    assert box.json("use", "official", "--tool", "pip")["status"] == "unchanged"


def test_official_over_a_list_that_another_file_holds_says_which(box: Sandbox) -> None:
    weaker = box.home / ".conda/.condarc"
    box.write(weaker, "default_channels:\n  - https://other.example/main\n")
    answer = box.json("use", "official", "--tool", "conda", code=3)
    assert answer["data"]["tools"]["conda"]["shadowed_by"] == [str(weaker)]


def test_drift_is_told_from_an_edit_that_is_none_of_our_business(box: Sandbox) -> None:
    box.run("use", "tsinghua", "--tool", "pip", code=0)
    box.pip_conf.write_text(box.pip_conf.read_text() + "# mine\n")
    assert box.json("status", "--tool", "pip")["data"]["tools"]["pip"]["drifted"] is False
    box.pip_conf.write_text(f"[global]\nindex-url = {OTHER}\n")
    answer = box.json("status", "--tool", "pip", code=3)
    assert answer["data"]["tools"]["pip"]["drifted"] is True
    assert answer["findings"][0]["hint"] == "mirrorcfg use tsinghua --tool pip"
