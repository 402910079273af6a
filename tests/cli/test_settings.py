"""config.toml and profiles, changed by a command or in an editor."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests import parts
from tests.sandbox import Sandbox
from tests.terminal import talk

FILE = """# ours
chain = [  # the order matters
    "nju",  # near
    "sjtu",
]

timeout=4   # seconds
"""


def config_toml(box: Sandbox) -> Path:
    return box.home / ".config/mirrorcfg/config.toml"


def editor(box: Sandbox, *scripts: str) -> dict[str, str]:
    """An editor that runs one script of sed's after the other, one each time that it is started."""
    path = box.folder / "an editor"
    lines = [f"{number}) sed -i '{script}' \"$1\" ;;" for number, script in enumerate(scripts)]
    count = box.folder / "count"
    box.write(
        path,
        f"#!/bin/sh\nn=$(cat {count} 2>/dev/null || echo 0)\necho $((n + 1)) > {count}\ncase $n in\n"
        + "\n".join(lines)
        + "\nesac\n",
    )
    path.chmod(0o755)
    return {"VISUAL": f"'{path}'", "EDITOR": "/bin/false"}


def test_a_value_is_set_and_nothing_else_is_touched(box: Sandbox) -> None:
    box.write(config_toml(box), FILE)
    box.run("config", "set", "timeout", "7.5", code=0)
    assert config_toml(box).read_text() == FILE.replace("timeout=4 ", "timeout=7.5 ")
    box.run("config", "set", "chain", "nju,tsinghua", code=0)
    assert '"nju",  # near\n' in config_toml(box).read_text()
    box.run("config", "set", "keep", "50", code=0)
    box.run("config", "unset", "keep", code=0)
    box.run("config", "set", "chain", "nju,sjtu", code=0)
    box.run("config", "set", "timeout", "4", code=0)
    assert config_toml(box).read_text() == FILE
    assert box.json("config", "set", "timeout", "4")["status"] == "unchanged"
    assert box.json("config", "unset", "keep")["status"] == "unchanged"


def test_a_first_value_makes_the_file(box: Sandbox) -> None:
    assert box.json("config", "path")["data"] == {"path": str(config_toml(box)), "exists": False}
    answer = box.json("config", "set", "profile", "nju")
    assert answer["command"] == "config set"
    assert answer["data"] == {
        "changed": True,
        "path": str(config_toml(box)),
        "key": "profile",
        "value": "nju",
    }
    assert config_toml(box).read_text() == 'profile = "nju"\n'
    assert box.run("config", "profile", code=0).out == "nju\n"


@pytest.mark.parametrize(
    ("key", "value", "code", "words"),
    [
        ("timeout", "0", "out-of-range", "must be from 0.1 to 3600"),
        ("timeout", "soon", "wrong-type", "must be a number"),
        ("keep", "2.5", "wrong-type", "must be a whole number"),
        ("chain", "", "empty-value", "is empty"),
        ("chain", "nju,nju", "duplicate-value", "twice"),
        ("profile", "a b", "config-name", "not the name of a profile"),
        ("timeot", "5", "unknown-key", "Did you mean 'timeout'?"),
    ],
)
def test_a_value_that_cant_be_is_refused(box: Sandbox, key: str, value: str, code: str, words: str) -> None:
    box.write(config_toml(box), FILE)
    error = box.json("config", "set", key, value, code=2)["error"]
    assert (error["code"], error["key"]) == (code, key)
    assert words in error["message"]
    assert config_toml(box).read_text() == FILE


def test_the_systems_and_an_images_file(box: Sandbox) -> None:
    box.run("config", "set", "keep", "9", "--root", str(box.root), code=0)
    assert (box.root / "etc/mirrorcfg/config.toml").read_text() == "keep = 9\n"
    assert not config_toml(box).exists()
    assert box.run("config", "path", "--scope", "system", code=0).out == "/etc/mirrorcfg/config.toml\n"


def test_one_broken_key_is_mended_by_setting_it(box: Sandbox) -> None:
    box.write(config_toml(box), "keep = 1\n")
    box.run("config", "set", "keep", "5", code=0)
    box.write(config_toml(box), "keep = 1\ntimeout = 3\n")
    assert box.json("config", "set", "timeout", "5", code=1)["error"]["line"] == 1
    box.write(config_toml(box), "keep = \n")
    error = box.json("config", "set", "timeout", "5", code=1)["error"]
    assert (error["path"], error["line"]) == (str(config_toml(box)), 1)


