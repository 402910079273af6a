"""Each command of the program under zh_CN.UTF-8, well and badly ended, and its help: nothing is said in English.

The commands are those of the program's own tree, so one that is new fails here until it has a case.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mirrorcfg import writers
from tests import chinese
from tests.cli.test_tree import ERRORS, TREE
from tests.sandbox import Sandbox
from tests.sentences import catalog
from tests.verifier.lab import Answer, Authority, Server
from tests.verifier.sources import index

ZH = {"LC_ALL": "zh_CN.UTF-8"}
# Where stdout is for a machine, or the text of a file.
MACHINES = {"completion", "config path", "env", "image", "profile show", "script", "watch"}
# What `run` begins says what it likes.
CASES: dict[str, str] = {
    "completion": "completion zsh",
    "config": "config",
    "config edit": "config edit --yes",
    "config path": "config path",
    "config set": "config set timeout 5",
    "config unset": "config set hold 5; config unset hold",
    "demo": "demo",
    "diff": "diff harbor --set host=harbor.invalid",
    "env": "env good",
    "failover": "use bad --no-verify; failover --chain bad,good --dry-run; failover --chain bad,good; failover",
    "help": "help profile add",
    "history": "history; use bad; undo; use bad; failover --chain bad,good; history",
    "image": "image python:3.12 --profile hub --candidates",
    "ls": "use good; ls; ls --tool docker",
    "profile add": "profile add ./acme.toml; profile add ./acme.toml",
    "profile check": "profile check good; profile check harbor",
    "profile edit": "profile edit good",
    "profile new": "profile new mine --from harbor --set host=harbor.invalid; profile new other",
    "profile remove": "profile add ./acme.toml; profile remove acme",
    "profile show": "profile show good",
    "profile update": "profile update; profile add ./acme.toml; profile update",
    "pull": "pull localhost:{port}/six --profile hub",
    "recover": "recover",
    "restore": "use good; use bad; restore 1 --dry-run; restore 1; restore 0",
    "run": "run --chain bad,good -- true",
    "script": "script good --format sh; script tsinghua --format sh",
    "status": "status; use good; status -v; status --explain; config set timeout 5",
    "undo": "use good; undo --dry-run; undo",
    "uninstall": "use good; uninstall --dry-run --yes; uninstall --yes",
    "use": "use good --dry-run; use good --verify; use good; use --tool pip good",
    "verify": "verify; verify good bad --tool pip; verify good bad --all; verify --level 1 good",
    "watch": "watch --install --dry-run; watch --uninstall --dry-run",
}
# What others say in the demo: its home's files, and pip.
OTHERS = re.compile(
    r"Settings of the data team|wheels only on|keep this on top|^title = |^(Looking|Collecting|Installing|Successfully) "
    r"|^ +(Downloading|Obtaining) "
)
TOOLS = "|".join(writers.names())
KEYS = {"hold"}  # of config.toml
WORDS = {str(message.id) for message in catalog() if message.id and message.id != message.string} - KEYS


# The short sentences with facts in them, which the rule for long ones doesn't see.
SHORT = re.compile(
    "|".join(
        re.sub(r"\\\\?\{.*?\}", ".+", re.escape(word))
        for word in sorted(WORDS)
        if "{" in word and 1 <= len(re.findall(r"[a-z]{2,}", re.sub(r"\{.*?\}", "", word))) <= 2
    )
)


class World(NamedTuple):
    """Two servers on this machine: one that has packages, one that is closed."""

    good: int
    bad: int
    ca: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    authority = Authority(tmp_path_factory.mktemp("ca"))
    with (
        Server(authority.context(), index()) as good,
        Server(authority.context(), {"*": Answer(403)}) as bad,
    ):
        yield World(good.port, bad.port, authority.file)


@pytest.fixture
def there(box: Sandbox, world: World) -> Sandbox:
    """With profiles, and a docker that does all that it is told."""
    pip = f'[tls]\nca-file = "{world.ca}"\n[pip]\nindex-url = "https://localhost:{{}}/simple"\n'
    box.profile("good", pip.format(world.good))
    box.profile("bad", pip.format(world.bad))
    box.profile("hub", f'[docker]\nregistry-mirrors = ["https://localhost:{world.good}"]\n')
    box.write(
        box.folder / "acme.toml",
        'schema = 1\nname = "acme"\ntitle = { en = "Acme" }\n[pip]\ndefault = true\n',
    )
    docker = box.folder / "bin/docker"
    box.write(docker, """#!/bin/sh\necho '["x@sha256:0"]'\n""")
    docker.chmod(0o755)
    box.environ |= {
        "PATH": f"{docker.parent}:{box.environ['PATH']}",
        "EDITOR": "true",
        "NO_PROXY": "localhost",
        "DOCKER_HOST": "unix:///nowhere",
    }
    return box


