"""What the real uv asks, world by world, read from a server's log, and what mirrorcfg says that it asks."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import NamedTuple

import pytest

from mirrorcfg.host import Host
from mirrorcfg.ops.status import status
from mirrorcfg.writers.uv import fields
from tests import parts
from tests.clients.uv_worlds import LINKS, World, meant, without_order, world
from tests.sandbox import environment

PACKAGE = "some-package"
NEWEST = fields.NEWEST


class Answer(NamedTuple):
    """The indexes that were asked, in their order, and the pages of links; None where nothing would start."""

    indexes: tuple[str, ...]
    links: frozenset[str]
    refused: bool = False

    @classmethod
    def of(cls, paths: list[str]) -> Answer:
        plain = [path.removesuffix(f"/{PACKAGE}/").strip("/") for path in paths]
        order = dict.fromkeys(path for path in plain if not path.startswith(LINKS))
        return cls(tuple(order), frozenset(path for path in plain if path.startswith(LINKS)))


REFUSED = Answer((), frozenset(), refused=True)


class Log:
    """A server on this machine that has no package, and the paths it was asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        log = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                log.paths.append(self.path)
                self.send_response(200 if self.path.startswith(f"/{LINKS}") else 404)
                self.send_header("content-type", "text/html")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                pass  # uv leaves without a word

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def __enter__(self) -> Log:
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def log() -> Iterator[Log]:
    with Log() as log:
        yield log


def asked(uv: str, log: Log, environ: Mapping[str, str], folder: Path) -> Answer:
    """What the real uv asks for a package that nobody has; its own default is behind a proxy that isn't there."""
    log.paths.clear()
    own = {"HTTPS_PROXY": "http://127.0.0.1:1", "UV_HTTP_RETRIES": "0", "UV_NO_CACHE": "1"}
    done = subprocess.run(
        [uv, "pip", "install", "--dry-run", "--python", environ_python(), "--break-system-packages", PACKAGE],
        cwd=folder, env=environment() | own | dict(environ), capture_output=True, text=True,
    )  # fmt: skip
    fetched = "Failed to fetch" in done.stderr or "No solution found" in done.stderr
    return Answer.of(log.paths) if fetched else REFUSED


def environ_python() -> str:
    return parts.program("python")


def said(log: Log, environ: Mapping[str, str], folder: Path, uv: str) -> tuple[Answer, bool]:
    """What mirrorcfg says; and whether it says that uv may fail."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("UV_", "XDG_")) or name == "SSL_CERT_FILE":
                patch.delenv(name)
        patch.setenv("PATH", f"{Path(uv).parent}:/usr/bin:/bin")
        patch.setenv("MIRRORCFG_STATE", f"{environ['HOME']}/state")
        for name, value in environ.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        result = status(Host.here(), ["uv"])
    if "uv" not in result.data.tools:
        return REFUSED, True
    paths = [
        url.removeprefix(log.url[:-1]) for url in result.data.tools["uv"].effective if url.startswith(log.url)
    ]
    return Answer.of(paths), any(finding.code == "doubtful" for finding in result.findings)


class Judge(NamedTuple):
    """One uv, and the server that it asks."""

    uv: str
    log: Log
    version: tuple[int, ...]

    @classmethod
    def of(cls, uv: str, log: Log) -> Judge:
        told = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True).stdout
        return cls(uv, log, tuple(map(int, told.split()[1].split("."))))

    def disagreement(self, folder: Path, made: World) -> tuple[Answer, Answer] | None:
        """What mirrorcfg says and what this uv does, where that isn't the same and isn't meant."""
        if meant(made, self.version):
            return None
        environ, at = made.build(folder, self.log.url)
        real = asked(self.uv, self.log, environ, at)
        told, doubt = said(self.log, environ, at, self.uv)
        if without_order(made) and sorted(told.indexes) == sorted(real.indexes):
            told = told._replace(indexes=real.indexes)
        if real.refused and doubt:  # it was said
            return None
        agreed = told == real and (not doubt or self.version < NEWEST)  # what a later one refuses
        return None if agreed else (told, real)

    def disagreements(self, folder: Path, numbers: range) -> dict[int, tuple[Answer, Answer]]:
        found = {}
        for number in numbers:
            with TemporaryDirectory(dir=folder) as place:
                if wrong := self.disagreement(Path(place), world(number)):
                    found[number] = wrong
        return found


def test_status_says_what_uv_asks(log: Log, tmp_path: Path) -> None:
    assert Judge.of(parts.program("uv"), log).disagreements(tmp_path, range(60)) == {}


@pytest.mark.long
@pytest.mark.timeout(7000)
def test_status_says_what_uv_asks_in_thousands_of_worlds(log: Log, tmp_path: Path) -> None:
    assert Judge.of(parts.program("uv"), log).disagreements(tmp_path, range(3000)) == {}


@pytest.mark.long
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("version", ["0.9.5", "0.5.4"])
def test_status_says_what_an_older_uv_asks(version: str, log: Log, tmp_path: Path) -> None:
    uv = parts.older_uv(version, tmp_path / "older")
    assert Judge.of(uv, log).disagreements(tmp_path, range(300)) == {}


def test_hardly_any_world_is_one_where_they_may_differ() -> None:
    assert sum(meant(world(number), NEWEST) is not None for number in range(1000)) < 200


@pytest.mark.parametrize(("section", "listed"), [("", fields.TOP), ("[pip]\n", fields.PIP)])
def test_no_field_that_uv_takes_is_refused(section: str, listed: frozenset[str], tmp_path: Path) -> None:
    """It lists them itself; where a new uv has one more, the list in fields.py has to have it, too."""
    (tmp_path / "uv.toml").write_text(f"{section}frobnicate = 1\n")
    environ = environment() | {"UV_CONFIG_FILE": str(tmp_path / "uv.toml"), "HOME": str(tmp_path)}
    told = subprocess.run(
        [parts.program("uv"), "pip", "list"], env=environ, capture_output=True, text=True
    ).stderr
    known = set(re.findall(r"`([a-z-]+)`", told.partition("expected one of")[2]))
    assert len(known) > 50
    assert known <= listed
