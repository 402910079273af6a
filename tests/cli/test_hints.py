"""A hint is run as it is printed, in a shell: then it is mended, and it was not the same command again."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mirrorcfg.redact import redact
from tests import parts, pasted
from tests.sandbox import PROGRAM, Done, Sandbox
from tests.verifier.lab import Answer, Authority, Server
from tests.verifier.sources import channel, index, registry

TUNA = "https://pypi.tuna.tsinghua.edu.cn/simple"
GOOD: dict[str, Any] = {**index(), **channel(), **registry()}
TABLES = {
    "pip": 'index-url = "{}/simple"',
    "conda": 'default-channels = ["{}/main"]',
    "docker": 'registry-mirrors = ["{}"]',
}


def paste(box: Sandbox, command: str, *, code: int = 0) -> Done:
    """What the shell makes of it."""
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=box.environ, cwd=box.folder, capture_output=True, text=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == code, (command, done)
    return Done(done.returncode, done.stdout, done.stderr)


def hint(answer: dict[str, Any]) -> str:
    """The first that the answer has."""
    found = [answer["error"], *answer["findings"]]
    return next(str(each["hint"]) for each in found if each and each["hint"])


class Lab:
    """Two servers, one that has all and one that lets nobody in, and an image that is set up."""

    def __init__(self, box: Sandbox, authority: Authority, good: str, bad: str) -> None:
        self.box, self.good, self.bad = box, good, bad
        (box.root / "ca.pem").write_bytes(authority.file.read_bytes())
        self.root = ("--root", str(box.root))

    def profile(self, name: str, more: str = "", **tools: str) -> None:
        text = "".join(f"[{tool}]\n{TABLES[tool].format(url)}\n" for tool, url in tools.items())
        self.box.profile(name, f'{more}[tls]\nca-file = "/ca.pem"\n{text}')

    def use(self, *argv: str) -> dict[str, Any]:
        return self.box.json("use", *argv, *self.root, "--verify", "--timeout", "8", code=3)

    def uses(self) -> dict[str, str]:
        tools = self.box.json("status", *self.root)["data"]["tools"]
        return {tool: entry["profile"] for tool, entry in tools.items() if entry["profile"]}


@pytest.fixture
def lab(box: Sandbox, tmp_path: Path) -> Iterator[Lab]:
    authority = Authority(tmp_path)
    box.environ |= {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "localhost"}
    with ExitStack() as stack:
        good = stack.enter_context(Server(authority.context(), GOOD))
        bad = stack.enter_context(Server(authority.context(), {"*": Answer(403)}))
        yield Lab(box, authority, good.url, bad.url)


def test_the_profiles_own_chain_comes_first_and_one_command_does_it_all(lab: Lab) -> None:
    lab.profile("aaa", pip=lab.good, conda=lab.good, docker=lab.good)  # works, and is the first by name
    lab.profile("html", conda=lab.good)
    lab.profile("html2", docker=lab.good)
    lab.profile("dead", conda=lab.bad, docker=lab.bad)
    lab.profile(
        "mixed", 'failover = ["dead", "html", "html2"]\n', pip=lab.good, conda=lab.bad, docker=lab.bad
    )
    answer = lab.use("mixed", "--tool", "pip,conda,docker")
    assert hint(answer) == (
        "mirrorcfg use mixed --with conda=html --with docker=html2"
        f" --tool pip --tool conda --tool docker --root {lab.box.root}"
    )
    paste(lab.box, hint(answer))
    assert lab.uses() == {"pip": "mixed", "conda": "html", "docker": "html2"}


def test_the_configurations_chain_is_the_next(lab: Lab) -> None:
    lab.profile("aaa", pip=lab.good)
    lab.profile("mine", pip=lab.good)
    lab.profile("dead", pip=lab.bad)
    config = lab.box.root / "etc/mirrorcfg/config.toml"
    lab.box.write(config, 'chain = ["dead", "mine"]\n')
    lab.box.write(lab.box.home / ".config/mirrorcfg/config.toml", 'chain = ["dead", "mine"]\n')
    answer = lab.use("dead", "--tool", "pip")
    assert hint(answer) == f"mirrorcfg use mine --tool pip --root {lab.box.root}"
    paste(lab.box, hint(answer))
    assert lab.uses() == {"pip": "mine"}


def test_one_profile_for_all_takes_no_tool_that_was_not_meant(lab: Lab) -> None:
    lab.profile("all", pip=lab.good, conda=lab.good, docker=lab.good)
    lab.profile("two", 'failover = ["all"]\n', pip=lab.bad, conda=lab.bad)
    for path in ("etc/pip.conf", "etc/conda/.condarc", "etc/docker/daemon.json"):
        lab.box.write(lab.box.root / path, "{}" if path.endswith("json") else "")
    answer = lab.use("two")
    assert hint(answer) == f"mirrorcfg use all --tool conda --tool pip --root {lab.box.root}"
    paste(lab.box, hint(answer))
    assert lab.uses() == {"pip": "all", "conda": "all"}


def test_a_tool_that_nothing_works_for_is_left_out_unless_it_was_named(lab: Lab) -> None:
    lab.profile("some", pip=lab.good, docker=lab.bad)
    for path in ("etc/pip.conf", "etc/docker/daemon.json"):
        lab.box.write(lab.box.root / path, "{}" if path.endswith("json") else "")
    answer = lab.use("some")
    assert hint(answer) == f"mirrorcfg use some --tool pip --root {lab.box.root}"
    assert not hint(lab.use("some", "--tool", "docker")).startswith("mirrorcfg use")
    paste(lab.box, hint(answer))
    assert lab.uses() == {"pip": "some"}


def test_only_what_was_asked_and_works_is_named(lab: Lab) -> None:
    lab.profile("dead", 'failover = ["gone", "nowhere"]\n', pip=lab.bad)
    lab.profile("gone", pip=lab.bad)
    assert "mirrorcfg use" not in hint(lab.use("dead", "--tool", "pip"))


def test_the_variables_go_where_their_profile_goes(lab: Lab) -> None:
    more = '[variables]\nhost = ""\n'
    lab.profile("other", conda=lab.good)
    place = lab.good.removeprefix("https://")
    lab.profile("team", f'failover = ["other"]\n{more}', pip="https://${host}", conda=lab.bad)
    answer = lab.use("team", "--set", f"host={place}", "--tool", "pip", "--tool", "conda")
    assert f"--set host={place}" in hint(answer)
    paste(lab.box, hint(answer))
    assert lab.uses() == {"pip": "team", "conda": "other"}
    lab.profile("team", f'failover = ["third"]\n{more}', pip="https://${host}")
    lab.profile("third", pip=lab.good)
    answer = lab.use("team", "--set", f"host={lab.bad.removeprefix('https://')}", "--tool", "pip")
    assert hint(answer) == f"mirrorcfg use third --tool pip --root {lab.box.root}"


def test_drifted_under_a_root(box: Sandbox) -> None:
    root = ("--root", str(box.root))
    box.run("use", "tsinghua", "--tool", "pip", *root, code=0)
    path = box.root / "etc/pip.conf"
    path.write_text(path.read_text().replace(TUNA, "https://other.example/simple"))
    answer = box.json("status", *root, code=3)
    assert hint(answer) == f"mirrorcfg use tsinghua --tool pip --scope system --root {box.root}"
    paste(box, f"{hint(answer)} --no-verify")
    assert box.json("status", *root)["findings"] == []


def test_the_way_back_is_for_the_same_place(box: Sandbox) -> None:
    folder = box.folder / "an image"
    folder.mkdir()
    done = box.run("use", "tsinghua", "--tool", "pip", "--root", str(folder), code=0)
    [back] = [each for each in pasted.commands(done.err) if "undo" in each]
    assert back == f"mirrorcfg undo --root {shlex.quote(str(folder))}"
    paste(box, back)
    assert not (folder / "etc/pip.conf").exists()


def test_shadowed_by_an_environment(box: Sandbox) -> None:
    venv = box.folder / "venv"
    box.write(venv / "pyvenv.cfg", "")
    box.write(venv / "bin/pip", f"#!{venv}/bin/python\n")
    box.write(venv / "pip.conf", "[global]\nindex-url = https://other.example/simple\n")
    (venv / "bin/python").symlink_to(sys.executable)
    box.environ |= {"PATH": f"{venv}/bin:{box.environ['PATH']}", "VIRTUAL_ENV": str(venv)}
    path = box.folder / "my team.toml"
    path.write_text(
        'schema = 1\nname = "team"\n[variables]\nhost = ""\n[pip]\nindex-url = "https://${host}/s"\n'
    )
    argv = ("use", str(path), "--tool", "pip", "--set", "host=a.lab")
    answer = box.json(*argv, code=3)
    found = hint(answer)
    assert "--set host=a.lab" in found
    assert "--scope venv" in found
    paste(box, f"{found} --no-verify")
    assert "https://a.lab/s" in (venv / "pip.conf").read_text()


def test_for_want_of_rights(box: Sandbox) -> None:
    """root finds the program though it is only on the caller's PATH; all is below the image."""
    parts.root()
    parts.others(PROGRAM)
    parts.program("sudo")
    box.open()
    state = box.folder / "state-of-another"
    state.mkdir(mode=0o700)
    os.chown(state, 12345, 12345)
    box.environ["MIRRORCFG_STATE"] = str(state)  # sudo takes it away: root's is below the image
    (box.root / "etc/docker").mkdir(parents=True)
    argv = ["use", "china", "--tool", "docker", "--root", str(box.root), "--no-verify"]
    nobody = [parts.program("setpriv"), "--reuid=12345", "--regid=12345", "--clear-groups"]
    done = subprocess.run(
        [*nobody, PROGRAM, *argv, "--json"], env=box.environ, cwd="/", capture_output=True, text=True
    )
    assert done.returncode == 5, done
    [command] = pasted.commands(done.stdout)
    assert command == f'sudo "$(command -v mirrorcfg)" use china --tool docker --root {box.root}'
    assert redact(command) == command
    paste(box, f"{command} --no-verify")
    assert "docker.m.daocloud.io" in box.daemon_json.read_text()


