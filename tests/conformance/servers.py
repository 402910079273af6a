"""Real servers as processes: started on free ports, waited for by what they do, and stopped for certain."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests import parts
from tests.conformance.certificates import Pair

PATIENCE = 15.0  # seconds that a server has to come up
REPOSITORY = Path(__file__).parents[2]
BELOW_EPHEMERAL = 15_000, 32_000  # where no client's own end can be in the way
INDEX = """\
location ~ /simple/.*json$ { types {} default_type application/vnd.pypi.simple.v1+json; }
location ~ /simple/ {
    types {} default_type text/html;
    index index.html;
    if ($http_accept ~ "vnd.pypi.simple.v1.json") { rewrite ^(.*/simple/[^/]+/)$ $1index.json; }
}
"""


def ports(count: int) -> list[int]:
    """Ports that nobody listens on, and that no other worker of pytest-xdist chooses before we listen."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    first, last = BELOW_EPHEMERAL
    candidates = random.SystemRandom().sample(range(first + worker, last, workers), 2 * count)
    return [port for port in candidates if _free(port)][:count]


def _free(port: int) -> bool:
    with closing(socket.socket()) as sock:
        try:
            sock.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


def listening(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody does."""
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True


def ipv6() -> bool:
    """Whether this machine has it, if only for itself."""
    with closing(socket.socket(socket.AF_INET6)) as sock:
        try:
            sock.bind(("::1", 0))
        except OSError:
            return False
    return True


class Processes:
    """Those that the lab started."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        name: str,
        argv: Sequence[str],
        up: Callable[[], bool] | None = None,
        *,
        stdin: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start one and wait until `up` says so."""
        log = self.folder / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                cwd=REPOSITORY,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **(environ or {})},
                start_new_session=True,
            )
        self.running.append(process)
        assert process.stdin
        process.stdin.write(stdin.encode())
        process.stdin.close()
        self._wait(name, process, up or (lambda: b"ready" in log.read_bytes()), log)
        return process

    def _wait(self, name: str, process: subprocess.Popen[bytes], up: Callable[[], bool], log: Path) -> None:
        end = time.monotonic() + PATIENCE
        while not up():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{name} didn't come up: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop all of them, the last one first."""
        for process in reversed(self.running):
            process.terminate()
        for process in self.running:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@dataclass(frozen=True)
class Site:
    """One of nginx's servers; `listen` may name several addresses, with spaces between them."""

    listen: str
    body: str
    pair: Pair | None
    root: Path
    extra: str = ""
    http2: bool = False

    def text(self) -> str:
        tls = f"ssl_certificate {self.pair.chain}; ssl_certificate_key {self.pair.key};" if self.pair else ""
        how = (" ssl" if self.pair else "") + (" http2" if self.http2 else "")
        listen = "".join(f"listen {at}{how};" for at in self.listen.split())
        return f"server {{ {listen} {tls} {self.extra}\nroot {self.root};\n{self.body}\n}}\n"


def nginx(
    processes: Processes,
    name: str,
    sites: Sequence[Site],
    *,
    prefix: Sequence[str] = (),
    up: Callable[[], bool] | None = None,
) -> None:
    """One nginx for many sites."""
    folder = processes.folder / name
    folder.mkdir(exist_ok=True)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    text = f"""\
{user}daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log warn;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
access_log {folder}/access.log; absolute_redirect off; default_type application/octet-stream;
keepalive_timeout 20s; lingering_close off;
{temporary}{"".join(site.text() for site in sites)}
}}
"""
    (folder / "nginx.conf").write_text(text)
    argv = [*prefix, parts.program("nginx"), "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"]
    processes.start(name, argv, up or (lambda: (folder / "pid").exists()))


def registry(processes: Processes, name: str, port: int, pair: Pair | None, auth: object = None) -> None:
    """A docker registry; all of them share one storage."""
    http: dict[str, object] = {"addr": f"127.0.0.1:{port}", "secret": "lab"}
    if pair:
        http["tls"] = {"certificate": str(pair.chain), "key": str(pair.key)}
    config: dict[str, object] = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(processes.folder / "registry")},
            "cache": {"blobdescriptor": "inmemory"},  # as Debian's own configuration has it
        },
        "http": http,
    }
    if auth:
        config["auth"] = auth
    path = processes.folder / f"{name}.json"
    path.write_text(json.dumps(config))  # YAML takes it
    processes.start(name, [parts.program("docker-registry"), "serve", str(path)], lambda: listening(port))


def proxy(processes: Processes, name: str, port: int, *lines: str) -> None:
    """A tinyproxy."""
    path = processes.folder / f"{name}.conf"
    text = [f"Port {port}", "Listen 127.0.0.1", "Timeout 60", "MaxClients 50", "LogLevel Error", *lines]
    path.write_text("\n".join(text) + "\n")
    processes.start(name, [parts.program("tinyproxy"), "-d", "-c", str(path)], lambda: listening(port))


def socks(processes: Processes, name: str, port: int, *options: str) -> None:
    """A microsocks."""
    argv = [parts.program("microsocks"), "-i", "127.0.0.1", "-p", str(port), *options]
    processes.start(name, argv, lambda: listening(port))


def module(processes: Processes, name: str, *argv: str, stdin: str = "") -> None:
    """One of the lab's own servers."""
    processes.start(name, [sys.executable, "-m", f"tests.conformance.{name}", *argv], stdin=stdin)


def pypiserver(processes: Processes, port: int, packages: Path) -> None:
    """A pypiserver over a folder of wheels."""
    argv = ["run", "-i", "127.0.0.1", "-p", str(port), "--disable-fallback", str(packages)]
    processes.start("pypiserver", [parts.program("pypi-server"), *argv], lambda: listening(port))
