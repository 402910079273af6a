"""How pip and uv get to an index: the real ones in a world, and mirrorcfg in the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

from tests import parts
from tests.clients import ways
from tests.clients.record_ways import ANSWERS
from tests.clients.ways import LOGIN, PASSWORD, USER, Judged, Lab, World, world

VERSIONS = {"pip": ("23.2.1", "26.3"), "uv": ("0.9.30", "0.13.9")}
UNKNOWN = {"23.2.1": ("legacy-certs", "no-proxy-env"), "0.9.30": ()}
"""What a version has no word for, and stops at."""


def uv(variables: Mapping[str, str], user: str = "", name: str = "", netrc: str = "") -> World:
    """An index that wants a login, by whose name its variables go."""
    conf = f'[[index]]\nurl = "{{url}}"\ndefault = true\n{name}'
    return World("uv", "x", True, {"SSL_CERT_FILE": "{x}", **variables}, conf, netrc, user)


def pip(user: str, netrc: str = "", **variables: str) -> World:
    conf = "[global]\nindex-url = {url}\n"
    return World("pip", "x", True, {"PIP_CERT": "{x}", **variables}, conf, netrc, user)


BOTH = {"UV_INDEX_LAB_1_X_USERNAME": USER, "UV_INDEX_LAB_1_X_PASSWORD": PASSWORD}
NAMED = "name = 'lab-1.x'\n"
STORE = {"UV_CREDENTIALS_DIR": "{store}"}
BY_HAND = {
    "variables of an index": uv(BOTH, name=NAMED),
    "of another index": uv(BOTH, name="name = 'lab'\n"),
    "the password alone": uv({"UV_INDEX_LAB_1_X_PASSWORD": PASSWORD}, name=NAMED),
    "the address before the variables": uv(BOTH, "other:other@", NAMED),
    "the store of uv auth login": uv(STORE),
    "the same, for a user": uv(STORE, f"{USER}@"),
    "the same, for another": uv(STORE, "other@"),
    "netrc for uv": uv({}, netrc=LOGIN),
    "netrc for a user of uv's": uv({}, f"{USER}@", netrc=LOGIN),
    "netrc for another user": uv({}, "other@", netrc=LOGIN),
    "a password without a user": pip(f":{PASSWORD}@", LOGIN),
    "an empty password": pip(f"{USER}:@", LOGIN),
    "netrc for a user": pip(f"{USER}@", LOGIN),
    "the default entry for a user": pip(f"{USER}@", LOGIN.replace("machine localhost", "default")),
    "another NETRC": pip("", LOGIN, NETRC="{none}"),
}


def trusts(tool: str, signed: str, conf: str = "", **variables: str) -> World:
    """Nothing but what is trusted."""
    return World(tool, signed, False, variables, _text(tool, conf))


def goes(tool: str, conf: str = "", host: str = "localhost", **variables: str) -> World:
    """It trusts the index; the way there is the question."""
    trusted = {"uv": "SSL_CERT_FILE", "pip": "PIP_CERT"}[tool]
    return World(tool, "x", False, {trusted: "{x}", **variables}, _text(tool, conf), host=host)


def _text(tool: str, conf: str) -> str:
    if tool == "pip":
        return f"[global]\nindex-url = {{url}}\n{conf}\n"
    return f'{conf}\n[[index]]\nurl = "{{url}}"\ndefault = true\n'


OWN = {"pip": "proxy = {one}", "uv": 'https-proxy = "{one}"'}
BY_HAND |= {
    "pip and the system's store": trusts("pip", "system"),
    "cert beside it": trusts("pip", "system", "cert = {x}"),
    "REQUESTS_CA_BUNDLE over cert": trusts("pip", "x", "cert = {x}", REQUESTS_CA_BUNDLE="{y}"),
    "CURL_CA_BUNDLE behind it": trusts("pip", "x", REQUESTS_CA_BUNDLE="{y}", CURL_CA_BUNDLE="{x}"),
    "SSL_CERT_FILE for pip": trusts("pip", "x", SSL_CERT_FILE="{x}"),
    "nothing of the system's is left": trusts("pip", "system", SSL_CERT_FILE="{x}", SSL_CERT_DIR="{folder}"),
    "a bundle that isn't there": trusts("pip", "system", "cert = {none}"),
    "a proxy of its own, and no REQUESTS_CA_BUNDLE": trusts(
        "pip", "x", "cert = {x}\nproxy = {one}", REQUESTS_CA_BUNDLE="{y}"
    ),
    "a proxy's name without a dot": goes("pip", HTTPS_PROXY="{one_bare}"),
    "uv and the system's store": trusts("uv", "system"),
    "uv, told of it": trusts("uv", "system", "native-tls = true"),
    "uv, told by a variable": trusts("uv", "system", UV_NATIVE_TLS="1"),
    "SSL_CERT_FILE over it": trusts("uv", "system", "native-tls = true", SSL_CERT_FILE="{x}"),
    "one that isn't there": trusts("uv", "system", "native-tls = true", SSL_CERT_FILE="{none}"),
    "SSL_CERT_DIR for uv": trusts("uv", "x", SSL_CERT_DIR="{folder}"),
    "REQUESTS_CA_BUNDLE for uv": trusts("uv", "x", REQUESTS_CA_BUNDLE="{x}"),
    "for http alone, and no variable counts": goes("uv", 'http-proxy = "{one}"', HTTPS_PROXY="{two}"),
    "no-proxy with its own": goes("uv", f"{OWN['uv']}\nno-proxy = ['localhost']"),
    "no-proxy with the variables'": goes("uv", "no-proxy = ['localhost']", HTTPS_PROXY="{two}"),
    "a script of a web server": goes("uv", ALL_PROXY="{one}", REQUEST_METHOD="GET"),
    **{
        f"{name}, {tool}": goes(tool, OWN[tool] if own else "", host, **variables)
        for tool in OWN
        for name, own, host, variables in (
            ("a proxy of its own before the variables'", True, "localhost", {"HTTPS_PROXY": "{two}"}),
            ("no_proxy and a proxy of its own", True, "localhost", {"NO_PROXY": "localhost"}),
            ("two cases", False, "localhost", {"HTTPS_PROXY": "{one}", "https_proxy": "{two}"}),
            ("for all", False, "localhost", {"ALL_PROXY": "{one}", "HTTP_PROXY": "{two}"}),
            ("a star", False, "localhost", {"HTTPS_PROXY": "{one}", "NO_PROXY": "*.localhost"}),
            ("a dot", False, "localhost", {"HTTPS_PROXY": "{one}", "NO_PROXY": ".localhost"}),
            ("a port", False, "localhost", {"HTTPS_PROXY": "{one}", "NO_PROXY": "localhost:{port}"}),
            ("a network", False, "127.0.0.1", {"HTTPS_PROXY": "{one}", "NO_PROXY": "127.0.0.0/8"}),
        )
    },
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    parts.mounts()
    with Lab(tmp_path_factory.mktemp("ways")).open() as found:
        yield found


@pytest.fixture(scope="module")
def judged(lab: Lab) -> Iterator[Judged]:
    found = Judged(lab)
    yield found
    found.close()


@pytest.fixture(scope="module", params=[(tool, each) for tool, known in VERSIONS.items() for each in known])
def programs(lab: Lab, request: pytest.FixtureRequest) -> tuple[str, str, str]:
    """A tool, its version, and the PATH where that is."""
    tool, version = request.param
    folder = lab.folder / f"{tool}-{version}"
    python = folder / "bin" / "python3"
    uv = parts.program("uv")
    for line in (
        ["venv", "-q", "-p", sys.executable, str(folder)],
        ["pip", "install", "-q", "-p", str(python), f"{tool}=={version}"],
    ):
        done = subprocess.run([uv, *line], capture_output=True, text=True)
        if done.returncode:
            parts.absent(f"{tool} {version} can't be installed: {done.stderr.strip()[-200:]}")
    return tool, version, f"{python.parent}:/usr/bin:/bin"


def compared(lab: Lab, judged: Judged, given: World, path: str) -> str | None:
    """What differs between the client and mirrorcfg; None where nothing does."""
    environ, url = lab.placed(given, path)
    {"pip": ways.asked_by_pip, "uv": ways.asked_by_uv}[given.tool](lab, environ, url)
    client = lab.seen(given)
    code = judged.code({**environ, "MIRRORCFG_STATE": str(lab.folder / "state")}, given.tool)
    ours = lab.seen(given)
    same = client == ours and (code == "ok") == (client.came and client.let_in)
    return None if same else f"{given}\nclient: {client}\nours:   {ours} {code}"


def differences(lab: Lab, judged: Judged, program: tuple[str, str, str], numbers: range) -> list[str]:
    tool, version, path = program
    worlds = [world(tool, number) for number in numbers]
    told = [each for each in worlds if not any(word in each.conf for word in UNKNOWN.get(version, ()))]
    return [found for each in told if (found := compared(lab, judged, each, path))]


def test_generated_worlds(lab: Lab, judged: Judged, programs: tuple[str, str, str]) -> None:
    assert not differences(lab, judged, programs, range(8))


def test_worlds_by_hand(lab: Lab, judged: Judged, programs: tuple[str, str, str]) -> None:
    tool, _, path = programs
    worlds = {name: each for name, each in BY_HAND.items() if each.tool == tool}
    found = {name: compared(lab, judged, each, path) for name, each in worlds.items()}
    assert not {name: wrong for name, wrong in found.items() if wrong}


@pytest.mark.long
def test_many_generated_worlds(lab: Lab, judged: Judged, programs: tuple[str, str, str]) -> None:
    assert not differences(lab, judged, programs, range(8, 1500))


def test_how_conda_gets_there(lab: Lab, judged: Judged) -> None:
    """Held against what conda's own session did in each world when it was recorded."""
    recorded = json.loads(ANSWERS.read_text())["ways"]
    wrong = []
    for number, (proxies, came, let_in) in enumerate(recorded):
        given = world("conda", number)
        environ, _ = lab.placed(given, "/usr/bin:/bin")
        code = judged.code({**environ, "MIRRORCFG_STATE": str(lab.folder / "state")}, "conda")
        ours = lab.seen(given)
        if (sorted(ours.proxies), ours.came, ours.let_in) != (proxies, came, let_in) or (
            code == "ok"
        ) != let_in:
            wrong.append((given, ours, code))
    assert not wrong