def test_under_sudo_hints_are_for_root_and_as_root_they_need_no_sudo(box: Sandbox) -> None:
    parts.root()
    argv = ("use", "tsinghua", "--tool", "pip", "--root", str(box.root))
    sudo = {"SUDO_UID": "12345", "SUDO_GID": "12345"}
    done = box.run(*argv, environ=sudo, code=0)
    assert f'take it back with: sudo "$(command -v mirrorcfg)" undo --root {box.root}' in done.err
    assert (
        f"take it back with: mirrorcfg undo --root {box.root}"
        in box.run(*("use", "nju", *argv[2:]), code=0).err
    )


_DIES = """
import os, sys
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.cli.app import main
left, before = [2], RealDisk.rename
def rename(self, source, *rest):
    left[0] -= ".mirrorcfg-" in source.name
    if left[0] == 0:
        os._exit(9)
    return before(self, source, *rest)
RealDisk.rename = rename
main(sys.argv[1:])
"""


def test_an_interrupted_change(box: Sandbox) -> None:
    root = ("--root", str(box.root))
    argv = ["use", "tsinghua", "--tool", "pip,conda", *root, "--no-verify"]
    done = subprocess.run([sys.executable, "-c", _DIES, *argv], env=box.environ, capture_output=True)
    assert done.returncode == 9
    changed = [
        path for path in (box.root / "etc").rglob("*") if path.is_file() and ".mirrorcfg-" not in path.name
    ]
    [path] = changed
    path.write_text("# theirs\n")
    answer = box.json("status", *root, code=6)
    command = str(answer["error"]["hint"]).partition(": ")[2]
    assert command == f"mirrorcfg recover --yes --root {box.root}"
    paste(box, command)
    box.run("status", *root, code=0)
    assert path.read_text() == "# theirs\n"