def test_in_the_editor(box: Sandbox) -> None:
    box.write(config_toml(box), FILE)
    box.run("config", "edit", environ=editor(box, "s/=4/=5/"), code=0)
    assert config_toml(box).read_text() == FILE.replace("=4", "=5")
    error = box.json("config", "edit", environ=editor(box, "", "s/=5/=soon/"), code=1)["error"]
    assert (error["code"], error["path"], error["line"]) == ("config-syntax", str(config_toml(box)), 7)
    assert config_toml(box).read_text() == FILE.replace("=4", "=5")
    assert (
        "error[editor-failed]"
        in box.run("config", "edit", environ={"EDITOR": "/bin/false", "VISUAL": ""}, code=1).err
    )


def test_a_broken_text_is_offered_again(box: Sandbox) -> None:
    box.write(config_toml(box), FILE)
    box.environ |= editor(box, "s/=4/=0/", "s/=0/=6/")
    done = talk(box, "config", "edit", answers=[("Edit it again?", "y")])
    assert "must be from 0.1 to 3600" in done.out
    assert "config.toml:7" in done.out
    assert (done.code, config_toml(box).read_text()) == (0, FILE.replace("=4", "=6"))
    box.environ |= editor(box, "", "", "s/=6/=0/")
    assert talk(box, "config", "edit", answers=[("Edit it again?", "n")]).code == 1
    assert config_toml(box).read_text() == FILE.replace("=4", "=6")


def test_a_profile_in_the_editor(box: Sandbox) -> None:
    mine = box.home / ".config/mirrorcfg/profiles/nju.toml"
    answer = box.json("profile", "edit", "nju", environ=editor(box, "s/Nanjing/Nanking/"))
    assert (answer["data"]["path"], answer["data"]["changed"]) == (str(mine), True)
    assert "Nanking" in mine.read_text()
    before = mine.read_bytes()
    error = box.json("profile", "edit", "nju", environ=editor(box, "", 's/^name.*/name = "other"/'), code=1)[
        "error"
    ]
    assert error["code"] == "profile-name"
    error = box.json(
        "profile", "edit", "nju", environ=editor(box, "", "", "s/^schema.*/schema = nonsense/"), code=1
    )["error"]
    assert (error["code"], error["path"]) == ("profile-syntax", str(mine))
    assert mine.read_bytes() == before
    assert box.json("profile", "edit", "sjtu", environ={"VISUAL": "/bin/true"})["status"] == "unchanged"
    assert not mine.with_name("sjtu.toml").exists()
    box.run("profile", "edit", "nosuch", environ={"VISUAL": "/bin/true"}, code=1)


def test_under_sudo_the_editor_is_the_users(box: Sandbox) -> None:
    """It runs with the user's rights, on a file of the user's, and what it leaves is theirs."""
    parts.root()
    box.open()
    os.chown(box.home, 12345, 12345)
    seen = box.folder / "seen"
    seen.mkdir(mode=0o777)
    seen.chmod(0o777)
    path = box.folder / "editor"
    box.write(
        path,
        f'#!/bin/sh\nid -u > {seen}/uid\nid -G > {seen}/groups\necho "$HOME" > {seen}/home\necho "keep = 7" > "$1"\n',
    )
    path.chmod(0o755)
    sudo = {"SUDO_UID": "12345", "SUDO_GID": "12345", "SUDO_USER": "li", "VISUAL": str(path)}
    box.run("config", "edit", environ=sudo, code=0)
    assert ((seen / "uid").read_text(), (seen / "groups").read_text()) == ("12345\n", "12345\n")
    box.run("config", "set", "timeout", "5", environ=sudo, code=0)
    found = config_toml(box).stat()
    assert (found.st_uid, stat.S_IMODE(found.st_mode) & 0o022) == (12345, 0)
    assert config_toml(box).read_text() == "keep = 7\ntimeout = 5\n"


def test_a_key_that_there_isn_t_can_be_taken_out(box: Sandbox) -> None:
    file = box.home / ".config/mirrorcfg/config.toml"
    box.write(file, "# mine\ntimout = 3\nhold = 60\n")
    box.run("config", code=1)
    box.run("config", "unset", "timeot", code=2)
    box.run("config", "unset", "timout", code=0)
    assert file.read_text() == "# mine\nhold = 60\n"


def test_a_signal_while_the_editor_runs_is_the_editor_s(box: Sandbox) -> None:
    """Ctrl-C means something to many of them, and would leave them alone with the terminal."""
    path = box.folder / "patient"
    path.write_text(
        '#!/bin/sh\ntrap \'echo "hold = 60" >> "$1"; exit 0\' INT\nkill -INT $PPID\nwhile :; do sleep 0.05; done\n'
    )
    path.chmod(0o755)
    box.environ["VISUAL"] = str(path)
    box.run("config", "edit", code=0)
    assert "hold = 60\n" in (box.home / ".config/mirrorcfg/config.toml").read_text()
