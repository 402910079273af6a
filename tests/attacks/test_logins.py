"""A source that sends its clients on: where the login goes, and where it must not."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import asking
from tests.asking import verify
from tests.sandbox import Sandbox
from tests.verifier.lab import Answer, Authority, Request, Server, html

LOGIN = "Basic " + base64.b64encode(b"li:hunter2").decode()
GRANTED = Answer(200, json.dumps({"token": "t0k"}).encode(), {"content-type": "application/json"})


class Pair:
    """The source, whose login we have, and another host, which it sends its clients to."""

    def __init__(self, authority: Authority, stack: ExitStack) -> None:
        self.authority = authority
        self.source = stack.enter_context(Server(authority.context(), {}))
        self.other = stack.enter_context(Server(authority.context(), {}))

    def ask(self, tool: str, role: str, path: str = "", level: int = 3) -> None:
        probe = asking.probe(tool, role, self.source.url + path, "acme", str(self.authority.file), LOGIN)
        verify([probe], level=level, timeout=5, environ={})

    def heard(self) -> list[Request]:
        """What reached the other host with a login in it."""
        return [each for each in self.other.seen if LOGIN in each.headers.values()]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with ExitStack() as stack:
        yield Pair(Authority(tmp_path), stack)


def to(url: str, status: int = 302) -> Answer:
    return Answer(status, b"", {"location": url})


FIRST = {"docker": "/v2/", "podman": "/v2/", "containerd": "/v2/library/hello-world/manifests/latest"}
"""What each asks for first."""


@pytest.mark.parametrize("tool", FIRST)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_challenge_at_the_end_of_a_redirect(pair: Pair, tool: str, status: int) -> None:
    realm, path = f'Bearer realm="{pair.other.url}/token",service="x"', FIRST[tool]
    for route in (path, f"{path}?ns=docker.io"):
        pair.source.routes[route] = to(f"{pair.other.url}{path}", status)
    pair.other.routes |= {path: Answer(401, b"{}", {"www-authenticate": realm}), "/token": GRANTED}
    pair.ask(tool, "registry-mirrors")
    assert [each.path for each in pair.other.seen][:1] == [path]
    assert any(each.path.startswith("/token") for each in pair.other.seen)
    assert pair.heard() == []


def test_a_challenge_of_the_source_itself_gets_the_login(pair: Pair) -> None:
    realm = f'Bearer realm="{pair.source.url}/token",service="x"'
    pair.source.routes |= {"/v2/": Answer(401, b"{}", {"www-authenticate": realm}), "/token": GRANTED}
    pair.ask("docker", "registry-mirrors")
    asked = [each for each in pair.source.seen if each.path.startswith("/token")]
    assert asked
    assert asked[0].headers["authorization"] == LOGIN


@pytest.mark.parametrize("path", ["/simple/six/", "/simple/pip/", "/simple/"])
def test_an_index_that_redirects(pair: Pair, path: str) -> None:
    pair.source.routes[path] = to(f"{pair.other.url}{path}")
    pair.other.routes[path] = html('<a href="six-1.0-py3-none-any.whl">six</a>')
    pair.ask("pip", "index-url", "/simple")
    assert pair.heard() == []


def test_files_on_another_host(pair: Pair) -> None:
    link = f"{pair.other.url}/six-1.0-py3-none-any.whl"
    pair.source.routes["/simple/six/"] = html(
        f'<!DOCTYPE html><title>Links for six</title><a href="{link}">six</a>'
    )
    pair.ask("pip", "index-url", "/simple")
    assert [each.path for each in pair.other.seen] == ["/six-1.0-py3-none-any.whl"]
    assert pair.heard() == []


@pytest.mark.parametrize("name", ["noarch/repodata.json.zst", "noarch/repodata.json"])
def test_a_channel_that_redirects(pair: Pair, name: str) -> None:
    pair.source.routes[f"/main/{name}"] = to(f"{pair.other.url}/main/{name}")
    pair.ask("conda", "default-channels", "/main")
    assert pair.heard() == []


def test_a_redirect_back_home_through_another_host_tells_that_host_nothing(pair: Pair) -> None:
    pair.source.routes |= {"/simple/six/": to(f"{pair.other.url}/x"), "/simple/y/": html("nothing")}
    pair.other.routes["/x"] = to(f"{pair.source.url}/simple/y/")
    pair.ask("pip", "index-url", "/simple")
    assert pair.heard() == []
    asked = {each.path: "authorization" in each.headers for each in pair.source.seen}
    assert asked["/simple/six/"]
    assert not asked["/simple/y/"]  # where to was the other's choice: it gets no login by our hand


def test_a_redirect_within_the_source_keeps_the_login(pair: Pair) -> None:
    pair.source.routes |= {"/simple/six/": to("/moved/"), "/moved/": html("nothing")}
    pair.ask("pip", "index-url", "/simple")
    asked = {each.path: "authorization" in each.headers for each in pair.source.seen}
    assert asked["/simple/six/"]
    assert asked["/moved/"]


@pytest.mark.parametrize("tool", FIRST)
def test_a_challenge_that_another_host_sent_us_home_for(pair: Pair, tool: str) -> None:
    realm = f'Bearer realm="{pair.other.url}/token",service="x"'
    planted = Answer(401, b"{}", {"www-authenticate": realm})
    away = to(f"{pair.other.url}/x")
    pair.source.routes |= {FIRST[tool]: away, f"{FIRST[tool]}?ns=docker.io": away, "/v2/planted/": planted}
    pair.other.routes |= {"/x": to(f"{pair.source.url}/v2/planted/"), "/token": GRANTED}
    pair.ask(tool, "registry-mirrors")
    assert any(each.path.startswith("/token") for each in pair.other.seen)
    assert pair.heard() == []


def test_a_token_service_elsewhere_that_the_source_names_gets_the_login(pair: Pair) -> None:
    realm = f'Bearer realm="{pair.other.url}/token",service="x"'
    pair.source.routes["/v2/"] = Answer(401, b"{}", {"www-authenticate": realm})
    pair.other.routes["/token"] = GRANTED
    pair.ask("docker", "registry-mirrors")
    assert pair.heard()


def test_a_token_service_that_redirects(pair: Pair) -> None:
    realm = f'Bearer realm="{pair.source.url}/token",service="x"'
    pair.source.routes |= {
        "/v2/": Answer(401, b"{}", {"www-authenticate": realm}),
        "/token": to(f"{pair.other.url}/token"),
    }
    pair.other.routes["/token"] = GRANTED
    pair.ask("docker", "registry-mirrors")
    assert [each.path for each in pair.other.seen][:1] == ["/token"]
    assert pair.heard() == []


def test_a_token_service_without_tls_on_this_machine(pair: Pair) -> None:
    with Server(None, {"/token": GRANTED}) as stranger:
        realm = f'Bearer realm="{stranger.url}/token",service="x"'
        pair.source.routes["/v2/"] = Answer(401, b"{}", {"www-authenticate": realm})
        pair.ask("docker", "registry-mirrors")
        assert stranger.seen == []


def test_an_index_that_lists_files_of_a_service_on_this_machine(pair: Pair) -> None:
    with Server(None) as stranger:
        link = f"{stranger.url}/six-1.0-py3-none-any.whl"
        pair.source.routes["/simple/six/"] = html(f'<title>Links for six</title><a href="{link}">six</a>')
        pair.ask("pip", "index-url", "/simple")
        assert stranger.seen == []


@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy"])
def test_a_proxy_that_could_read_along(variable: str) -> None:
    with Server(None, {"*": html("nothing")}) as proxy:
        probe = asking.probe("pip", "index-url", "http://localhost:9/simple", "acme", None, LOGIN)
        verify([probe], timeout=5, environ={variable: proxy.url})
        assert proxy.seen
        assert not any("authorization" in each.headers for each in proxy.seen)


def test_a_source_on_this_machine_without_a_proxy_gets_its_login() -> None:
    with Server(None, {"*": html("nothing")}) as plain:
        verify(
            [asking.probe("pip", "index-url", f"{plain.url}/simple", "acme", None, LOGIN)],
            timeout=5,
            environ={},
        )
        assert plain.seen
        assert all(each.headers["authorization"] == LOGIN for each in plain.seen)


@pytest.mark.parametrize("name", ["localhost.", "127.0.0.1"])
def test_another_name_for_the_same_host(pair: Pair, name: str) -> None:
    pair.source.routes |= {"/simple/six/": to(pair.source.url.replace("localhost", name) + "/y/")}
    pair.ask("pip", "index-url", "/simple")
    assert not any("authorization" in each.headers for each in pair.source.seen if each.path == "/y/")


def test_a_downloaded_profiles_login_stays_with_its_host(box: Sandbox, tmp_path: Path) -> None:
    with ExitStack() as stack:
        pair = Pair(Authority(tmp_path), stack)
        box.write(
            box.home / ".netrc",
            "machine localhost login li password hunter2\nmachine 127.0.0.1 login x password y\n",
        )
        pair.source.routes["/acme.toml"] = to(pair.other.url.replace("localhost", "127.0.0.1") + "/acme.toml")
        box.environ["SSL_CERT_FILE"] = str(pair.authority.file)
        box.run("profile", "add", f"{pair.source.url}/acme.toml", "--sha256", "0" * 64)
        assert "authorization" in pair.source.seen[0].headers
        assert not any("authorization" in each.headers for each in pair.other.seen)
