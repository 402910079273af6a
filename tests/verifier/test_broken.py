"""Every way of being broken has its own code."""

from __future__ import annotations

import bz2
import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from mirrorcfg.model.verdict import Verdict
from mirrorcfg.verifier import body, page
from tests.verifier import sources
from tests.verifier.lab import Answer, Authority, Request, Server, html

Ask = Callable[..., Verdict]
Serve = Callable[..., Server]
NOW = datetime.now(UTC)
LOGIN = html("<title>Login</title><form><input type=password></form>")

PIP = {
    "http-404": {"/simple/six/": Answer(404)},
    "http-401": {"/simple/six/": Answer(401)},
    "http-403": {"/simple/six/": Answer(403)},
    "http-403-client-blocked": {
        "/simple/six/": lambda request: Answer(403 if "pip/" in request.headers["user-agent"] else 200)
    },
    "http-429": {"/simple/six/": Answer(429)},
    "http-4xx": {"/simple/six/": Answer(418)},
    "http-5xx": {"/simple/six/": Answer(503)},
    "captive-portal": {"/simple/six/": LOGIN},
    "not-an-index": {"/simple/six/": html("<h1>Welcome</h1>"), "/simple/": html("<h1>Welcome</h1>")},
    "redirect-loop": {"/simple/six/": Answer(302, b"", {"location": "/simple/six/"})},
    "redirect-insecure": {"/simple/six/": Answer(302, b"", {"location": "http://mirror.example/six/"})},
    "file-missing": {f"/files/{sources.WHEEL}": Answer(404)},
    "file-host-blocked": {f"/files/{sources.WHEEL}": Answer(403)},
    "hash-mismatch": {f"/files/{sources.WHEEL}": Answer(200, sources.archive(999))},
}


@pytest.mark.parametrize("status", [200, 401])
def test_a_registry_that_blocks_docker(serve: Serve, ask: Ask, status: int) -> None:
    def answer(request: Request) -> Answer:
        return Answer(403 if "docker/" in request.headers["user-agent"] else status)

    every = dict.fromkeys(sources.registry(), answer)
    for routes in (every, {"/v2/library/hello-world/manifests/latest": answer}):
        verdict = ask(serve({**sources.registry(), **routes}).url, "docker")
        assert verdict.code == "http-403-client-blocked", verdict


@pytest.mark.parametrize("code", PIP)
def test_an_index(serve: Serve, ask: Ask, code: str) -> None:
    server = serve({**sources.index(), **PIP[code]})
    verdict = ask(f"{server.url}/simple")
    assert (verdict.ok, verdict.code) == (False, code), verdict
    assert verdict.message
    assert "{" not in verdict.message


CONDA = {
    "not-a-channel": dict.fromkeys(sources.channel(), Answer(404)),
    "subdir-missing": {
        "/main/linux-64/repodata.json": Answer(404),
        "/main/channeldata.json": Answer(200, b'{"subdirs": ["linux-64", "noarch"]}'),
    },
    "shards-broken": {"/main/noarch/repodata_shards.msgpack.zst": html("<h1>Welcome</h1>")},
    "package-missing": {"/main/linux-64/tiny-1-0.conda": Answer(404)},
    "hash-mismatch": {"/main/linux-64/tiny-1-0.conda": Answer(200, sources.BYTES[:-1] + b"?")},
    "file-host-blocked": {"/main/noarch/tiny-1-0.conda": Answer(403)},
}


@pytest.mark.parametrize("code", CONDA)
def test_a_channel(serve: Serve, ask: Ask, code: str) -> None:
    server = serve({**sources.channel(), **CONDA[code]})
    verdict = ask(f"{server.url}/main", "conda")
    assert (verdict.ok, verdict.code) == (False, code), verdict


CHALLENGE = {"www-authenticate": 'Bearer realm="https://localhost:1/token",service="x"'}
DOCKER = {
    "not-a-registry": {"/v2/": html("<h1>Index of /v2/</h1>")},
    "token-service-failed": {"/v2/": Answer(401, b"", CHALLENGE)},
    "http-401": {"/v2/": Answer(401, b"", {"www-authenticate": 'Basic realm="x"'})},
    "http-5xx": {"/v2/": Answer(500)},
}


@pytest.mark.parametrize("code", DOCKER)
def test_a_registry(serve: Serve, ask: Ask, code: str) -> None:
    server = serve(DOCKER[code])
    verdict = ask(server.url, "docker")
    assert (verdict.ok, verdict.code) == (False, code), verdict


@pytest.mark.parametrize("token", ["ends in a space ", " ", "a\tb", "\u00fc"])
def test_a_token_that_no_header_can_carry(serve: Serve, ask: Ask, token: str) -> None:
    def asks(request: Request) -> Answer:
        return Answer(401, b"", {"www-authenticate": f'Bearer realm="{server.url}/token"'})

    server = serve({"/v2/": asks, "/token": Answer(200, json.dumps({"token": token}).encode())})
    assert ask(server.url, "docker").code == "token-service-failed"


def test_an_image_that_is_not_carried(serve: Serve, ask: Ask) -> None:
    verdict = ask(serve({"/v2/": sources.registry()["/v2/"]}).url, "docker")
    assert (verdict.ok, verdict.level, verdict.code) == (False, 2, "image-not-carried"), verdict


