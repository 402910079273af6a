"""An index of a company's own packages, through the whole program: judged by the project that a profile names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.index_worlds import OWN, World, routes
from tests.sandbox import Sandbox
from tests.verifier.lab import Authority, Server

COMPANY = World(company="404", root="404")


@pytest.fixture
def server(box: Sandbox, tmp_path: Path) -> Iterator[Server]:
    """A company's index that answers 404 for all but one project."""
    authority = Authority(tmp_path)
    box.environ["SSL_CERT_FILE"] = str(authority.file)
    with Server(authority.context(), routes(COMPANY)) as server:
        yield server


def own(box: Sandbox, server: Server, more: str = "", tool: str = "pip") -> None:
    box.profile("own", f'[{tool}]\nindex-url = "{server.url}/simple"\n{more}')


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_the_project_that_the_profile_names(box: Sandbox, server: Server, tool: str) -> None:
    own(box, server, f'probe = "{OWN}"\n', tool)
    [source] = box.json("verify", "own", "--tool", tool, code=0)["data"]["sources"]
    assert (source["ok"], source["code"], source["level"]) == (True, "ok", 3)
    box.json("use", "own", "--tool", tool, "--yes", "--verify", code=0)
    [source] = box.json("verify", "--tool", tool, code=0)["data"]["sources"]
    assert source["code"] == "ok"
    assert "probe" not in box.pip_conf.read_text() if tool == "pip" else True


def test_uv_gets_it_with_what_pip_gets(box: Sandbox, server: Server) -> None:
    own(box, server, f'probe = "{OWN}"\n')
    [source] = box.json("verify", "own", "--tool", "uv", code=0)["data"]["sources"]
    assert source["code"] == "ok"


def test_without_one_nothing_is_said(box: Sandbox, server: Server) -> None:
    own(box, server)
    [source] = box.json("verify", "own", "--tool", "pip", code=0)["data"]["sources"]
    assert (source["ok"], source["code"], source["level"]) == (True, "cant-tell", 1)
    assert "probe" in source["hint"]
    assert "! " in box.run("verify", "own", "--tool", "pip", code=0).out
    box.json("use", "own", "--tool", "pip", "--yes", "--verify", code=0)
    looked = box.json("failover", "--tool", "pip", "--chain", "own", code=0)["data"]["tools"]["pip"]
    assert (looked["action"], looked["code"]) == ("stay", "cant-tell")


def test_one_that_it_has_not(box: Sandbox, server: Server) -> None:
    own(box, server, 'probe = "acme-gone"\n')
    answer = box.json("use", "own", "--tool", "pip", "--yes", "--verify", code=3)
    assert answer["error"]["code"] == "probe-missing"


def test_beside_a_public_index_either_will_do(box: Sandbox, server: Server) -> None:
    server.routes |= {path.replace("/simple", "/public"): it for path, it in routes(World()).items()}
    more = f'extra-index-urls = ["{server.url}/simple"]\nprobe = "{OWN}"\n'
    box.profile("own", f'[pip]\nindex-url = "{server.url}/public"\n{more}')
    public, mine = box.json("verify", "own", "--tool", "pip", code=0)["data"]["sources"]
    assert (public["code"], public["warnings"]) == ("ok", ["probe-missing"])
    assert (mine["code"], mine["warnings"]) == ("ok", [])


def test_a_profile_that_builds_on_it(box: Sandbox, server: Server) -> None:
    own(box, server, 'probe = "acme-gone"\n')
    box.profile("mine", f'extends = "own"\n[pip]\nprobe = "{OWN}"\n')
    [source] = box.json("verify", "mine", "--tool", "pip", code=0)["data"]["sources"]
    assert source["code"] == "ok"


def test_a_name_that_no_project_has(box: Sandbox, server: Server) -> None:
    own(box, server, 'probe = "../x"\n')
    assert box.json("verify", "own", code=1)["error"]["code"] == "bad-project"


def test_a_public_mirrors_host_is_public_by_any_profile(box: Sandbox) -> None:
    from mirrorcfg.host import Host

    library = Host.here().profiles
    assert library.public("pypi.tuna.tsinghua.edu.cn")
    assert not library.public("localhost:1")


@pytest.mark.parametrize(
    ("tool", "file", "text"),
    [
        ("pip", ".config/pip/pip.conf", "[install]\nuploaded-prior-to = 2025-01-01\n"),
        ("uv", ".config/uv/uv.toml", 'exclude-newer = "2025-01-01"\n'),
        ("uv", ".config/uv/uv.toml", '[pip]\nexclude-newer = "2025-01-01"\n'),
    ],
)
def test_an_option_that_needs_the_times(
    box: Sandbox, server: Server, tool: str, file: str, text: str
) -> None:
    server.routes |= routes(COMPANY._replace(kind="html"))
    own(box, server, f'probe = "{OWN}"\n', tool)
    box.run("verify", "own", "--tool", tool, code=0)
    box.write(box.home / file, text)
    [source] = box.json("verify", "own", "--tool", tool, code=3)["data"]["sources"]
    assert source["code"] == "times-missing"
    server.routes |= routes(COMPANY)
    box.run("verify", "own", "--tool", tool, code=0)
    server.routes |= routes(COMPANY._replace(kind="html"))
    (box.home / file).unlink()
    box.environ |= {"PIP_UPLOADED_PRIOR_TO": "2025-01-01", "UV_EXCLUDE_NEWER": "2025-01-01"}
    assert box.json("verify", "own", "--tool", tool, code=3)["data"]["sources"][0]["code"] == "times-missing"


def test_whose_an_index_is_meant_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public mirror without six and pip is gone; of a company's nothing can be told."""
    from mirrorcfg.host import Host
    from mirrorcfg.ops.sources import asking

    monkeypatch.setenv("HOME", str(tmp_path))
    host = Host.here()
    named = host.profiles.load("tsinghua")
    [public] = {each.own for each in asking.of_profile(host, named, ["pip"])}
    theirs = {
        "index-url": "https://pypi.tuna.tsinghua.edu.cn/simpel",
        "extra-index-urls": ("https://a.example/",),
    }
    said = [each.own for each in asking.of_settings(host, "pip", theirs, None)]
    assert (public, said) == (False, [False, True])
