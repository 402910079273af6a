"""Completion, at real shells: what is typed, what is on the screen then."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from mirrorcfg.cli.completion import SHELLS
from mirrorcfg.scripts import names as formats
from tests import parts, shells
from tests.cli.test_startup import NETWORK, imported
from tests.sandbox import Sandbox
from tests.scripts.test_formats import grammar

REAL = ["bash", "zsh", "fish"]


def offered(box: Sandbox, line: str) -> dict[str, str]:
    """The candidates for the end of a line, with what each is."""
    kind, *lines = box.run("complete", "--line", line, code=0).out.splitlines()
    assert kind == "words"
    return {value: told for value, _, told in (each.partition("\t") for each in lines)}


def files(home: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and ".cache" not in path.parts
    }


@pytest.mark.parametrize("name", REAL)
def test_a_shell_completes_what_is_typed(box: Sandbox, name: str) -> None:
    box.profile("mine", "")
    box.run("use", "nju", "--tool", "pip", code=0)
    (box.folder / "images").mkdir()
    with shells.started(name, box) as shell:
        shell.type("mirrorcfg use ts\t", "use tsinghua ")
        shell.type("mirrorcfg use min\t", "use mine ")
        shell.type("mirrorcfg use --with pip=nj\t", "--with pip=nju ")
        shell.type("mirrorcfg use --with=pip=nj\t", "--with=pip=nju ")
        shell.type("mirrorcfg use --scope v\t", "--scope venv ")
        shell.type("mirrorcfg env nju --shell dot\t", "--shell dotenv ")
        shell.type("mirrorcfg script nju --format cloud\t", "--format cloud-init ")
        shell.type("mirrorcfg help profile ad\t", "profile add ")
        shell.type("mirrorcfg config soft\t", "config soft-failures ")
        shell.type("mirrorcfg use --root im\t", "--root images/")
        if name == "bash":
            shell.type("mirrorcfg restore \t\t", r"\n0 +1")
        else:
            shell.type("mirrorcfg use \t", r"tsinghua +(?:tuna +)?(-- |\()Tsinghua University")
            shell.type("mirrorcfg restore \t", r"1 +(-- |\()\d{4}-\d\d-\d\d use nju")


@pytest.mark.parametrize("name", REAL)
def test_no_file_of_a_shells_is_changed(box: Sandbox, name: str) -> None:
    for rc in (".bashrc", ".bash_profile", ".zshrc", ".profile", ".config/fish/config.fish"):
        box.write(box.home / rc, "# mine\n")
    before = files(box.home)
    assert box.run("completion", name, code=0).out
    assert files(box.home) == before
    assert "error[usage]" in box.run("--install-completion", code=2).err


def test_descriptions_are_in_the_readers_language(box: Sandbox) -> None:
    done = box.run(
        "complete", "--line", "mirrorcfg use ts", environ={"MIRRORCFG_LANG": "zh_CN", "LC_ALL": "C.UTF-8"}
    )
    assert done.out == "words\ntsinghua\t清华大学 TUNA 镜像站\n"


def test_lists_go_on_behind_their_commas(box: Sandbox) -> None:
    assert "nju,tsinghua" in offered(box, "mirrorcfg failover --chain nju,ts")
    assert "nju,nju" not in offered(box, "mirrorcfg failover --chain nju,")
    assert set(offered(box, "mirrorcfg script nju --format ")) == set(formats())


@pytest.mark.parametrize(
    "line",
    [
        "mirrorcfg use ",
        "mirrorcfg restore ",
        "mirrorcfg nonsense ",
        "mirrorcfg --version us",
        "mirrorcfg 'us",
    ],
)
def test_nobody_who_types_is_told_of_errors(box: Sandbox, line: str) -> None:
    box.write(box.home / ".config/mirrorcfg/config.toml", "keep = none\n")
    box.write(box.folder / "state/head", "no head\n")
    box.profile("broken", "[pip]\nnonsense = 1\n")
    done = box.run("complete", "--line", line, code=0)
    assert done.err == ""
    assert "mirrorcfg 0" not in done.out
    assert "error" not in done.out


@pytest.mark.parametrize("line", ["mirrorcfg use t", "mirrorcfg restore ", "mirrorcfg verify --tool p"])
def test_nothing_is_asked_and_no_program_run(box: Sandbox, line: str) -> None:
    assert not imported(box, "complete", "--line", line) & {*NETWORK, "mirrorcfg.programs.talk"}


def test_other_commands_are_not_built_for_the_first_word(box: Sandbox) -> None:
    assert "mirrorcfg.host" not in imported(box, "complete", "--line", "mirrorcfg u")


def test_scripts_are_well_formed(box: Sandbox) -> None:
    subprocess.run(
        [parts.program("shellcheck"), "-s", "bash", "-"],
        input=box.run("completion", "bash").out,
        text=True,
        check=True,
    )
    tree = grammar().parse(box.run("completion", "powershell").out.encode())  # type: ignore[attr-defined]
    assert not tree.root_node.has_error
    assert set(re.findall(r"\w+", box.run("completion", "--help").out)) >= set(SHELLS)
