"""What wins over a written setting is named, with what mends it, and the exit code is 3."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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


def test_the_other_sections_of_the_users_files_give_way_and_come_back(box: Sandbox) -> None:
    """In the file that is written, and in the old place's; undone byte for byte."""
    old = box.home / ".pip/pip.conf"
    before = {
        box.pip_conf: box.write(box.pip_conf, f"# a\r\n[install]\r\nindex_url : {OTHER}\r\n[list]\r\nx=1"),
        old: box.write(
            old, f"[global]\ntimeout=5\n[:env:]\npypi-url = {OTHER}\n[download]\nindex-url={OTHER}\n"
        ),
    }
    diff = box.run("diff", "tsinghua", "--tool", "pip").out
    assert str(old) in diff
    assert str(box.pip_conf) in diff
    answer = box.json("use", "tsinghua", "--tool", "pip")
    entry = answer["data"]["tools"]["pip"]
    assert [file["action"] for file in entry["files"]] == ["changed", "changed"]
    assert entry["effective"] == ["https://pypi.tuna.tsinghua.edu.cn/simple"]
    assert OTHER not in box.pip_conf.read_text() + old.read_text()
    assert [each["code"] for each in answer["findings"]] == ["not-verified"]
    assert box.json("use", "tsinghua", "--tool", "pip")["status"] == "unchanged"
    assert box.json("status", "--tool", "pip")["findings"] == []
    box.run("use", "nju", "--tool", "pip", code=0)
    box.run("restore", "0", code=0)
    assert {path: path.read_bytes() for path in before} == before


def test_another_section_of_the_file_that_was_written_is_a_drift(box: Sandbox) -> None:
    """Written into it since; what its owner has there for other things is none."""
    box.run("use", "tsinghua", "--tool", "pip", code=0)
    ours = box.pip_conf.read_bytes()
    box.write(
        box.pip_conf,
        ours + b"[install]\nprefer-binary = true\n[list]\nindex-url = https://b.example/simple\n",
    )
    box.run("status", "--tool", "pip", code=0)
    box.write(box.pip_conf, ours + b"[install]\nindex-url = https://other.example/simple\n")
    answer = box.json("status", "--tool", "pip", code=3)
    told = answer["data"]["tools"]["pip"]
    assert (told["effective"], told["drifted"]) == (["https://other.example/simple"], True)
    box.run(*answer["findings"][-1]["hint"].split()[1:], "--no-verify", code=0)
    box.run("status", "--tool", "pip", code=0)


def test_what_is_asked_beside_the_mirror_is_named(box: Sandbox) -> None:
    """pip asks all of them and takes the newest of any: the user's own extra index stays, and is told."""
    box.write(box.pip_conf, f"[install]\nextra-index-url = {OTHER}\n")
    [found, _] = box.json("use", "tsinghua", "--tool", "pip")["findings"]
    assert (found["code"], found["path"]) == ("asked-beside", str(box.pip_conf))
    assert OTHER in found["message"]
    listed = box.json("status", "--tool", "pip")["data"]["tools"]["pip"]["effective"]
    assert listed == ["https://pypi.tuna.tsinghua.edu.cn/simple", OTHER]


def test_where_nothing_is_asked_the_key_that_sees_to_it_is_named(box: Sandbox) -> None:
    box.write(box.pip_conf, "[install]\nno-index = yes\n")
    entry = use(box, "pip")
    assert entry["findings"][0]["hint"] == f"take no-index out of {box.pip_conf}"  # type: ignore[index]


def test_another_command_of_another_file_is_a_note(box: Sandbox) -> None:
    box.write(box.folder / "xdg/pip/pip.conf", f"[download]\nindex-url = {OTHER}\n")
    found = box.json("use", "tsinghua", "--tool", "pip")["findings"]
    assert "other-command" in [each["code"] for each in found]
    assert [each["code"] for each in box.json("status", "--tool", "pip")["findings"]] == ["other-command"]


@pytest.mark.parametrize(
    ("text", "variables", "place"),
    [
        ("[install]\nno-index = maybe\n", {}, "xdg/pip/pip.conf"),
        ("[global]\ntimeout = soon\n", {}, "xdg/pip/pip.conf"),
        ("[global]\nx = 1\nx = 2\n", {}, "xdg/pip/pip.conf"),
        ("", {"PIP_RETRIES": "many"}, "PIP_RETRIES"),
    ],
)
def test_where_pip_itself_stops_nothing_is_written(
    box: Sandbox, text: str, variables: dict[str, str], place: str
) -> None:
    box.write(box.folder / "xdg/pip/pip.conf", text)
    answer = box.json("use", "tsinghua", "--tool", "pip", environ=variables, code=1)
    assert answer["error"]["path"].endswith(place)
    assert not box.pip_conf.exists()
    [found] = box.json("status", "--tool", "pip", environ=variables, code=1)["findings"]
    assert place in found["path"]


def environment_in(box: Sandbox) -> Path:
    """A virtual environment with a program called pip."""
    venv = box.folder / "venv"
    box.write(venv / "pyvenv.cfg", "")
    box.write(venv / "bin/pip", f"#!{venv}/bin/python\n")
    (venv / "bin/python").symlink_to(sys.executable)
    box.environ["PATH"] = f"{venv}/bin:{box.environ['PATH']}"
    return venv


def test_an_environment_whose_pip_is_not_the_one_on_path(box: Sandbox) -> None:
    """pip itself doesn't look at VIRTUAL_ENV: what the file there says is not what is asked."""
    other = box.folder / "other"
    box.write(other / "pip.conf", f"[global]\nindex-url = {OTHER}\n")
    environ = {"VIRTUAL_ENV": str(other)}
    box.json("use", "tsinghua", "--tool", "pip", environ=environ)
    answer = box.json("use", "nju", "--tool", "pip", "--scope", "venv", environ=environ, code=3)
    assert answer["data"]["tools"]["pip"]["files"] == [{"path": str(other / "pip.conf"), "action": "changed"}]
    assert answer["data"]["tools"]["pip"]["shadowed_by"] == [str(box.pip_conf)]
    explained = box.run("status", "--explain", "--tool", "pip", environ=environ).out
    assert f"{other}/pip.conf: the pip on PATH is " in explained


def test_a_virtual_environment(box: Sandbox) -> None:
    venv = environment_in(box)
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
