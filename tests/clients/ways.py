"""Worlds of how a client gets to a source: what it trusts, through which proxy, with whose login.

In each there is one index, whose certificate is of a CA that only the system's store has, or of one that nobody
knows; two proxies that let everything through; and whatever the world says of files and variables. What came
through which of them is read from their logs.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests import parts
from tests.verifier import sources
from tests.verifier.lab import Answer, Authority, Request, Route, Server

USER, PASSWORD = "robot", "planted-secret-of-the-robot"
LOGIN = f"machine localhost login {USER} password {PASSWORD}\n"


class World(NamedTuple):
    """`{x}`, `{y}`, `{none}`, `{empty}`, `{folder}` are CAs; `{one}` and `{two}` proxies; `{url}` the index."""

    tool: str
    signed: str = "x"  # or "system"
    login: bool = False
    variables: Mapping[str, str] = {}
    conf: str = ""
    netrc: str = ""
    user: str = ""
    host: str = "localhost"


class Ways(NamedTuple):
    """What was seen: the proxies that were asked, whether a request came, with the right login, from whom."""

    proxies: frozenset[str]
    came: bool
    let_in: bool
    agent: str = ""


class Lab:
    """The servers, and a folder for the files of one world after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.authorities = {name: Authority(_made(folder / name)) for name in ("system", "x", "y")}
        self.login = False
        self.let_in = False
        self.indexes: dict[str, Server] = {}
        self.proxies: dict[str, Server] = {}
        self.store = folder / "certs"
        shutil.copytree("/etc/ssl/certs", self.store, symlinks=True)
        bundle = self.store / "ca-certificates.crt"
        content = bundle.read_bytes() + self.authorities["system"].file.read_bytes()
        bundle.unlink()
        bundle.write_bytes(content)
        _hashed(self.authorities["system"].file, self.store)
        _hashed(self.authorities["x"].file, _made(folder / "hashed"))
        (folder / "empty.pem").write_text("")

    @contextmanager
    def open(self) -> Iterator[Lab]:
        """With the servers running."""
        served = {**sources.index(), **sources.channel()}
        routes = {path: self._guarded(route) for path, route in served.items()}
        for name in ("system", "x"):
            self.indexes[name] = Server(self.authorities[name].context(), routes)
        for name in ("one", "two"):
            self.proxies[name] = Server(None, script=_passing)
        with self.indexes["system"], self.indexes["x"], self.proxies["one"], self.proxies["two"]:
            yield self

    def placed(self, world: World, programs: str) -> tuple[dict[str, str], str]:
        """The files of a world are written; its variables, and the address of its index."""
        shutil.rmtree(self.home, ignore_errors=True)
        server = self.indexes[world.signed]
        path = "main" if world.tool == "conda" else "simple"
        url = f"https://{world.user}{world.host}:{server.port}/{path}"
        named = {
            "x": str(self.authorities["x"].file),
            "y": str(self.authorities["y"].file),
            "none": str(self.folder / "none.pem"),
            "empty": str(self.folder / "empty.pem"),
            "folder": str(self.folder / "hashed"),
            **{name: proxy.url for name, proxy in self.proxies.items()},
            **{f"{name}_bare": proxy.url.partition("://")[2] for name, proxy in self.proxies.items()},
            "url": url,
            "port": str(server.port),
            "store": str(self.home / "store"),
        }
        files = {"pip": ".config/pip/pip.conf", "uv": ".config/uv/uv.toml", "conda": ".condarc"}
        text = world.conf
        for name, value in named.items():
            text = text.replace(f"{{{name}}}", value)
        _written(self.home / files[world.tool], text)
        if world.netrc:
            _written(self.home / ".netrc", world.netrc).chmod(0o600)
        entry = f'service = "https://localhost:{server.port}"\nusername = "{USER}"\npassword = "{PASSWORD}"\n'
        _written(self.home / "store/credentials.toml", f'[[credential]]\nscheme = "basic"\n{entry}')
        told = {key: value.format(**named) for key, value in world.variables.items()}
        usual = {
            "HOME": str(self.home),
            "PATH": programs,
            "LANG": "C.UTF-8",
            "XDG_CONFIG_DIRS": "/nonexistent",
        }
        self.login, self.let_in = world.login, False
        for server in (*self.indexes.values(), *self.proxies.values()):
            server.seen.clear()
            server.connections = 0
        return {**usual, **told}, url

    def seen(self, world: World) -> Ways:
        """What there was since the world was placed; it is forgotten."""
        server = self.indexes[world.signed]
        asked = frozenset(name for name, proxy in self.proxies.items() if proxy.connections)
        agent = server.seen[0].headers.get("user-agent", "") if server.seen else ""
        found = Ways(asked, bool(server.seen), self.let_in or (bool(server.seen) and not world.login), agent)
        server.seen.clear()
        self.let_in = False
        for proxy in self.proxies.values():
            proxy.connections = 0
        return found

    def _guarded(self, route: Route) -> Route:
        pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

        def answer(request: Request) -> Answer:
            if self.login and request.headers.get("authorization") != f"Basic {pair}":
                return Answer(401, b"", {"www-authenticate": 'Basic realm="lab"'})
            self.let_in = True
            return route(request) if callable(route) else route

        return answer