def test_a_profile_that_nobody_knows(box: Sandbox) -> None:
    answer = box.json("use", "tsinghau", code=1)
    assert "tsinghua" in paste(box, hint(answer)).out


def test_the_very_command_again_is_no_hint(box: Sandbox) -> None:
    box.profile("broken", "nonsense = 1\n")
    box.run("use", "tsinghua", "--tool", "pip", code=0)
    box.write(box.folder / "xdg/pip/pip.conf", "[install]\nindex-url = https://other.example/simple\n")
    found = [each["hint"] for each in box.json("status", "--tool", "pip", code=3)["findings"]]
    assert "mirrorcfg status --explain --tool pip" in found
    for argv in (("status", "--explain", "--tool=pip"), ("status", "--tool", "pip", "--explain")):
        again = [each["hint"] for each in box.json(*argv, code=3)["findings"]]
        assert not [each for each in again if each and "status --explain" in each]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("mirrorcfg use tsinghua --tool pip", None),
        ('sudo "$(command -v mirrorcfg)" undo --root /x', None),
        ("sudo env A=b mirrorcfg undo", "root may not find it"),
        ("mirrorcfg ls shows the profiles", "extra argument"),
        ("mirrorcfg nosuch", "no command"),
        ("mirrorcfg undo --scope user", "No such option"),
    ],
)
def test_what_would_not_be_understood_is_seen(command: str, why: str | None) -> None:
    """Of every hint that any test has the program print."""
    found = pasted.wrong(command)
    assert (found is None) == (why is None), found
    assert why is None or why in str(found)
