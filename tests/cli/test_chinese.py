"""Under zh_CN.UTF-8 nothing that goes wrong is said in English: each line of an error or a note is looked at.

A case is what is prepared in a sandbox, and the words of the command. test_chinese_tree.py drives every command.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import chinese
from tests.sandbox import Sandbox
from tests.verifier.lab import Answer, Authority, Server, html

ZH = {"LANG": "zh_CN.UTF-8"}
HEAD = 'schema = 1\nname = "{}"\ntitle = {{ en = "x" }}\n'
PIP = '[pip]\nindex-url = "{}"\n'
Case = Callable[[Sandbox], tuple[str, ...]]

# Every way in which a profile can be wrong; `ls` has a note for each.
PROFILES = {
    "syntax": "schema = \n",
    "deep": f"a = {'[' * 100}\n",
    "no-schema": 'name = "no-schema"\n',
    "schema": 'schema = 7\nname = "schema"\n',
    "no-name": "schema = 1\n",
    "not-a-name": 'schema = 1\nname = "Not A Name"\n',
    "other-name": HEAD.format("another"),
    "key": HEAD.format("key") + "homepag = 1\n",
    "key-of-tool": HEAD.format("key-of-tool") + "[pip]\nindex = 1\n",
    "type": HEAD.format("type").replace('{ en = "x" }', "7"),
    "kind": HEAD.format("kind") + "[pip]\nextra-index-urls = 3\n",
    "table": HEAD.format("table") + "[pip]\nindex-url = { a = 1 }\n",
    "date": HEAD.format("date") + 'checked = "2026"\n',
    "title": HEAD.format("title").replace("en", "zh"),
    "nothing": HEAD.format("nothing") + "[pip]\n",
    "both": HEAD.format("both") + '[pip]\ndefault = true\nunavailable = "x"\n',
    "beside": HEAD.format("beside")
    + f"[pip]\ndefault = true\n{PIP.format('https://a.example').splitlines()[1]}\n",
    "twice": HEAD.format("twice") + 'failover = ["a", "a"]\n',
    "http": HEAD.format("http") + PIP.format("http://a.example"),
    "login": HEAD.format("login") + PIP.format("https://u:p@a.example"),
    "host": HEAD.format("host") + PIP.format("https://a.example:99999"),
    "blank": HEAD.format("blank") + PIP.format("https://a.example/a b"),
    "query": HEAD.format("query") + PIP.format("https://a.example/?a=b"),
    "open": HEAD.format("open") + PIP.format("https://${host"),
    "undeclared": HEAD.format("undeclared") + PIP.format("https://${host}/"),
    "unused": HEAD.format("unused") + '[variables]\nhost = "x"\n' + PIP.format("https://a.example"),
    "loop": HEAD.format("loop") + 'extends = "pool"\n',
    "pool": HEAD.format("pool") + 'extends = "loop"\n',
    "orphan": HEAD.format("orphan") + 'extends = "nobody"\n',
    "channel": HEAD.format("channel") + '[conda]\ndefault-channels = ["a b"]\n',
    "image": HEAD.format("image") + '[docker]\nregistry-mirrors = ["https://a.example"]\nprobe = "A"\n',
}


def profiles(box: Sandbox) -> tuple[str, ...]:
    """All of PROFILES, one that isn't UTF-8, and one that is too large."""
    folder = box.home / ".config/mirrorcfg/profiles"
    for name, text in PROFILES.items():
        box.write(folder / f"{name}.toml", text)
    box.write(folder / "letters.toml", b"schema = 1 # \xff\n")
    box.write(folder / "large.toml", b"#" * 300_000)
    return ("ls",)


def with_config(text: str) -> Case:
    def case(box: Sandbox) -> tuple[str, ...]:
        box.write(box.home / ".config/mirrorcfg/config.toml", text)
        return ("config",)

    return case


def with_file(tool: str, path: str, text: str | bytes) -> Case:
    def case(box: Sandbox) -> tuple[str, ...]:
        box.write(box.home / path, text)
        return ("use", "tsinghua", "--tool", tool)

    return case


def folder_in_its_place(box: Sandbox) -> tuple[str, ...]:
    box.pip_conf.mkdir(parents=True)
    return ("use", "tsinghua", "--tool", "pip")


def links_in_a_circle(box: Sandbox) -> tuple[str, ...]:
    box.pip_conf.parent.mkdir(parents=True)
    box.pip_conf.symlink_to("pip.conf")
    return ("use", "tsinghua", "--tool", "pip")


def damaged_history(box: Sandbox) -> tuple[str, ...]:
    box.run("use", "tsinghua", "--tool", "pip", code=0)
    for path in (box.folder / "state").rglob("*"):
        if path.is_file() and path.name != "lock":
            path.write_bytes(path.read_bytes()[:-3])
    return ("undo", "--yes")


