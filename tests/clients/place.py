"""A place of its own for daemons and clients: a network, files, names and an authority that nobody else has.

All that runs in there dies with it. What runs there sees this machine's disk, but for /etc (a copy in memory, with
nothing for engines in it), /var/lib, /run and /mnt, which are empty.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path

import trustme

from tests import own, parts
from tests.clients.hub import HUB, TOKENS, Asked, Server
from tests.sandbox import PROGRAM, Done

_POLICY = '{"default": [{"type": "insecureAcceptAnything"}]}'
_STORE = "/etc/ssl/certs/ca-certificates.crt"
_WAY = f"{own.FRESH}mount -t tmpfs tmpfs /var/lib && mount -t tmpfs tmpfs /run && ip link set lo up && ip address add 10.77.0.1/24 dev lo && "
_WAY += 'cp "$1/hosts" /etc/hosts && cat "$1/store.pem" > ' + _STORE + " && rm -f /etc/ssl/certs/*.0 && "
_WAY += f"echo '{_POLICY}' > /etc/containers/policy.json && "
_WAY += "rm -rf /etc/pip.conf /root/.docker && echo there && exec cat"
_LOG = "asked"


class Place:
    """Namespaces with `servers` in them; `folder` is the same inside and outside, `authority` signed them all."""

    def __init__(self, folder: Path, authority: trustme.CA, pid: int) -> None:
        self.folder, self.authority, self.pid = folder, authority, pid
        self.ca = folder / "ca.pem"

    @property
    def enter(self) -> list[str]:
        """What goes before a command that is to run there."""
        return ["nsenter", "-t", str(self.pid), "-m", "-n", "-p", f"--wd={self.folder}"]

    def file(self, path: str) -> Path:
        """A file of the place, seen from outside."""
        return Path(f"/proc/{self.pid}/root{path}")

    def write(self, path: str, text: str | bytes) -> None:
        file = self.file(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)

    def run(
        self, *argv: str | Path, environ: Mapping[str, str] | None = None, seconds: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """A command there, with no variables but HOME, PATH and these."""
        line = [*self.enter, *map(str, argv)]
        given = self.environ | dict(environ or {})
        return subprocess.run(
            line, env=given, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL
        )

    @property
    def environ(self) -> dict[str, str]:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {
            "HOME": str(home),
            "PATH": f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
        }

    def mirrorcfg(
        self, *argv: str, code: int | None = None, environ: Mapping[str, str] | None = None
    ) -> Done:
        """mirrorcfg there, as root; its state is below the place's own /var/lib."""
        done = self.run(PROGRAM, *argv, environ=environ, seconds=90)
        assert "Traceback" not in done.stderr, done.stderr
        assert code is None or done.returncode == code, (argv, done.returncode, done.stdout, done.stderr)
        return Done(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def daemon(
        self, log: str, argv: Sequence[str | Path], environ: Mapping[str, str] | None = None
    ) -> Iterator[int]:
        """A program that runs there in the meantime; what it says is in `folder / log`. Gives its pid outside."""
        given = self.environ | dict(environ or {})
        with (self.folder / log).open("wb") as out:
            process = subprocess.Popen([*self.enter, *map(str, argv)], env=given, stdout=out, stderr=out)
        inner = _child(process)
        try:
            yield inner
        finally:
            with suppress(ProcessLookupError):
                os.kill(inner, signal.SIGTERM)
            process.wait(30)

    def asked(self) -> list[Asked]:
        """Every request so far."""
        lines = (self.folder / _LOG).read_text().splitlines()[1:]
        return [Asked(**json.loads(line)) for line in lines]

    def forget(self) -> int:
        """How many requests there were so far: what comes after is `asked()[n:]`."""
        return len(self.asked())


def hub(**more: object) -> tuple[Server, Server]:
    """Docker Hub, with its token service."""
    registry = Server(HUB, "10.77.0.2", realm=f"https://{TOKENS}/token", content="of the hub")
    return replace(registry, **more), Server(TOKENS, "10.77.0.3", tokens=True)  # type: ignore[arg-type]


@contextmanager
def place(
    folder: Path, *servers: Server, trusted: bool = True, names: Mapping[str, str] | None = None
) -> Iterator[Place]:
    """A place with these servers, each by its name, certified by one authority, `trusted` by the system or not.

    Every address of 10.77.0.0/24 is one of its own; docker trusts what is at 127.0.0.0/8 without a certificate.
    `names` are more names with their addresses. A server with a `chain` of its own keeps it, one whose port is 80
    speaks http.
    """
    parts.mounts()
    parts.program("ip")
    folder.mkdir(exist_ok=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    (folder / "store.pem").write_bytes(
        authority.cert_pem.bytes() if trusted else trustme.CA().cert_pem.bytes()
    )
    certified = [_certified(folder, authority, each) for each in servers]
    known = {"localhost": "127.0.0.1", **{each.name: each.address for each in servers}, **dict(names or {})}
    (folder / "hosts").write_text("".join(f"{address} {name}\n" for name, address in known.items()))
    (folder / "servers.json").write_text(json.dumps([asdict(each) for each in certified]))
    line = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        "-m",
        "-n",
        "-p",
        "--fork",
        "--kill-child",
        "--mount-proc",
    ]
    line += ["sh", "-c", _WAY, "sh", str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, stdin=pipe, stdout=pipe, stderr=pipe) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"there\n", holder.stderr and holder.stderr.read().decode()
            child = _child(holder)
            with _serving(folder, child):
                yield Place(folder, authority, child)
        finally:
            holder.kill()


@contextmanager
def _serving(folder: Path, pid: int) -> Iterator[None]:
    log = folder / _LOG
    line = ["nsenter", "-t", str(pid), "-m", "-n", sys.executable, "-m", "tests.clients.hub"]
    with log.open("wb") as out, (folder / "servers.log").open("wb") as errors:
        process = subprocess.Popen(
            [*line, str(folder / "servers.json")], stdin=subprocess.PIPE, stdout=out, stderr=errors,
            cwd=Path(__file__).parents[2], env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    try:
        with log.open() as lines:
            while not lines.readline():
                assert process.poll() is None, (folder / "servers.log").read_text()
        yield
    finally:
        process.kill()
        process.communicate()


def _child(process: subprocess.Popen[bytes]) -> int:
    """The number, as we count, of what `process` has started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while not (found := children.read_text().split()):
        assert process.poll() is None, "it ended at once"
    return int(found[0])


def _certified(folder: Path, authority: trustme.CA, server: Server) -> Server:
    if server.chain or server.port == 80:
        return server
    chain, key = folder / f"{server.name}.pem", folder / f"{server.name}.key"
    leaf = authority.issue_cert(server.name)
    chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    leaf.private_key_pem.write_to_path(str(key))
    return replace(server, chain=str(chain), key=str(key))
