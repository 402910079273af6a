"""Each module of the collection on this machine, over a system under a directory."""

from __future__ import annotations

import json
from pathlib import Path

from tests.fleet.engine import Engine
from tests.sandbox import PROGRAM, Sandbox

PLAYBOOK = Path(__file__).with_name("local.yml")


def test_one_of_each(box: Sandbox, local: Engine) -> None:
    own = box.write(box.root / "etc/pip.conf", "# mine\n[global]\ntimeout = 7\n")
    path = box.folder / "answers.json"
    played = local.play(PLAYBOOK, root=str(box.root), program=PROGRAM, answers=str(path))
    assert path.exists(), played.said
    answers = json.loads(path.read_text())

    changed = {name: answer["changed"] for name, answer in answers.items() if name != "facts"}
    failed = {name for name, answer in answers.items() if answer.get("failed")}
    assert [name for name in changed if changed[name]] == [
        "check", "use", "undo_check", "undo", "shadowed", "not_yet",
    ]  # fmt: skip
    assert failed == {"undo_nothing", "unknown", "shadowed", "absent"}

    files = [
        [file["action"] for file in answers[name]["tools"]["conda"]["files"]]
        for name in ("check", "use", "again")
    ]
    assert files == [["created"], ["created"], ["unchanged"]]
    assert answers["use"]["generation"] == 1
    assert answers["facts"]["tools"]["pip"]["profile"] == "tsinghua"
    assert answers["facts"]["tools"]["pip"]["effective"] == ["https://pypi.tuna.tsinghua.edu.cn/simple"]
    assert (box.root / "etc/pip.conf").read_bytes() == own

    assert "'--version'" in answers["unknown"]["msg"]
    assert "PIP_INDEX_URL" in answers["shadowed"]["msg"]
    assert "mirrorcfg.sources.onboard" in answers["absent"]["msg"]
