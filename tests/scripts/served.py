"""What a profile's servers serve over TLS: mirrorcfg's own wheel with all that it needs, and a channel."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests import parts
from tests.conformance import content, servers
from tests.conformance.certificates import Authority

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Served:
    """One host with an index and a channel, signed by a CA of its own."""

    url: str
    ca: Path
    wheel: Path
    log: Path

    @property
    def hash(self) -> str:
        """The wheel's, as --hash takes it."""
        return f"sha256:{hashlib.sha256(self.wheel.read_bytes()).hexdigest()}"

    @property
    def profile(self) -> str:
        """The tables of a profile that names it."""
        return (
            f'[tls]\nca-file = "{self.ca}"\n'
            f'[pip]\nindex-url = "{self.url}/simple/"\n'
            f'[conda]\ndefault-channels = ["{self.url}/channel"]\n'
        )

    def asked(self) -> str:
        """What it was asked for, so far."""
        return self.log.read_text()


def wheels(folder: Path) -> Path:
    """mirrorcfg's wheel, built from this checkout, and beside it those it needs; gives the first."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--quiet", "--no-deps", "-w", folder, CHECKOUT], check=True)
    own = next(folder.glob("mirrorcfg-*.whl"))
    done = subprocess.run(
        [*pip, "download", "--quiet", "--only-binary", ":all:", "-d", folder, own],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        parts.absent(f"no index to take mirrorcfg's dependencies from: {done.stderr[-300:]}")
    return own


def serve(folder: Path, processes: servers.Processes) -> Served:
    """Start it."""
    authority, root = Authority(folder / "authority"), folder / "root"
    files = root / "files"
    files.mkdir(parents=True)
    own = wheels(files)
    content.wheel(files, "acme-tool")
    content.index(root, sorted(files.glob("*.whl")))
    content.channel(root / "channel")
    port = servers.ports(1)[0]
    site = servers.Site(f"127.0.0.1:{port}", servers.INDEX, authority.pair("good"), root)
    servers.nginx(processes, "nginx", [site])
    log = processes.folder / "nginx/access.log"
    return Served(f"https://localhost:{port}", authority.ca, own, log)
