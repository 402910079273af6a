"""No healthy source is called broken."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mirrorcfg.model.verdict import Verdict
from mirrorcfg.verifier import body
from tests.verifier import sources
from tests.verifier.lab import Answer, Server

Ask = Callable[..., Verdict]
Serve = Callable[..., Server]


def test_an_index_in_html(serve: Serve, ask: Ask) -> None:
    server = serve(sources.index())
    verdict = ask(f"{server.url}/simple")
    assert (verdict.ok, verdict.code, verdict.level) == (True, "ok", 3), verdict
    assert verdict.certificate_days is not None
    assert verdict.phases.tls is not None
    assert verdict.phases.first_byte is not None
    assert server.seen[0].headers["user-agent"].startswith("pip/")
    assert "cookie" not in server.seen[0].headers
    assert verdict.fetched == (f"{server.url}/simple/six/", f"{server.url}/files/{sources.WHEEL}")


def test_an_index_in_json(serve: Serve, ask: Ask) -> None:
    server = serve(sources.index(sources.json_page()))
    for tool in ("pip", "uv"):
        verdict = ask(f"{server.url}/simple/", tool)
        assert (verdict.code, verdict.level) == ("ok", 3), verdict


def test_a_channel(serve: Serve, ask: Ask) -> None:
    server = serve(sources.channel())
    verdict = ask(f"{server.url}/main", "conda")
    assert (verdict.code, verdict.level) == ("ok", 3), verdict


def test_a_channel_that_this_python_cannot_unpack(
    serve: Serve, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As mirrorcfg.pyz finds it before Python 3.14."""
    sound = sources.channel()
    only = {path.replace(".json", ".json.zst"): answer for path, answer in sound.items()}
    for path in only:
        if path.endswith(".zst"):
            only[path] = Answer(200, body.zstd.compress(sound[path.removesuffix(".zst")].body))
    server = serve(only)
    assert ask(f"{server.url}/main", "conda").level == 3
    monkeypatch.delitem(body._BY_NAME, "zstd")
    verdict = ask(f"{server.url}/main", "conda")
    assert (verdict.code, verdict.level, verdict.warnings) == ("ok", 2, ("only-zstd",)), verdict
    server.routes = {path: Answer(200, b"<title>Welcome</title>") for path in only}
    assert ask(f"{server.url}/main", "conda").code == "not-a-channel"
    server.routes = sound
    verdict = ask(f"{server.url}/main", "conda")
    assert (verdict.code, verdict.level, verdict.warnings) == ("ok", 3, ()), verdict


def test_a_registry(serve: Serve, ask: Ask) -> None:
    server = serve(sources.registry())
    verdict = ask(server.url, "docker")
    assert (verdict.code, verdict.level, verdict.warnings) == ("ok", 3, ()), verdict