class Judged:
    """mirrorcfg in a process that stays, in a mount namespace with the lab's store for the system's."""

    def __init__(self, lab: Lab) -> None:
        line = [*inside(lab), sys.executable, "-m", "tests.clients.ways_asked"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(line, stdin=pipe, stdout=pipe, text=True)

    def code(self, environ: Mapping[str, str], tool: str) -> str:
        """What `verify` says of the index, asked in that world."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps({"environ": environ, "tool": tool}), file=self._process.stdin, flush=True)
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """The process ends."""
        self._process.communicate(timeout=30)


def inside(lab: Lab) -> list[str]:
    """What goes before a command, so that it finds the lab's store, and no pip.conf of this machine's."""
    hidden = 'if [ -e /etc/pip.conf ]; then mount --bind "$0/empty.pem" /etc/pip.conf; fi'
    script = f'mount --bind "$0/certs" /etc/ssl/certs && {hidden} && exec "$@"'
    return [parts.program("unshare"), "-m", "sh", "-c", script, str(lab.folder)]


def asked_by_pip(lab: Lab, environ: Mapping[str, str], url: str) -> None:
    """The real pip looks for a project there."""
    line = ["pip", "download", "--no-deps", "--retries=0", "--no-cache-dir", "--disable-pip-version-check"]
    told = {**environ, "PIP_NO_INPUT": "1"}
    more = ["-d", str(lab.folder / "downloads"), "-i", url, "six"]
    subprocess.run([*inside(lab), *line, *more], env=told, capture_output=True, timeout=60)


def asked_by_uv(lab: Lab, environ: Mapping[str, str], url: str) -> None:
    """The real uv does."""
    line = ["uv", "pip", "install", "--dry-run", "--no-cache", "--target", str(lab.folder / "target")]
    told = {**environ, "UV_HTTP_RETRIES": "0"}
    more = ["--python", sys.executable, "six"]
    subprocess.run([*inside(lab), *line, *more], env=told, capture_output=True, timeout=60)


_CONDA = """
import sys
from conda.base.context import reset_context
from conda.gateways.connection.session import CondaSession
reset_context()
session = CondaSession()
session.get(sys.argv[1] + "/noarch/repodata.json", proxies=session.proxies, timeout=10)
"""


def asked_by_conda(lab: Lab, environ: Mapping[str, str], url: str, program: str) -> None:
    """conda's own session, with what its files and variables make of it; `program` is a Python that has it."""
    line = [*inside(lab), program, "-c", _CONDA, url]
    subprocess.run(line, env=dict(environ), capture_output=True, timeout=60)


async def _passing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """HTTP's CONNECT, to wherever it is asked for."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    host, _, port = head.split()[1].rpartition(":")
    there = await asyncio.open_connection(host, int(port))
    writer.write(b"HTTP/1.1 200 Go on\r\n\r\n")
    try:
        await asyncio.gather(_passed(reader, there[1]), _passed(there[0], writer))
    finally:
        there[1].transport.abort()


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _hashed(certificate: Path, folder: Path) -> None:
    line = [parts.program("openssl"), "x509", "-hash", "-noout", "-in", str(certificate)]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    shutil.copy(certificate, folder / f"{done.stdout.strip()}.0")


TRUST = {
    "": "",
    "SSL_CERT_FILE": "x y none empty",
    "SSL_CERT_DIR": "folder none",
    "REQUESTS_CA_BUNDLE": "x y none folder",
    "CURL_CA_BUNDLE": "x y",
}
EXCEPTIONS = (
    "localhost", ".localhost", "*.localhost", "LOCALHOST", "localhost:1", "localhost:{port}", "local", "*",
    "127.0.0.1", "127.0.0.0/8", "x, localhost", "10.0.0.0/8", "*.0.0.1", "example", "ocalhost.",
)  # fmt: skip
USERS = ("", "", "", f"{USER}@", "other@", f"{USER}:{PASSWORD}@", f"{USER}:wrong@")
NETRCS = (
    "",
    LOGIN,
    "machine localhost login other password other\n" + LOGIN,
    LOGIN + "machine localhost login other password other\n",
    LOGIN.replace("machine localhost", "default"),
    LOGIN.replace("localhost", "elsewhere"),
)
SETTINGS = {
    "pip": {
        "trust": ("cert = {x}", "cert = {y}", "cert = {folder}", "use-deprecated = legacy-certs", "cert = {none}"),
        "proxy": ("proxy = {one}", "proxy = {one_bare}", "proxy =", "no-proxy-env = true"),
    },
    "uv": {
        "trust": ("system-certs = true", "native-tls = true", "system-certs = false"),
        "proxy": (
            'https-proxy = "{one}"',
            'http-proxy = "{one}"',
            'https-proxy = "{one}"\nno-proxy = ["localhost"]',
            'https-proxy = "{one}"\nno-proxy = ["example", "127.0.0.1"]',
            'no-proxy = ["localhost"]',
        ),
    },
    "conda": {
        "trust": (
            "ssl_verify: {x}",
            "verify_ssl: {x}",
            "ssl_verify: {y}",
            "ssl_verify: {folder}",
            "ssl_verify: truststore",
            "ssl_verify: true",
        ),
        "proxy": (
            "proxy_servers: {https: '{one}'}",
            "proxy_servers: {http: '{one}'}",
            "proxy_servers: {https: '{one}', no_proxy: localhost}",
            "proxy_servers: {no_proxy: localhost}",
            "proxy_servers: {'https://localhost': '{one}', https: '{two}'}",
            "proxy_servers: {all: '{one}'}",
            "proxy_servers: {https: '', http: '{one}'}",
            "proxy_servers: {https: '{one_bare}'}",
        ),
    },
}  # fmt: skip


def world(tool: str, number: int) -> World:
    """One of them, always the same for the same number."""
    dice = random.Random(f"{tool} {number}")
    variables: dict[str, str] = {}
    conf: list[str] = []
    kinds = dice.choices(("trust", "proxy", "login"), (4, 4, 3), k=dice.choice((1, 1, 2, 3)))
    signed = dice.choice(("system", "x", "x"))
    if "trust" in kinds:
        for _ in range(dice.choice((1, 1, 2))):
            if name := dice.choice([*TRUST]):
                variables[name] = f"{{{dice.choice(TRUST[name].split())}}}"
        conf += [dice.choice(SETTINGS[tool]["trust"])] if dice.random() < 0.5 else []
        if tool == "uv" and dice.random() < 0.2:
            variables[dice.choice(("UV_SYSTEM_CERTS", "UV_NATIVE_TLS"))] = dice.choice(("1", "0", "true"))
        if tool == "conda" and dice.random() < 0.2:
            variables["CONDA_SSL_VERIFY"] = dice.choice(("{x}", "{y}", "truststore", "true"))
    else:  # it gets in
        signed = "x"
        variables[{"uv": "SSL_CERT_FILE", "pip": "PIP_CERT", "conda": "CONDA_SSL_VERIFY"}[tool]] = "{x}"
    if "proxy" in kinds:
        for name in dice.sample(("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY", "all_proxy"), k=2):
            if dice.random() < 0.5:
                variables[name] = dice.choice(("{one}", "{two}", "{two_bare}"))
        if dice.random() < 0.6:
            variables[dice.choice(("NO_PROXY", "no_proxy"))] = dice.choice(EXCEPTIONS)
        conf += [dice.choice(SETTINGS[tool]["proxy"])] if dice.random() < 0.5 else []
    login = "login" in kinds
    host = dice.choice(("localhost", "localhost", "127.0.0.1")) if not login else "localhost"
    user, netrc = (dice.choice(USERS), dice.choice(NETRCS)) if login else ("", "")
    return World(tool, signed, login, variables, _conf(tool, conf), netrc, user, host)


def _conf(tool: str, lines: list[str]) -> str:
    if tool == "pip":
        return "\n".join(["[global]", "index-url = {url}", *lines, ""])
    if tool == "conda":
        return "\n".join(["channels: ['{url}']", *lines, ""])
    return "\n".join([*lines, "[[index]]", 'url = "{url}"', "default = true", ""])
