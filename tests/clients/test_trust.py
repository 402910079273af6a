"""A company's CA, and a proxy that only a tool's own file names: what a switch makes of them, and a look."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import parts
from tests.clients.ways import Lab, inside
from tests.sandbox import PROGRAM
from tests.verifier import sources
from tests.verifier.lab import Answer, Request, Route, Server

TOOLS = {"pip": "index-url", "uv": "index-url"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    parts.mounts()
    with Lab(tmp_path_factory.mktemp("trust")).open() as found:
        found.login = False
        yield found


class House:
    """A home in the lab; the system's store there has the lab's `system` CA."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab, self.home = lab, folder
        programs = folder / "conda" / "bin"
        programs.mkdir(parents=True)
        (programs / "conda").write_text("#!/bin/false\n")
        (programs / "conda").chmod(0o755)
        self.environ = {
            "HOME": str(folder),
            "PATH": f"{Path(sys.executable).parent}:{programs}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "XDG_CONFIG_DIRS": "/nonexistent",
            "MIRRORCFG_STATE": str(folder / "state"),
        }

    def profile(self, signed: str, tls: str = "", name: str = "acme", port: int = 0) -> None:
        """One whose sources have a certificate of that CA."""
        base = f"https://localhost:{port or self.lab.indexes[signed].port}"
        path = self.home / ".config/mirrorcfg/profiles" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f'schema = 1\nname = "{name}"\n[tls]\n{tls}\n[pip]\nindex-url = "{base}/simple"\n'
            f'[conda]\ndefault-channels = ["{base}/main"]\n'
        )

    def write(self, name: str, text: str) -> Path:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *argv: str, code: int = 0) -> dict[str, Any]:
        """mirrorcfg in there; its exit code must be that."""
        done = subprocess.run(
            [*inside(self.lab), PROGRAM, *argv],
            env=self.environ,
            cwd=self.home,
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == code, (argv, done.stdout, done.stderr)
        found: dict[str, Any] = json.loads(done.stdout) if "--json" in argv else {}
        return found


@pytest.fixture
def house(lab: Lab, tmp_path: Path) -> House:
    return House(lab, tmp_path)


@pytest.mark.parametrize(("tool", "code"), [("pip", 0), ("uv", 3), ("conda", 3)])
def test_a_ca_that_only_the_system_has(house: House, tool: str, code: int) -> None:
    """pip looks there by itself; uv and conda don't, and that is said before anything is written."""
    house.profile("system")
    answer = house.run("use", "acme", "--tool", tool, "--json", code=code)
    if code:
        assert answer["error"]["code"] == "tls-untrusted-ca"
        assert "system-store" in answer["error"]["hint"] or "mirrorcfg use" in answer["error"]["hint"]
        assert not (house.home / ".config/uv").exists()


@pytest.mark.parametrize("tool", ["pip", "uv", "conda"])
def test_a_profile_that_wants_the_systems_store(house: House, tool: str) -> None:
    house.profile("system", "system-store = true")
    before = {path: house.write(path, "# mine\n").read_bytes() for path in (".condarc", ".config/uv/uv.toml")}
    house.run("use", "acme", "--tool", tool, "--json")
    text = {"uv": ".config/uv/uv.toml", "conda": ".condarc", "pip": ".config/pip/pip.conf"}[tool]
    said = {"uv": "system-certs = true", "conda": "ssl_verify: truststore", "pip": "index-url"}[tool]
    assert said in (house.home / text).read_text()
    assert house.run("verify", "--tool", tool, "--json")["data"]["sources"][0]["code"] == "ok"
    house.run("undo", "--json")
    assert {path: (house.home / path).read_bytes() for path in before} == before


def test_a_uv_that_has_another_word_for_it(house: House) -> None:
    house.profile("system", "system-store = true")
    folder = house.home / "old"
    uv = parts.program("uv")
    for line in (
        ["venv", "-q", "-p", sys.executable, str(folder)],
        ["pip", "install", "-q", "-p", str(folder), "uv==0.9.30"],
    ):
        subprocess.run([uv, *line], check=True, capture_output=True)
    house.environ["PATH"] = f"{folder}/bin:{house.environ['PATH']}"
    house.run("use", "acme", "--tool", "uv", "--json")
    text = (house.home / ".config/uv/uv.toml").read_text()
    assert "native-tls = true" in text
    assert "system-certs" not in text
    assert house.run("status", "--tool", "uv", "--json")["data"]["tools"]["uv"]["shadowed_by"] == []


def test_a_ca_that_uv_can_not_be_told_of(house: House) -> None:
    """Its file is sent to the system's store; where that hasn't got the CA, it doesn't end with 0."""
    house.profile("x", f'ca-file = "{house.lab.authorities["x"].file}"')
    for more in ((), ("--no-verify",)):  # its sources are good, and it is written as for the others
        answer = house.run("use", "acme", "--tool", "uv", *more, "--json", code=3)
        assert answer["findings"][0]["code"] == "ca-not-in-effect"
        verdicts = house.run("verify", "--tool", "uv", "--json", code=3)["data"]["sources"]
        assert verdicts[0]["code"] == "tls-untrusted-ca"
        house.run("undo", "--json")
    house.environ["SSL_CERT_FILE"] = str(house.lab.authorities["x"].file)
    house.run("use", "acme", "--tool", "uv", "--json")
    house.run("undo", "--json")
    del house.environ["SSL_CERT_FILE"]
    house.profile("system", f'ca-file = "{house.lab.authorities["system"].file}"')
    house.run("use", "acme", "--tool", "uv", "--json")


def test_a_bundle_that_wins_over_the_profiles_ca(house: House) -> None:
    """requests takes its variable and no `cert`: so does what is asked before the switch."""
    house.profile("x", f'ca-file = "{house.lab.authorities["x"].file}"')
    house.environ["REQUESTS_CA_BUNDLE"] = str(house.lab.authorities["y"].file)
    for tool in ("pip", "conda"):
        answer = house.run("use", "acme", "--tool", tool, "--json", code=3)
        assert answer["error"]["code"] == "tls-untrusted-ca"


FILES = {
    "pip": (".config/pip/pip.conf", "[global]\nproxy = {one}\n"),
    "uv": (".config/uv/uv.toml", 'https-proxy = "{one}"\n'),
    "conda": (".condarc", "proxy_servers:\n  https: {one}\n"),
}


@pytest.mark.parametrize("tool", FILES)
def test_a_proxy_that_only_the_tools_file_names(house: House, tool: str) -> None:
    """`use`, `verify`, `failover` and `run` go through it, and never past it."""
    for server in house.lab.proxies.values():
        server.connections = 0
    for name in ("acme", "other"):
        house.profile("system", "system-store = true", name)
    path, text = FILES[tool]
    house.write(path, text.format(one=house.lab.proxies["one"].url))
    commands: list[tuple[str, ...]] = [
        ("use", "acme", "--tool", tool, "--json"),
        ("verify", "--tool", tool, "--json"),
        ("failover", "--tool", tool, "--chain", "acme,other", "--json"),
    ]
    for argv in commands:
        house.lab.proxies["one"].connections = 0
        answer = house.run(*argv)
        assert house.lab.proxies["one"].connections, argv
        if argv[0] == "failover":
            assert answer["status"] == "unchanged"
    house.lab.proxies["one"].connections = 0
    house.run("run", "--chain", "acme,other", "--tool", tool, "--", "true")
    assert house.lab.proxies["one"].connections
    # A dead proxy in that file is ours to mend and not the mirror's fault: nothing is switched for it.
    house.write(
        path, (house.home / path).read_text().replace(house.lab.proxies["one"].url, "http://127.0.0.1:9")
    )
    answer = house.run("failover", "--tool", tool, "--chain", "acme,other", "--json", code=3)
    assert {(each["action"], each.get("to")) for each in answer["data"]["tools"].values()} == {
        ("hold", "acme")
    }


@pytest.mark.parametrize("blocked", ["23.2.1", "26.3"])
def test_a_firewall_that_blocks_one_pip(house: House, blocked: str) -> None:
    """The one that is here is asked with its own name, whichever that is."""
    served = sources.index()

    def guarded(route: Route) -> Route:
        def answer(request: Request) -> Answer:
            if f"pip/{blocked} " in request.headers.get("user-agent", ""):
                return Answer(403, b"no")
            return route(request) if callable(route) else route

        return answer

    uv, folder = parts.program("uv"), house.home / "venv"
    for line in (["venv", "-q", str(folder)], ["pip", "install", "-q", "-p", str(folder), "pip==23.2.1"]):
        subprocess.run([uv, *line], check=True, capture_output=True)
    house.environ["PATH"] = f"{folder}/bin:{house.environ['PATH']}"
    authority = house.lab.authorities["x"]
    with Server(authority.context(), {path: guarded(route) for path, route in served.items()}) as server:
        house.profile("x", f'ca-file = "{authority.file}"', port=server.port)
        answer = house.run("use", "acme", "--tool", "pip", "--json", code=3 if blocked == "23.2.1" else 0)
        real = [str(folder / "bin/pip"), "download", "--no-deps", "-d", str(folder / "got"), "--retries=0"]
        line = [*inside(house.lab), *real, "-i", f"{server.url}/simple", "--cert", str(authority.file), "six"]
        done = subprocess.run(line, env=house.environ, capture_output=True, text=True)
        assert ("from versions: none" in done.stderr) == (blocked == "23.2.1")
    if blocked == "23.2.1":
        assert answer["error"]["code"] == "http-403-client-blocked"


def test_a_field_that_came_later_than_the_uv_that_is_here(house: House) -> None:
    """uv refuses its file for one that it doesn't know: so there is nothing that it would use."""
    folder = house.home / "old/lib/python3/site-packages/uv-0.9.22.dist-info"
    folder.mkdir(parents=True)
    program = house.write("old/bin/uv", "#!/bin/false\n")
    program.chmod(0o755)
    house.environ["PATH"] = f"{program.parent}:{house.environ['PATH']}"
    for field in ("system-certs = true", 'https-proxy = "http://proxy.example:3128"'):
        house.write(".config/uv/uv.toml", f"{field}\n")
        answer = house.run("status", "--tool", "uv", "--json", code=1)
        assert answer["findings"][0]["code"] == "unknown-field"
        assert "uv 0.9.22" in answer["findings"][0]["message"]


def test_a_conda_that_a_link_leads_to(house: House) -> None:
    """Its version is told by its own folder, not by the one that the link lies in."""
    (house.home / "conda/conda-meta").mkdir()
    (house.home / "conda/conda-meta/conda-25.9.0-py311_0.json").write_text("{}")
    link = house.home / "links/bin/conda"
    link.parent.mkdir(parents=True)
    link.symlink_to(house.home / "conda/bin/conda")
    house.environ["PATH"] = f"{link.parent}:/usr/bin:/bin"
    house.profile("system", "system-store = true")
    house.run("use", "acme", "--tool", "conda", "--no-verify", "--json")
    assert "channels:" in (house.home / ".condarc").read_text()  # which this conda needs
