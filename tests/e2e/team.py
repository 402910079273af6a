"""What a team has: Harbor's proxy project with its token service, a host that rewrites to it, an index and
channels beside it, and a page with its profile; all with certificates of the team's own CA.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import parts
from tests.conformance import content, servers
from tests.conformance.certificates import Authority
from tests.conformance.tokens import ISSUER, SERVICE

PROJECT = "dockerhub"
IMAGE = "library/hello"


@dataclass(frozen=True)
class Team:
    """Host and port of each server, the CA's file, and where to look for what they were asked."""

    harbor: str
    hub: str
    nexus: str
    wiki: str
    ca: Path
    root: Path
    log: Path

    @property
    def url(self) -> str:
        return f"https://{self.wiki}/acme.toml"

    def publish(self, text: str) -> str:
        """Put the profile on its page; gives its hash."""
        (self.root / "acme.toml").write_text(text)
        return hashlib.sha256(text.encode()).hexdigest()

    def asked(self) -> str:
        """What the servers were asked for, so far."""
        return self.log.read_text()


@contextmanager
def team(folder: Path, host: str) -> Iterator[Team]:
    """All of it, at this address of the machine's."""
    for name in ("nginx", "docker-registry"):
        parts.program(name)
    authority = Authority(folder / "certificates")
    pair, tokens = authority.save("team", authority.root.issue_cert(host)), authority.pair("good")
    processes = servers.Processes(folder / "processes")
    harbor, hub, nexus, wiki, private, public, grants = servers.ports(7)
    places = [f"{host}:{port}" for port in (harbor, hub, nexus, wiki)]
    service = {"realm": f"https://{host}:{harbor}/service/token", "service": SERVICE, "issuer": ISSUER}
    root = _content(folder / "content")
    try:
        chain, key = str(tokens.chain), str(tokens.key)
        servers.module(processes, "tokens", chain, key, chain, key, str(grants))
        servers.registry(processes, "harbor", private, None, {"token": {**service, "rootcertbundle": chain}})
        servers.registry(processes, "registry", public, None)
        content.push(f"http://127.0.0.1:{public}", f"{PROJECT}/{IMAGE}", "1")
        content.push(f"http://127.0.0.1:{public}", f"{PROJECT}/library/hello-world")
        bodies = (_harbor(private, grants), _hub(public), servers.INDEX, "")
        sites = [servers.Site(place, body, pair, root) for place, body in zip(places, bodies, strict=True)]
        servers.nginx(processes, "nginx", sites)
        yield Team(*places, authority.ca, root, processes.folder / "nginx/access.log")
    finally:
        processes.stop()


def _harbor(registry: int, tokens: int) -> str:
    """The project's own path, and Harbor's token service."""
    to = f"proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:{registry}"
    return f"""
location = /v2/ {{ {to}; }}
location /v2/{PROJECT}/ {{ {to}; }}
location /v2/ {{ return 404; }}
location = /service/token {{ proxy_pass https://127.0.0.1:{tokens}/token; }}
"""


def _hub(registry: int) -> str:
    """As docs/harbor.md has it."""
    to = f"proxy_pass http://127.0.0.1:{registry}/v2/"
    return f"location = /v2/ {{ {to}; }}\nlocation /v2/ {{ {to}{PROJECT}/; }}\n"


def _content(root: Path) -> Path:
    (root / "files").mkdir(parents=True)
    content.index(root, [content.wheel(root / "files", project) for project in content.PROJECTS])
    content.channel(root / "conda/pkgs/main")
    for other in ("pkgs/r", "cloud/conda-forge"):
        shutil.copytree(root / "conda/pkgs/main", root / "conda" / other)
    return root
