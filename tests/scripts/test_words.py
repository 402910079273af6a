"""What a script says to whoever runs it: in their language, and what programs read of it in none."""

from __future__ import annotations

import re
from pathlib import Path

from mirrorcfg.scripts import part, powershell
from tests import chinese
from tests.sandbox import Done
from tests.scripts.workshop import FOREIGN, Target

SYSTEM = ("acme", "--format=sh", "--style=standalone", "--scope=system", "--tool=pip")
ZH, EN = {"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, {"LC_ALL": "", "LANG": "en_US.UTF-8"}
SHELL_PARTS = ("path.sh", "words.sh", "standalone.sh", "bootstrap.sh")


def said() -> set[str]:
    """Every text that a part of a script says."""
    text = "\n".join(part(name).partition("# say TEXT")[2] or part(name) for name in SHELL_PARTS)
    texts = re.findall(r'\b(?:say|fail \d) "([^"$]*)"(?: "[^"]*")?(?:[ \\\n]+"([^"$]+)")?', text)
    return {each for pair in texts for each in pair if each}


def known() -> dict[str, str]:
    """The table of them in Chinese."""
    return dict(re.findall(r'^    "([^"]+)"\)\s+said="([^"]+)" ;;$', part("words.sh"), re.MULTILINE))


def test_the_table_has_every_text_and_no_other() -> None:
    assert known().keys() == said()
    assert len(said()) > 20
    for text, there in known().items():
        assert re.findall("%.", text) == re.findall("%.", there)


def test_the_table_is_written_as_people_write() -> None:
    pairs = {**known(), **powershell._CHINESE}
    for text, there in pairs.items():
        wrong = chinese.amiss(text.replace("%s", "{0}"), re.sub(" {2,}", " ", there).replace("%s", "{0}"))
        assert list(wrong) == [], there


def told(target: Target, environ: dict[str, str]) -> list[Done]:
    """One run of each kind: somebody else's file, a wrong option, all well, an edit since, nothing to undo."""
    script, root = target.script(*SYSTEM), target.box.root
    at, foreign = ("--root", str(root)), root / "etc/pip.conf"
    target.box.write(foreign, FOREIGN)
    runs = [
        target.run(script, *at, code=4, environ=environ),
        target.run(script, "--no", code=2, environ=environ),
    ]
    foreign.unlink()
    runs.append(target.run(script, *at, environ=environ))
    foreign.write_text("[global]\n")
    runs.append(target.run(script, *at, "--undo", code=4, environ=environ))
    foreign.unlink()
    target.run(script, *at, "--undo", environ=environ)
    return [*runs, target.run(script, *at, "--undo", environ=environ)]


def test_every_shell_says_it_in_chinese(target: Target) -> None:
    runs = told(target, ZH)
    file = target.box.root / "etc/pip.conf"
    assert runs[0].err.splitlines() == [
        f"错误：{file} 已经存在，不是这个脚本写的；什么都没有改动。",
        "错误：加上 --replace 会把它移开，直到 --undo。",
    ]
    assert [chinese.english(run.err) for run in runs] == [[]] * 5
    assert all(re.search("[一-龥]", run.err) for run in runs)
    # What programs read is in no language.
    assert runs[2].out == f"created   {file}\n"


def test_every_shell_says_it_in_english(target: Target) -> None:
    runs = told(target, EN)
    assert runs[0].err.splitlines() == [
        f"error: {target.box.root}/etc/pip.conf is there already, and not this script's; nothing was changed.",
        "error: --replace puts it aside until --undo.",
    ]
    assert not any(re.search("[一-龥]", run.err) for run in runs)


VARIABLES: list[tuple[dict[str, str], bool]] = [
    ({}, False),
    ({"LANG": "zh_CN.UTF-8"}, True),
    ({"LANG": "zh_CN.utf8"}, True),
    ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, False),
    ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, True),
    ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
    ({"LC_ALL": "C.UTF-8", "MIRRORCFG_LANG": "zh"}, True),
    ({"MIRRORCFG_LANG": "zh"}, True),
    ({"LC_ALL": "zh_CN.UTF-8", "MIRRORCFG_LANG": "en"}, False),
    ({"LANG": "zh_TW.UTF-8"}, False),
    ({"LANG": "zh_CN.GBK"}, False),
    ({"LANG": "zh_CN"}, False),
    ({"LANG": "de_DE.ISO-8859-1", "MIRRORCFG_LANG": "zh"}, False),
]
"""Each a set of variables, and whether Chinese is what they say."""


def test_the_variables_say_which(one: Target) -> None:
    script = one.script(*SYSTEM)
    for environ, zh in VARIABLES:
        done = one.run(script, "--no", code=2, environ={"LC_ALL": "", **environ})
        assert done.err.startswith("错误：" if zh else "error: "), environ


def test_the_one_that_fetches_says_it_too(one: Target) -> None:
    script = one.script("acme", "--format=sh", "--style=bootstrap")
    assert one.run(script, "--no", code=2, environ=ZH).err == "错误：唯一的选项是 --undo。\n"


def test_a_place_is_no_pattern(target: Target) -> None:
    root = target.box.root / "a%sb%n\\n"
    target.box.write(root / "etc/pip.conf", FOREIGN)
    for environ in ({}, ZH):
        done = target.run(target.script(*SYSTEM), "--root", str(root), code=4, environ=environ)
        assert f"{root}/etc/pip.conf" in done.err


def test_powershell_has_every_text_in_ascii(one: Target) -> None:
    text = one.box.run("script", "acme", "--format=powershell", code=0).out
    assert text.isascii()
    body = Path(powershell.__file__).with_name("standalone.ps1").read_text()
    used = re.findall(r"(?:Stop-With \d|Get-Text) '((?:[^']|'')*)'", body)
    assert {each.replace("''", "'") for each in used} == powershell._CHINESE.keys()
    spelt = re.findall(r"^    '((?:[^']|'')*)' = '((?:[^']|'')*)'$", text, re.MULTILINE)
    read = {
        key.replace("''", "'"): re.sub(r"\\u(....)", lambda at: chr(int(at[1], 16)), it) for key, it in spelt
    }
    assert read == powershell._CHINESE
