"""A tool is one file: one that nobody has heard of does all that the others do, and nothing else names any."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mirrorcfg import writers
from tests import sandbox
from tests.sandbox import Sandbox
from tests.verifier.lab import Answer, Authority, Server
from tests.verifier.sources import index

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "mirrorcfg"


@pytest.fixture
def mirrors(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Server]]:
    """Two of them, a profile for each, and the program with fetchr in it."""
    program = box.write(
        tmp_path / "bin/mirrorcfg",
        f"#!{sys.executable}\n"
        + (REPOSITORY / "tests/madeup/program.py")
        .read_text()
        .replace("Path(__file__).parent", f'Path("{REPOSITORY}/tests/madeup")'),
    )
    assert program
    (tmp_path / "bin/mirrorcfg").chmod(0o755)
    monkeypatch.setattr(sandbox, "PROGRAM", str(tmp_path / "bin/mirrorcfg"))
    authority = Authority(tmp_path)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(Server(authority.context(), index())) for name in ("one", "two")}
        box.environ["SSL_CERT_FILE"] = str(authority.file)
        for name, server in servers.items():
            box.profile(name, f'failover = ["two"]\n[fetchr]\nindex-url = "{server.url}/simple"\n')
        yield servers


def test_it_does_all_that_the_others_do(box: Sandbox, mirrors: dict[str, Server]) -> None:
    one, two = (f"{server.url}/simple" for server in mirrors.values())
    file = box.home / ".fetchr.json"
    before = box.write(file, '{"jobs": 4}\n')

    used = box.json("use", "one", "--yes", "--verify")
    assert used["data"]["tools"]["fetchr"]["effective"] == [one]
    assert json.loads(file.read_text()) == {"jobs": 4, "index": one}
    assert {each.headers["user-agent"] for each in mirrors["one"].seen} == {"fetchr/1.0"}

    status = box.json("status")["data"]["tools"]["fetchr"]
    assert (status["profile"], status["effective"], status["layer"]) == ("one", [one], str(file))
    [verdict] = box.json("verify", "--tool", "fetchr")["data"]["sources"]
    assert (verdict["code"], verdict["level"]) == ("ok", 3)

    mirrors["one"].routes = {"*": Answer(403)}
    moved = box.json("failover", "--timeout", "5")["data"]["tools"]["fetchr"]
    assert (moved["action"], moved["from"], moved["to"]) == ("switch", "one", "two")
    assert json.loads(file.read_text())["index"] == two

    lines = box.json("env", "two")["data"]["lines"]
    assert any("FETCHR_INDEX" in line and two in line for line in lines)
    ran = box.run("run", "--chain", "one,two", "--tool", "fetchr", "--", "printenv", "FETCHR_INDEX", code=0)
    assert ran.out.strip() == two

    form = ("--format", "sh", "--style", "standalone", "--tool", "fetchr", "--scope", "system")
    script, image = box.folder / "onboard.sh", box.folder / "image"
    (image / "etc").mkdir(parents=True)
    script.write_text(box.run("script", "two", *form, code=0).out)
    subprocess.run(["sh", script, "--root", image], env={"PATH": "/usr/bin:/bin"}, check=True)
    assert json.loads((image / "etc/.fetchr.json").read_text()) == {"index": two}

    box.run("undo", "--yes", code=0)
    assert json.loads(file.read_text())["index"] == one
    box.run("restore", "0", "--yes", code=0)
    assert file.read_bytes() == before


REASONS = {
    "activation": "docker's daemon is the one program that has to be told of its file",
    "host/activate.py": "the same: what calls it",
    "demo": "a story of pip and conda, with the real pip in it",
    "formats/ini.py": "the grammar is pip's, and the sentence says who can't read a file",
    "formats/yaml_tree.py": "the same of conda",
    "formats/budget.py": "the same of conda",
    "host/__init__.py": "where an image keeps its programs, and whose client says which engine is asked",
    "ops/script.py": "mirrorcfg itself is fetched by pip",
    "ops/uninstall.py": "mirrorcfg itself goes by what put it there",
    "ops/watching/service.py": "the folder that systemd has to leave open to us, as it knows no tool",
    "profiles/nickname.py": "an address alone is that of an index, which is pip's and what follows it",
    "redact/address.py": "an address of a channel has its token in a place of its own",
    "verifier/codes.py": "what a person types to log in or to fill an archive, and a channel's full name",
    "verifier/index.py": "pip is a project that every index has",
    "verifier/repodata.py": "how a package's name ends",
}
"""Where else in mirrorcfg a tool is named, and why."""


def test_no_other_module_names_a_tool() -> None:
    word = re.compile(rf"(?<![\w.-])({'|'.join(writers.names())})(?![\w.-])")
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = str(path.relative_to(PACKAGE))
        reason = next((each for each in REASONS if name == each or name.startswith(f"{each}/")), name)
        if not name.startswith("writers/") and (hits := {text for text in _said(path) if word.search(text)}):
            found.setdefault(reason, set()).update(hits)
    assert not {name: hits for name, hits in found.items() if name not in REASONS}
    assert set(REASONS) == set(found), "a reason without a case"


def _said(path: Path) -> Iterator[str]:
    """Every string that isn't documentation, and every word of every name."""
    tree = ast.parse(path.read_text())
    bodies = [body for owner in ast.walk(tree) if isinstance(body := getattr(owner, "body", None), list)]
    documentation = {id(node.value) for body in bodies for node in body if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value
        for attribute in ("id", "name", "attr", "arg"):
            if isinstance(text := getattr(node, attribute, None), str):
                yield from text.lower().split("_")
