"""`--help`, `help` and the manual: what they say is so, fits a terminal, and is the same in all three."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from mirrorcfg import trace
from mirrorcfg.cli import screen
from mirrorcfg.cli.app import program
from mirrorcfg.cli.help import drawn
from mirrorcfg.cli.page import Page
from mirrorcfg.cli.wrap import width, wrapped
from tests import manual, parts
from tests.cli.test_startup import imported
from tests.sandbox import Sandbox

PAGES = [page for _, found in manual.pages() for page in found]
CHECKOUT = Path(__file__).parents[2]


def lines(page: Page) -> list[str]:
    return [line for paragraph in page.paragraphs for line in paragraph.lines]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_whole_and_fits(page: Page) -> None:
    assert page.paragraphs[0].told.endswith(".")
    assert lines(page), "an example is missing"
    for text in (
        drawn(page, str, 79),
        drawn(page, lambda text: "镜像源，配置方案。" * (len(text) // 9 + 1), 79),
    ):
        pasted = {f"  {line}" for line in lines(page)}
        assert not [line for line in text.split("\n") if width(line) > 79 and line not in pasted]
        assert not [line for line in text.split("\n") if line.lstrip().startswith(("，", "。"))]
    assert not [entry for section in page.sections for entry in section.entries if not entry.told.strip()]
    named = re.findall(r"docs/[\w-]+\.md", " ".join(page.texts()))
    assert not [name for name in named if not (CHECKOUT / name).is_file()]


def test_every_example_is_a_command_line_that_there_is() -> None:
    tried = 0
    for line in (line for page in PAGES for line in lines(page)):
        for found in re.findall(r"(?:^|[(])mirrorcfg ([^)|>]*)", line):
            context(shlex.split(found))
            tried += 1
    assert tried > 30


def context(words: list[str]) -> Any:
    """What typer makes of a command line, to the last word; raises where it can't be."""
    command: Any = typer.main.get_command(program())
    made = command.make_context("mirrorcfg", words)
    while hasattr(made.command, "resolve_command"):
        name, command, rest = made.command.resolve_command(made, [*made._protected_args, *made.args])
        made = command.make_context(name, rest, parent=made)
    return made


def test_help_of_a_command_is_its_help(box: Sandbox) -> None:
    top = box.run("--help", code=0).out
    assert box.run("help", code=0).out == top == box.run("-h", code=0).out
    assert box.run("help", "use", code=0).out == box.run("use", "--help", code=0).out
    assert box.run("help", "profile", "add", code=0).out == box.run("profile", "add", "--help", code=0).out
    assert "Did you mean 'use'?" in box.run("help", "usee", code=2).err
    assert box.run("-V", code=0).out == box.run("--version", code=0).out
    assert box.json("help", "use")["data"]["name"] == "mirrorcfg use"
    for heading in (
        "Switch, and take it back:",
        "Look:",
        "Keep working when a mirror is down:",
        "This program:",
    ):
        assert heading in top
    assert "\n  complete " not in top


def test_it_is_in_the_readers_language_and_costs_english_nothing(box: Sandbox) -> None:
    seen = imported(box, "--help")
    assert not seen & {"rich", "unicodedata"}
    assert not [name for name in seen if name.startswith(("mirrorcfg.ops", "mirrorcfg.host"))]
    words = {
        "Usage: {command}": "用法：{command}",
        "[OPTIONS]": "[选项]",
        "{heading}:": "{heading}：",
        "Options": "选项",
    }
    chinese = drawn(PAGES[1], lambda text: words.get(text, text), 79)
    assert chinese.startswith("用法：mirrorcfg use [选项] [PROFILE]\n")
    assert "\n选项：\n" in chinese


def test_quiet_says_nothing_but_data_and_errors(box: Sandbox) -> None:
    done = box.run("use", "nju", "--tool", "pip", "-q", code=0)
    assert (done.out, done.err) == ("", "")
    assert box.run("-q", "use", "tsinghua", "--tool", "pip", "--no-verify", code=0).out == ""
    assert "simple" in box.run("env", "nju", "--quiet", "--tool", "pip", "--shell", "bash", code=0).out
    assert "error[" in box.run("use", "nosuch", "-q").err