def key_in_the_ca_file(box: Sandbox) -> tuple[str, ...]:
    """What an error says within another one's sentence."""
    path = box.folder / "ca.pem"
    path.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    box.profile("team", f'[tls]\nca-file = "{path}"\n[docker]\nregistry-mirrors = ["https://a.example"]\n')
    return ("use", "team", "--tool", "docker", "--root", str(box.root))


def words(*argv: str) -> Case:
    return lambda box: argv


CASES: dict[str, Case] = {
    "profiles": profiles,
    "config-key": with_config("holt = 3\n"),
    "config-type": with_config('hold = "3"\n'),
    "config-range": with_config("keep = 1\n"),
    "config-name": with_config('chain = ["A b"]\n'),
    "pip-section": with_file("pip", ".config/pip/pip.conf", "index-url = x\n"),
    "pip-option": with_file("pip", ".config/pip/pip.conf", "[global]\na = 1\na = 2\n"),
    "pip-bytes": with_file("pip", ".config/pip/pip.conf", b"\xff\xfe"),
    "conda-mapping": with_file("conda", ".condarc", "- a\n"),
    "conda-key": with_file("conda", ".condarc", "a: 1\na: 2\n"),
    "uv-toml": with_file("uv", ".config/uv/uv.toml", "index = \n"),
    "folder": folder_in_its_place,
    "circle": links_in_a_circle,
    "history": damaged_history,
    "ca-file": key_in_the_ca_file,
    "no-profile": words("use", "tsingua", "--tool", "pip"),
    "no-file": words("profile", "check", "./none.toml"),
    "no-shell": words("env", "tsinghua", "--shell", "tcsh"),
    "no-root": words("use", "tsinghua", "--root", "/nonexistent"),
    "no-image": words("image", "NAME"),
    "no-format": words("script", "tsinghua", "--format", "perl"),
    "no-origin": words("profile", "update", "tsinghua"),
    "no-key": words("config", "holt"),
    "no-generation": words("restore", "7", "--yes"),
    "pin": words("profile", "add", "https://localhost:1/a.toml", "--sha256", "a"),
}


def said(box: Sandbox, *argv: str) -> tuple[str, str]:
    """What a command prints under zh_CN.UTF-8."""
    done = box.run(*argv, environ=ZH)
    return done.out, done.err


def hold(text: str) -> None:
    """Every line of it is said in Chinese."""
    assert chinese.english(text) == []
    labelled = re.findall(r"^(?:error|note|warning)\[.*$", text, re.MULTILINE)
    assert [line for line in labelled if not re.search("[一-龥]", line)] == []


@pytest.mark.parametrize("name", CASES)
def test_what_goes_wrong_is_said_in_chinese(box: Sandbox, name: str) -> None:
    _, err = said(box, *CASES[name](box))
    assert re.search("[一-龥]", err)
    hold(err)


ANSWERS = {
    "gone": {"*": Answer(404)},
    "closed": {"*": Answer(403)},
    "trouble": {"*": Answer(500)},
    "page": {"*": html("<title>Log in</title>")},
    "circle": {"*": Answer(302, headers={"location": "/simple/six/"})},
    "zip": {"*": Answer(200, b"no gzip", {"content-encoding": "gzip", "content-type": "text/html"})},
    "wall": {"*": Answer(407)},
}


def test_what_is_wrong_with_sources_is_said_in_chinese(box: Sandbox, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    box.environ |= {"SSL_CERT_FILE": str(authority.file), "NO_PROXY": "localhost"}
    servers = [Server(authority.context(), routes) for routes in ANSWERS.values()]
    try:
        for name, server in zip(ANSWERS, servers, strict=True):
            server.__enter__()
            box.profile(name, PIP.format(f"https://localhost:{server.port}/simple"))
        box.profile("dead", PIP.format("https://localhost:9/simple"))
        box.profile("nowhere", PIP.format("https://nowhere.invalid/simple"))
        box.profile(
            "plain", '[pip]\nindex-url = "https://localhost:9/simple"\nfind-links = ["/nonexistent"]\n'
        )
        _, err = said(box, "verify", *ANSWERS, "dead", "nowhere", "plain", "--tool", "pip", "--timeout", "5")
        out, _ = said(box, "use", "gone", "--tool", "pip", "--verify", "--timeout", "5")
        hold(err)
        hold(out)
    finally:
        for server in servers:
            server.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("line", "is_english"),
    [
        ("error[x]: There is no such file.", True),
        ("错误[x]：没有这个文件 here it is now。", True),
        ("提示：mirrorcfg use tsinghua --tool pip", False),
        ("提示：mirrorcfg ls shows who has it", True),
        ("错误[x]：/srv/a file of mine/pip.conf：当前用户无权读取", True),
        ("错误[x]：'a file of mine' 不是目录", False),
        ("域名 a.example 无法解析（Name or service not known）。", False),
        ("  index-url = https://a.example", False),
        ("tsinghua  pip conda docker", True),
        ("'checked' 的值必须是日期，而不是a table。", True),
        ("  pip  docker", False),
    ],
)
def test_english_is_seen(line: str, is_english: bool) -> None:
    assert bool(chinese.english(line)) is is_english
