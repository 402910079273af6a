"""A containerd of its own, and its client."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import parts
from tests.e2e.registry import offline, until


@dataclass(frozen=True)
class Ctr:
    """A client of a daemon that only this test has; it can reach this machine alone, as `host`."""

    socket: Path
    hosts: Path
    host: str = "localhost"

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        words = [parts.program("ctr"), "-a", str(self.socket), *argv]
        return subprocess.run(words, env=offline(self.host), capture_output=True, text=True)

    def pull(self, image: str) -> subprocess.CompletedProcess[str]:
        return self.run("images", "pull", "--snapshotter", "native", "--hosts-dir", str(self.hosts), image)

    def digests(self) -> dict[str, str]:
        lines = self.run("images", "ls").stdout.splitlines()[1:]
        return {line.split()[0]: line.split()[2] for line in lines}


@contextmanager
def containerd(folder: Path, hosts: Path, host: str = "localhost") -> Iterator[Ctr]:
    """A client that looks for its hosts in that directory."""
    parts.root()
    program = parts.program("containerd")
    folder.mkdir()
    socket, log, config = folder / "sock", folder / "log", folder / "config.toml"
    config.write_text(
        f'version = 2\nroot = "{folder}/root"\nstate = "{folder}/state"\n'
        'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n'
        f'[grpc]\naddress = "{socket}"\n[ttrpc]\naddress = "{folder}/ttrpc"\n'
    )
    argv = [program, "--config", str(config)]
    with log.open("wb") as out, subprocess.Popen(argv, stdout=out, stderr=out) as daemon:
        try:
            until(daemon, log, "successfully booted")
            yield Ctr(socket, hosts, host)
        finally:
            daemon.terminate()