def test_verbose_tells_what_is_looked_at(box: Sandbox) -> None:
    box.write(box.pip_conf, "[global]\nindex-url = https://robot:hunter2secret@127.0.0.1:9/simple\n")
    done = box.run("verify", "--tool", "pip", "-v", "--timeout", "2", code=3)
    assert f"Reading {box.pip_conf}." in done.err
    assert re.search(r"Asked https://\S*127\.0\.0\.1:9/simple\S*: connect\S+ after \d+ ms\.", done.err)
    assert "hunter2secret" not in done.err + done.out
    assert "Reading" not in box.run("verify", "--tool", "pip", "--timeout", "2").err


def test_verbose_shows_no_credential(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trace, "_listeners", [])
    screen.verbose()
    trace.tell(
        "Asked {url}: {code} after {ms:.0f} ms.", url="https://li:hunter2@mirror.example/", code="ok", ms=3
    )
    trace.tell("Running {command}.", command="pip install -i https://li:hunter2@mirror.example/ \x1b[2J")
    shown = capsys.readouterr().err
    assert "hunter2" not in shown
    assert "\x1b" not in shown
    assert shown.count("\n") == 2


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("usee",), "There is no command 'usee'. Did you mean 'use'?"),
        (("use", "--tol"), "There is no option --tol. Did you mean '--tool'?"),
        (("restore",), "The argument N is missing."),
        (("restore", "x"), "N: 'x' is not a number."),
        (("restore", "--", "-1"), "N: -1 is too small; the least is 0."),
        (("verify", "--level", "5"), "--level: 5 is not from 1 to 3."),
        (("use", "a", "b", "c"), "There are more words than it takes: b c."),
        (("use", "a", "--scope", "x"), "--scope: 'x' is not one of 'user', 'system', 'venv'."),
        (("script", "x"), "The option --format is missing."),
        (("verify", "--level"), "The option --level needs a value."),
        (("use", "--json=1"), "The option --json takes no value."),
    ],
)
def test_what_is_wrong_with_a_line_is_said_in_our_words(
    box: Sandbox, argv: tuple[str, ...], words: str
) -> None:
    assert f"error[usage]: {words}\n" in box.run(*argv, code=2).err


def test_the_manual_is_what_help_says(tmp_path: Path) -> None:
    for language, folder in manual.FOLDERS.items():
        pages = {f"{name}.1": manual.written(name, found, language) for name, found in manual.pages()}
        assert pages == {path.name: path.read_text() for path in folder.iterdir()}, "run `make man`"


@pytest.mark.parametrize("folder", manual.FOLDERS.values(), ids=["en", "zh"])
def test_groff_takes_every_page(folder: Path) -> None:
    found = sorted(map(str, folder.iterdir()))
    done = subprocess.run(
        [parts.program("groff"), "-ww", "-man", "-Kutf8", "-Tutf8", *found], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_man_finds_them_where_a_wheel_puts_them(tmp_path: Path) -> None:
    wheel = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    for source, target in wheel["shared-data"].items():
        (tmp_path / target).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / target).symlink_to(CHECKOUT / source)
    share = tmp_path / "share/man"
    environ = {
        "MANPATH": str(share),
        "PATH": "/usr/bin:/bin",
        "MANWIDTH": "80",
        "LC_ALL": "C.UTF-8",
        "HOME": str(tmp_path),
    }

    def man(*argv: str) -> str:
        done = subprocess.run(
            [parts.program("man"), "-P", "cat", *argv],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return re.sub(r".\x08|\x1b\[[\d;]*m", "", done.stdout)

    assert "mirrorcfg-use - Switch the tools that are here to a profile" in man("mirrorcfg-use")
    assert "mirrorcfg-use(1)" in man("mirrorcfg")
    assert "概要" in man("-L", "zh_CN", "mirrorcfg-use")


def test_chinese_is_broken_between_any_two_characters() -> None:
    assert wrapped("切换到镜像源，然后再撤销。", 12) == ["切换到镜像", "源，然后再撤", "销。"]
    assert wrapped("one two three", 7) == ["one two", "three"]
