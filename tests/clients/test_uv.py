"""What the real uv asks, world by world, read from a server's log, and what mirrorcfg says that it asks."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest

from mirrorcfg.host import Host
from mirrorcfg.ops.status import status
from tests import parts
from tests.clients.uv_worlds import LINKS, World, broken_workspace, without_order, world
from tests.sandbox import environment

PACKAGE = "some-package"


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


def disagreement(
    uv: str, log: Log, folder: Path, made: World, *, newest: bool = True
) -> tuple[Answer, Answer] | None:
    environ, at = made.build(folder, log.url)
    real = asked(uv, log, environ, at)
    told, doubt = said(log, environ, at, uv)
    if broken_workspace(made):
        return None
    if without_order(made) and sorted(told.indexes) == sorted(real.indexes):
        told = told._replace(indexes=real.indexes)
    if real.refused and doubt:  # it was said
        return None
    agreed = told == real and (not doubt or not newest)
    return None if agreed else (told, real)


def disagreements(
    uv: str, log: Log, folder: Path, numbers: range, *, newest: bool = True
) -> dict[int, tuple[Answer, Answer]]:
    found = {}
    for number in numbers:
        place = folder / str(number)
        place.mkdir()
        if wrong := disagreement(uv, log, place, world(number), newest=newest):
            found[number] = wrong
    return found


def test_status_says_what_uv_asks(log: Log, tmp_path: Path) -> None:
    assert disagreements(parts.program("uv"), log, tmp_path, range(60)) == {}