def test_certificates(serve: Serve, ask: Ask, authority: Authority, tmp_path: Path) -> None:
    day = timedelta(days=1)
    other = Authority(tmp_path)
    cases: dict[str, ssl.SSLContext] = {
        "tls-expired": authority.context(not_before=NOW - 9 * day, not_after=NOW - day),
        "tls-not-yet-valid": authority.context(not_before=NOW + day, not_after=NOW + 9 * day),
        "tls-hostname": authority.context("mirror.example"),
        "tls-untrusted-ca": other.context(),
    }
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        for code, context in cases.items():
            context.maximum_version = context.minimum_version = version
            server = serve(sources.index(), context=context)
            verdict = ask(f"{server.url}/simple")
            assert (verdict.ok, verdict.code) == (False, code), verdict
            if code == "tls-untrusted-ca":
                assert "Lab CA" in verdict.message
            if code == "tls-hostname":
                assert "mirror.example" in verdict.message
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.maximum_version = ssl.TLSVersion.TLSv1_3
            assert not server.seen


def test_no_name(ask: Ask) -> None:
    assert ask("https://mirror.invalid/simple").code == "dns-failure"


def test_nobody_listens(ask: Ask) -> None:
    assert ask("https://localhost:1/simple").code == "connect-refused"


def test_a_ca_that_is_none(ask: Ask, tmp_path: Path) -> None:
    assert ask("https://localhost:1/simple", ca_file=str(tmp_path / "none.pem")).code == "ca-file-unreadable"


def test_another_ca_is_only_added(serve: Serve, ask: Ask, authority: Authority, tmp_path: Path) -> None:
    other = trustme.CA()
    path = tmp_path / "other.pem"
    other.cert_pem.write_to_path(str(path))
    server = serve(sources.index())
    trusted = {"SSL_CERT_FILE": str(authority.file), "PYTHONHTTPSVERIFY": "0"}
    assert ask(f"{server.url}/simple", ca_file=str(path), environ=trusted).ok
    refused = ask(f"{server.url}/simple", ca_file=None, environ={"PYTHONHTTPSVERIFY": "0"})
    assert refused.code == "tls-untrusted-ca"


@pytest.mark.parametrize(("status", "code"), [(429, "http-429"), (405, "http-4xx"), (403, "http-403")])
def test_a_refusal_that_is_over_once_more_is_no_block(serve: Serve, ask: Ask, status: int, code: str) -> None:
    """Too much was asked at once: whoever asks next is let in, and so is the tool."""
    answers = iter([Answer(status), *[sources.index()["/simple/six/"]] * 9])
    verdict = ask(serve({**sources.index(), "/simple/six/": lambda request: next(answers)}).url + "/simple")
    assert verdict.code == code, verdict


def test_serials_that_are_texts_are_numbers() -> None:
    for said, serial in {"5": 5, "": None, "x": None, "-1": None}.items():
        body = json.dumps({"meta": {"_last-serial": said}, "files": [{"size": said, "url": "x-1.zip"}]})
        found = page.read(body.encode(), page.JSON, "https://a.example/simple/x/")
        assert found is not None
        assert (found.serial, found.files[0].size) == (serial, serial)


WELCOME = html("<h1>Welcome</h1>")


def test_a_channel_without_this_machines_subdir(serve: Serve, ask: Ask) -> None:
    """conda goes on with noarch, if there is something in it."""
    sound = sources.channel(("noarch",))
    verdict = ask(serve(sound).url + "/main", "conda")
    assert (verdict.code, verdict.warnings) == ("ok", ("subdir-not-carried",)), verdict
    empty = b'{"info": {"subdir": "noarch"}, "packages": {}}'
    nothing = {**sound, "/main/noarch/repodata.json": Answer(200, empty)}
    assert ask(serve(nothing).url + "/main", "conda").code == "subdir-missing"


def test_a_channel_whose_zst_is_none(serve: Serve, ask: Ask) -> None:
    """conda goes on to .json where that is told by its beginning, and stops at one that ends too early."""
    zst = "/main/noarch/repodata.json.zst"
    verdict = ask(serve({**sources.channel(), zst: WELCOME}).url + "/main", "conda")
    assert (verdict.code, verdict.warnings) == ("ok", ("zst-broken",)), verdict
    assert ask(serve({**sources.channel(), zst: Answer(401)}).url + "/main", "conda").code == "ok"
    for broken in (b"", body.zstd.compress(sources.repodata("noarch"))[:-20]):
        verdict = ask(serve({**sources.channel(), zst: Answer(200, broken)}).url + "/main", "conda")
        assert verdict.code == "not-a-channel", verdict


def test_a_channel_of_bz2_alone(serve: Serve, ask: Ask) -> None:
    packed = {f"{path}.bz2": Answer(200, bz2.compress(sources.repodata(path.split("/")[2]))) for path in (
        "/main/noarch/repodata.json", "/main/linux-64/repodata.json",
    )}  # fmt: skip
    assert ask(serve(packed).url + "/main", "conda").code == "not-a-channel"