def english(text: str) -> list[str]:
    """The lines that say something in English, if only one word of ours in a column of its own."""
    text = re.sub(rf"({TOOLS})( ({TOOLS}))+", "", text)
    cells = [
        line
        for line in text.splitlines()
        if any(
            cell.strip(" :") in WORDS or SHORT.fullmatch(cell) for cell in re.split(r" {2,}|: ", line.strip())
        )
    ]
    return [line for line in [*chinese.english(text), *cells] if not OTHERS.search(line)]


def test_every_command_is_here() -> None:
    assert sorted(CASES) == [" ".join(path) for path in TREE]


@pytest.mark.parametrize("path", TREE, ids=" ".join)
def test_what_it_says_is_chinese(there: Sandbox, world: World, path: tuple[str, ...]) -> None:
    name = " ".join(path)
    for line in CASES[name].format(port=world.good).split("; "):
        done = there.run(*shlex.split(line), environ=ZH)
        assert done.code in (0, 3), (line, done.out, done.err)
        assert english(done.err) == [], line
        if name not in MACHINES:
            assert english(done.out) == [], line
    words, code, _ = ERRORS[name] or ("--nosuch", 2, "usage")
    done = there.run(*path, *shlex.split(words), environ=ZH)
    assert done.code in (code, 0) or name == "restore"  # of which there are four generations by now
    assert english(done.out + done.err) == []


HELP = """
import os, sys
from mirrorcfg.cli.app import main
for line in sys.argv[1:]:
    print(f"\\n$ {line}", flush=True)
    child = os.fork()
    if not child:
        main(line.split())
    assert os.waitpid(child, 0)[1] == 0, line
"""


def test_the_help_of_all_of_them_is_chinese(box: Sandbox) -> None:
    lines = [f"{' '.join(path)} --help" for path in [(), ("profile",), *TREE]]
    done = subprocess.run(
        [sys.executable, "-c", HELP, *lines],
        env=box.environ | ZH,
        capture_output=True,
        text=True,
        check=True,
    )
    pages = done.stdout.split("\n$ ")[1:]
    assert len(pages) == len(lines)
    assert [page for page in pages if not re.search("^用法：mirrorcfg", page, re.MULTILINE)] == []
    assert chinese.english(done.stdout + done.stderr) == []


def test_the_language_is_asked_for_by_a_variable_of_its_own_too(there: Sandbox) -> None:
    for line in ("ls", "use good --dry-run", "status --explain --tool pip", "use nosuch"):
        by_locale = there.run(*line.split(), environ=ZH)
        by_name = there.run(*line.split(), environ={"MIRRORCFG_LANG": "zh", "LC_ALL": "C.UTF-8"})
        assert (by_name.out, by_name.err) == (by_locale.out, by_locale.err)
        assert re.search("[一-龥]", by_name.out + by_name.err)


@pytest.mark.parametrize(
    "line", ["ls", "status --explain", "use tsinghua --tool docker", "profile show harbor", "use good"]
)
def test_json_is_english(there: Sandbox, line: str) -> None:
    answer = there.run(*line.split(), "--json", environ=ZH).json
    assert not re.search("[一-龥]", json.dumps(_without(answer), ensure_ascii=False))


def _without(data: Any) -> Any:
    """Without what is there in every language, and the text of a file."""
    if isinstance(data, dict):
        return {key: _without(value) for key, value in data.items() if key not in ("titles", "text")}
    return [_without(each) for each in data] if isinstance(data, list) else data


def test_a_profile_says_why_in_the_reader_s_language(there: Sandbox) -> None:
    both = '[docker]\nunavailable = { en = "Ask Li.", zh = "请问小李。" }\n'
    there.profile("both", both)
    there.profile("child", 'extends = "both"\n')
    there.profile("one", '[docker]\nunavailable = "Ask Li."\n')
    for name, environ, said in (
        ("both", ZH, "both 没有 docker 的源：请问小李。"),
        ("child", ZH, "child 没有 docker 的源：请问小李。"),
        ("one", ZH, "one 没有 docker 的源：Ask Li."),
        ("both", {}, "both has no source for docker: Ask Li."),
        ("tsinghua", ZH, "tsinghua 没有 docker 的源：自 2024 年 6 月起，高校镜像源都不再提供 Docker Hub。"),
    ):
        done = there.run("use", name, "--tool", "docker", environ=environ, code=1)
        assert done.err.splitlines()[0] == f"error[unavailable]: {said}"
    data = there.json("profile", "show", "child", environ=ZH)["data"]
    assert data["offers"]["docker"]["unavailable"] == "Ask Li."
