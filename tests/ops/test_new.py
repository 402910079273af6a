"""A new profile: asked for on a terminal, its sources asked before it is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox import Sandbox
from tests.terminal import talk
from tests.verifier.lab import Answer, Authority, Server, html, ranged

TEMPLATE = """schema = 1
name = "team"
[variables]
host = ""             # where it is
path = "simple"       # the index's path, 'as is' # really
plain = "x"
ca = ""
[tls]
ca-file = "${ca}"
[pip]
index-url = "https://${host}/${path}/"
[docker]
unavailable = "${plain}"
"""


@pytest.fixture
def box(box: Sandbox) -> Sandbox:
    box.write(box.home / ".config/mirrorcfg/profiles/team.toml", TEMPLATE)
    return box


def written(box: Sandbox) -> Path:
    return box.home / ".config/mirrorcfg/profiles/acme.toml"


def test_a_terminal_is_asked_for_what_the_template_declares(box: Sandbox) -> None:
    answers = [
        ("host (where it is):", ""),
        ("It must have a value.\nhost (where it is):".replace("\n", "\r\n"), "https://a.example/x"),
        ("more than that.\r\nhost (where it is):", "a.example"),
        ("path (the index's path, 'as is' # really) [simple]:", ""),
        ("plain [x]:", "a reason"),
        ("ca:", ""),
    ]
    done = talk(box, "profile", "new", "acme", "--from", "team", "--no-verify", answers=answers)
    assert done.code == 0, done.out
    assert written(box).read_text() == (
        'schema = 1\nname = "acme"\ntitle = { en = "acme" }\nextends = "team"\n\n'
        '[variables]\nhost = "a.example"\nplain = "a reason"\n'
    )
    assert "Use it with: mirrorcfg use acme" in done.out


def test_what_is_given_is_not_asked_for(box: Sandbox) -> None:
    sets = ["--set", "host=a.example", "--set", "plain=y"]
    answers = [("path (", "other"), ("ca:", "")]
    done = talk(box, "profile", "new", "acme", "--from", "team", *sets, "--no-verify", answers=answers)
    assert done.code == 0, done.out
    assert 'path = "other"' in written(box).read_text()
    again = talk(box, "profile", "new", "acme", "--from", "team", answers=[])
    assert "error[profile-exists]" in again.out


def test_without_a_terminal_nothing_is_asked_and_it_may_stay_a_template(box: Sandbox) -> None:
    box.run("profile", "new", "acme", "--from", "team", code=0)
    answer = box.json("profile", "new", "other", "--from", "team", "--verify")
    assert [finding["code"] for finding in answer["findings"]] == ["not-verified"]


@pytest.fixture
def server(authority: Authority) -> Iterator[Server]:
    page = html('<a href="/six-1.0-py3-none-any.whl">six-1.0-py3-none-any.whl</a>')
    routes = {"/simple/": page, "/six-1.0-py3-none-any.whl": ranged(b"PK\x03\x04" + b"x" * 4096)}
    routes |= {f"/simple/{name}/": page for name in ("pip", "six", "setuptools")}
    with Server(authority.context(), routes) as running:
        yield running


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def test_its_sources_are_asked_before_it_is_written(
    box: Sandbox, server: Server, authority: Authority
) -> None:
    where = ["--set", f"host=localhost:{server.port}", "--set", f"ca={authority.file}"]
    new = ["profile", "new", "acme", "--from", "team", *where]
    server.routes["*"] = Answer(403)
    refused = box.json(*new, "--set", "path=nowhere", "--verify", code=3)
    assert refused["error"]["code"] == "http-403"
    assert "--no-verify writes it all the same" in refused["error"]["hint"]
    assert not written(box).exists()
    box.run(*new, "--verify", code=0)
    assert written(box).exists()
    written(box).unlink()
    asked = len(server.seen)
    box.run(*new, code=0)
    assert len(server.seen) == asked


def test_on_a_terminal_that_is_what_happens_unasked(box: Sandbox) -> None:
    sets = ["--set", "host=gone.invalid", "--set", "plain=y", "--set", "path=simple"]
    answers = [("ca:", "")]
    done = talk(box, "profile", "new", "acme", "--from", "team", *sets, "--timeout", "5", answers=answers)
    assert (done.code, "error[dns-failure]" in done.out) == (3, True), done.out
    assert not written(box).exists()


def test_all_users_may_get_one(box: Sandbox) -> None:
    box.run("profile", "new", "acme", "--from", "nju", "--root", str(box.root), code=0)
    assert (box.root / "etc/mirrorcfg/profiles/acme.toml").is_file()
    error = box.json(
        "profile", "new", "acme", "--from", "nju", "--root", str(box.root), "--scope", "user", code=2
    )
    assert error["error"]["code"] == "root-is-system"
