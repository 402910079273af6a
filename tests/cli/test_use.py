"""`use`, `diff`, `undo` and `restore` as a user runs them."""

from __future__ import annotations

import os

import pytest

from tests.sandbox import Sandbox

PIP_CONF = "# ours\r\n[global]\r\ntimeout = 60\r\nindex-url =  https://old.example/simple   \r\n"
CONDARC = "channels:\n  - conda-forge  # first\n  - defaults"
DAEMON = '{\n    "log-opts": {"tag": "{{.Name}}"},\n    "runtimes": {"nvidia": {"path": "nvidia"}}\n}\n'
TUNA = "https://pypi.tuna.tsinghua.edu.cn/simple"
BOTH = ("--tool", "pip", "--tool", "conda")


@pytest.fixture
def filled(box: Sandbox) -> Sandbox:
    box.write(box.pip_conf, PIP_CONF)
    box.write(box.condarc, CONDARC)
    for path in (box.pip_conf, box.condarc):
        box.write(
            box.root / {"pip.conf": "etc/pip.conf", ".condarc": "etc/conda/.condarc"}[path.name],
            path.read_bytes(),
        )
    box.write(box.daemon_json, DAEMON)
    return box


def snapshot(box: Sandbox) -> dict[str, tuple[bytes, int, int]]:
    """Bytes, inode and modification time of every file in the home and below the root's /etc."""
    return {
        str(path): (path.read_bytes(), path.stat().st_ino, path.stat().st_mtime_ns)
        for top in (box.home, box.root / "etc")
        for path in sorted(top.rglob("*"))
        if path.is_file()
    }


def test_a_switch_and_the_way_back(filled: Sandbox) -> None:
    answer = filled.json("use", "tsinghua", *BOTH)
    assert answer["status"] == "ok"
    assert answer["data"]["generation"] == 1
    pip = answer["data"]["tools"]["pip"]
    assert pip == {
        "profile": "tsinghua",
        "files": [{"path": str(filled.pip_conf), "action": "changed"}],
        "effective": [TUNA],
        "shadowed_by": [],
    }
    assert filled.pip_conf.read_bytes().decode() == PIP_CONF.replace("https://old.example/simple", TUNA)
    assert filled.condarc.read_text().startswith(CONDARC)
    undone = filled.json("undo")
    assert undone["data"]["generation"] == 2
    assert filled.pip_conf.read_bytes().decode() == PIP_CONF
    assert filled.condarc.read_text() == CONDARC


def test_three_tools_at_once_under_a_root(filled: Sandbox) -> None:
    before = snapshot(filled)
    answer = filled.json("use", "china", "--root", str(filled.root))
    actions = {tool: entry["files"][0]["action"] for tool, entry in answer["data"]["tools"].items()}
    assert actions == {"pip": "changed", "conda": "changed", "docker": "changed"}
    assert answer["data"]["tools"]["docker"]["effective"] == ["https://docker.m.daocloud.io"]
    assert {path for path, content in snapshot(filled).items() if content != before[path]} == {
        str(filled.root / name) for name in ("etc/pip.conf", "etc/conda/.condarc", "etc/docker/daemon.json")
    }
    filled.run("undo", "--root", str(filled.root), code=0)
    assert {path: content[0] for path, content in snapshot(filled).items()} == {
        path: content[0] for path, content in before.items()
    }


def test_twice_is_unchanged_and_touches_nothing(filled: Sandbox) -> None:
    filled.run("use", "tsinghua", *BOTH, code=0)
    before = snapshot(filled)
    answer = filled.json("use", "tsinghua", *BOTH)
    assert answer["status"] == "unchanged"
    assert answer["data"]["generation"] is None
    assert {file["action"] for entry in answer["data"]["tools"].values() for file in entry["files"]} == {
        "unchanged"
    }
    assert snapshot(filled) == before
    assert len(filled.json("history")["data"]["generations"]) == 1


def test_a_dry_run_writes_nothing_at_all(filled: Sandbox) -> None:
    before = snapshot(filled)
    answer = filled.json("use", "tsinghua", "--dry-run", *BOTH)
    assert answer["data"]["generation"] is None
    assert answer["data"]["tools"]["pip"]["files"][0]["action"] == "changed"
    assert snapshot(filled) == before
    assert not (filled.folder / "state").exists()


def test_diff_shows_the_lines_and_writes_nothing(filled: Sandbox) -> None:
    before = snapshot(filled)
    out = filled.run("diff", "tsinghua", *BOTH, code=0).out
    assert "-index-url =  https://old.example/simple" in out
    assert f"+index-url =  {TUNA}" in out
    assert snapshot(filled) == before


