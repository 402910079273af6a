"""A real dockerd with an /etc/docker of its own, and mirrorcfg run where it sees the same."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import own, parts
from tests.sandbox import PROGRAM, Done, Sandbox

FILE = "/etc/docker/daemon.json"


@dataclass
class Live:
    """A daemon that runs; `etc` is its /etc/docker, seen from outside."""

    process: subprocess.Popen[bytes]
    box: Sandbox
    address: str
    log: Path

    @property
    def file(self) -> Path:
        return Path(f"/proc/{self.process.pid}/root{FILE}")

    @property
    def text(self) -> str | None:
        return self.file.read_text() if self.file.exists() else None

    @property
    def started(self) -> str:
        """When the process began; it is another one after a restart."""
        return Path(f"/proc/{self.process.pid}/stat").read_text().split()[21]

    def docker(self, *argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        line = [parts.program("docker"), "-H", self.address, *argv]
        return subprocess.run(line, capture_output=True, text=True, check=check, timeout=60)

    def info(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.docker("info", "--format", "{{json .}}").stdout)
        return found

    def mirrors(self) -> list[str]:
        return [url.rstrip("/") for url in self.info()["RegistryConfig"]["Mirrors"] or []]

    def run(self, *argv: str, code: int | None = 0, prefix: tuple[str, ...] = ()) -> Done:
        """mirrorcfg as root, where /etc/docker is this daemon's."""
        with self.begin(*argv, prefix=prefix) as done:
            out, err = done.communicate(timeout=90)
        assert "Traceback" not in err, err
        assert code is None or done.returncode == code, (done.returncode, out, err)
        return Done(done.returncode, out, err)

    def begin(self, *argv: str, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        """The same, not waited for."""
        line = ["nsenter", "-t", str(self.process.pid), "-m", *prefix, PROGRAM, *argv]
        environ = self.box.environ | {"DOCKER_HOST": self.address}
        pipe = subprocess.PIPE
        return subprocess.Popen(line, env=environ, cwd=self.box.folder, stdout=pipe, stderr=pipe, text=True)

    @contextmanager
    def outlived(self) -> Iterator[None]:
        """Its /etc/docker stays there though the daemon ends."""
        line = ["nsenter", "-t", str(self.process.pid), "-m", "sh", "-c", "echo; exec sleep 600"]
        with subprocess.Popen(line, stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            holder.stdout.readline()
            ended = self.process
            self.process = holder
            try:
                yield
            finally:
                holder.kill()
                self.process = ended


# What to put before dockerd: it writes a key of its own into /etc/docker.
OWN_ETC = ("unshare", "-m", "sh", "-c", f'{own.FRESH}exec "$@"', "sh")


@contextmanager
def live(
    box: Sandbox, text: str | None, *flags: str, name: str = "one", beside: Live | None = None
) -> Iterator[Live]:
    """A daemon on a daemon.json that says `text`; `beside` another it has the same /etc/docker."""
    parts.mounts()
    folder = box.folder / name
    folder.mkdir()
    if text is not None:
        (folder / "daemon.json").write_text(text)
    mnt = f"/mnt/{name}"  # a short name: a socket's has 108 bytes at most
    argv = [
        parts.program("dockerd"),
        "--exec-root",
        f"{mnt}/exec",
        "-H",
        f"unix://{folder}/s",
        "-p",
        f"{mnt}/pid",
    ]
    argv += [] if "data-root" in (text or "") else ["--data-root", f"{mnt}/data"]
    argv += ["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs", *flags]
    script = f"{own.FRESH}(test ! -e {folder}/daemon.json || cp {folder}/daemon.json {FILE}) && "
    script = f'{"" if beside else script}mkdir {mnt} && exec "$@"'
    space = ["nsenter", "-t", str(beside.process.pid), "-m"] if beside else ["unshare", "-m"]
    line = [*space, "sh", "-c", script, "sh", *argv]
    log = folder / "log"
    with log.open("w+b") as out, subprocess.Popen(line, stdout=out, stderr=out) as process:
        try:
            _listening(process, log)
            yield Live(process, box, f"unix://{folder}/s", log)
        finally:
            process.terminate()


def _listening(process: subprocess.Popen[bytes], log: Path) -> None:
    with log.open() as lines:
        while "API listen on" not in (line := lines.readline()):
            assert line or process.poll() is None, log.read_text()