def test_missing_files_are_made_and_taken_away_again(box: Sandbox) -> None:
    answer = box.json("use", "tsinghua", *BOTH)
    assert [entry["files"][0]["action"] for entry in answer["data"]["tools"].values()] == [
        "created",
        "created",
    ]
    assert box.pip_conf.stat().st_mode & 0o777 == 0o666 & ~_umask()
    box.run("undo", code=0)
    assert not box.pip_conf.exists()
    assert not box.condarc.exists()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_an_edit_made_since_survives_undo_and_undo_of_that(filled: Sandbox) -> None:
    filled.run("use", "tsinghua", *BOTH, code=0)
    edited = filled.pip_conf.read_bytes().replace(b"timeout = 60", b"timeout = 90") + b"# by hand\r\n"
    filled.pip_conf.write_bytes(edited)
    answer = filled.json("undo")
    assert [finding["code"] for finding in answer["findings"]] == ["edits-kept"]
    expected = PIP_CONF.replace("timeout = 60", "timeout = 90") + "# by hand\r\n"
    assert filled.pip_conf.read_bytes().decode() == expected
    assert filled.condarc.read_text() == CONDARC
    filled.run("undo", code=0)
    assert filled.pip_conf.read_bytes() == edited


def test_an_edit_between_two_switches_survives_a_restore_of_the_first(filled: Sandbox) -> None:
    filled.run("use", "tsinghua", *BOTH, code=0)
    filled.pip_conf.write_bytes(filled.pip_conf.read_bytes() + b"# by hand\r\n")
    filled.run("use", "nju", *BOTH, code=0)
    filled.run("restore", "1", code=0)
    assert TUNA in filled.pip_conf.read_text()
    assert filled.pip_conf.read_bytes().endswith(b"# by hand\r\n")
    filled.run("restore", "0", code=0)
    assert filled.pip_conf.read_bytes().decode() == PIP_CONF + "# by hand\r\n"


def test_restore_to_any_generation(filled: Sandbox) -> None:
    states = [snapshot(filled)]
    for profile in ("tsinghua", "nju", "sjtu"):
        filled.run("use", profile, *BOTH, code=0)
        states.append(snapshot(filled))
    for number in (2, 0, 3, 1):
        filled.run("restore", str(number), code=0)
        now = {path: content[0] for path, content in snapshot(filled).items()}
        assert now == {path: content[0] for path, content in states[number].items()}
    generations = filled.json("history")["data"]["generations"]
    assert [entry["number"] for entry in generations] == [7, 6, 5, 4, 3, 2, 1]
    assert generations[0]["reason"] == "restore 1"


def test_a_tool_from_another_profile(filled: Sandbox) -> None:
    answer = filled.json("use", "tsinghua", "--tool", "pip", "--with", "conda=nju")
    tools = answer["data"]["tools"]
    assert {tool: entry["profile"] for tool, entry in tools.items()} == {"pip": "tsinghua", "conda": "nju"}
    assert filled.json("status", "--tool", "conda")["data"]["tools"]["conda"]["profile"] == "nju"


def test_a_named_tool_must_succeed_or_nothing_changes(filled: Sandbox) -> None:
    before = snapshot(filled)
    answer = filled.json(
        "use", "tsinghua", "--root", str(filled.root), "--tool", "pip", "--tool", "docker", code=1
    )
    assert answer["error"]["code"] == "unavailable"
    assert "--with docker=" in answer["error"]["hint"]
    assert snapshot(filled) == before


def test_an_unavailable_tool_that_nobody_named_is_left_and_said(filled: Sandbox) -> None:
    answer = filled.json("use", "tsinghua", "--root", str(filled.root))
    assert answer["status"] == "ok"
    assert [(finding["code"], finding["tool"]) for finding in answer["findings"]] == [
        ("unavailable", "docker"),
        ("not-verified", None),
    ]
    assert filled.daemon_json.read_text() == DAEMON


def test_one_bad_file_keeps_all_from_changing(filled: Sandbox) -> None:
    filled.write(filled.condarc, "channels: [a\n")
    before = snapshot(filled)
    done = filled.run("use", "tsinghua", *BOTH, code=1)
    assert f"{filled.condarc}:" in done.err
    assert snapshot(filled) == before


def test_a_profile_whose_name_alone_is_new_makes_a_generation(filled: Sandbox) -> None:
    filled.run("use", "tsinghua", *BOTH, code=0)
    before = snapshot(filled)
    answer = filled.json("use", "china", *BOTH)
    assert answer["data"]["generation"] == 2
    assert snapshot(filled) == before
    assert filled.json("status", *BOTH)["data"]["tools"]["pip"]["profile"] == "china"


def test_the_last_words_are_the_way_back(filled: Sandbox) -> None:
    assert "mirrorcfg undo" in filled.run("use", "tsinghua", *BOTH, code=0).err
    done = filled.run("use", "china", "--root", str(filled.root), code=0)
    assert f"mirrorcfg undo --root {filled.root}" in done.err
