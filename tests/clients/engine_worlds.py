"""Worlds of a container engine and its mirrors, made by chance: servers, certificates, logins, proxies, ways.

What is asked of each: would an image come by this mirror alone. The real engine says so by pulling one while
Docker Hub can't be reached; mirrorcfg by its verdict on the mirror.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tests.clients import engines
from tests.clients.hub import Rule, Server
from tests.clients.place import Place, place

LOGIN = "me:secret"
_BLOBS, _MANIFESTS = "^(GET|HEAD) /v2/.*/blobs/", "^(GET|HEAD) /v2/.*/manifests/"
_GOOD = "good.lab"
MODES: Mapping[str, Server] = {
    "good": Server(_GOOD),
    "tokens": Server("tokens.lab", realm="https://service.lab/token"),
    "login": Server("login.lab", login=LOGIN),
    "login-tokens": Server("asks.lab", realm="https://asking.lab/token"),
    "broken-tokens": Server("broken.lab", realm="https://failing.lab/token"),
    "no-blobs": Server("no-blobs.lab", rules=(Rule(_BLOBS, 403),)),
    "lost-blobs": Server("lost-blobs.lab", rules=(Rule(_BLOBS, 404),)),
    "failing-blobs": Server("failing-blobs.lab", rules=(Rule(_BLOBS, 503),)),
    "blobs-elsewhere": Server(
        "elsewhere.lab", rules=(Rule(_BLOBS, 307, {"location": "https://store.lab{path}"}),)
    ),
    "blobs-nowhere": Server(
        "nowhere.lab", rules=(Rule(_BLOBS, 307, {"location": "https://dead.lab{path}"}),)
    ),
    "blobs-refused": Server(
        "refused.lab", rules=(Rule(_BLOBS, 307, {"location": "https://no-blobs.lab{path}"}),)
    ),
    "no-head": Server("no-head.lab", rules=(Rule("^HEAD ", 405),)),
    "forbidden-head": Server("forbidden-head.lab", rules=(Rule("^HEAD ", 403),)),
    "lost-head": Server("lost-head.lab", rules=(Rule("^HEAD ", 404),)),
    "no-manifests": Server("no-manifests.lab", rules=(Rule(_MANIFESTS, 403),)),
    "failing": Server("failing.lab.example", rules=(Rule(".", 503),)),
    "empty": Server("empty.lab", images=()),
    "ns-only": Server("ns.lab", ns_only=True),
    "harbor": Server("harbor.lab", project="dockerhub"),
    "no-ping": Server("no-ping.lab", rules=(Rule("^GET /v2/$", 404),)),
    "forbidden-ping": Server("forbidden-ping.lab", rules=(Rule("^GET /v2/$", 403),)),
    "page": Server("page.lab", rules=(Rule(".", 200, {"content-type": "text/html"}, "<html>hello</html>"),)),
    "dead": Server("dead.lab", "10.77.0.200"),
}
"""By name, what a mirror may be like; nobody listens where the last one is."""
_BESIDE = (
    Server("service.lab", tokens=True),
    Server("asking.lab", tokens=True, login=LOGIN),
    Server("failing.lab", rules=(Rule(".", 500),)),
    Server("store.lab"),
)
TRUST = ("system", "folder", "nothing")
PROXIES: Mapping[str, Mapping[str, str]] = {
    "none": {},
    "dead": {"HTTPS_PROXY": "http://10.77.0.201:1"},
    "excepted": {"HTTPS_PROXY": "http://10.77.0.201:1", "NO_PROXY": ".lab,lab.example"},
}
ENGINES = (
    "docker 20.10", "docker 26.1", "docker 26.1 store", "docker 28.5", "docker 28.5 store",
    "podman 4.3", "podman 5.4", "containerd 1.6", "containerd 1.7", "containerd 2.1",
)  # fmt: skip
_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


class Around(NamedTuple):
    """What an engine is started in: it costs more than a pull."""

    engine: str
    trust: str
    proxy: str


class World(NamedTuple):
    """An engine and one mirror."""

    around: Around
    mode: str


def worlds(count: int, seed: int) -> dict[Around, list[str]]:
    """So many worlds, those of one engine's start together."""
    chance, found = random.Random(seed), dict[Around, list[str]]()
    arounds = [Around(*each) for each in _sampled(chance, max(1, count // 8))]
    for _ in range(count):
        found.setdefault(chance.choice(arounds), []).append(chance.choice(list(MODES)))
    return found


def _sampled(chance: random.Random, count: int) -> Iterator[tuple[str, str, str]]:
    """Every engine as often as any other; most of them trust and reach what they are told to."""
    for number in range(count):
        trust = chance.choices(TRUST, (5, 3, 1))[0]
        yield ENGINES[number % len(ENGINES)], trust, chance.choices(list(PROXIES), (6, 1, 2))[0]


@contextmanager
def lab(folder: Path) -> Iterator[Place]:
    """All the mirrors, each by its name; no Docker Hub."""
    servers = [
        replace(server, address=server.address if name == "dead" else f"10.77.0.{number + 10}")
        for number, (name, server) in enumerate(MODES.items())
    ]
    beside = [replace(server, address=f"10.77.0.{number + 100}") for number, server in enumerate(_BESIDE)]
    alive = [server for server in (*servers, *beside) if server.name != "dead.lab"]
    with place(folder, *alive, trusted=False, names={"dead.lab": "10.77.0.200"}) as found:
        yield found


def judged(lab: Place, around: Around, modes: Sequence[str]) -> Iterator[tuple[World, bool, str]]:
    """Of each mirror in turn: did the image come, and mirrorcfg's code."""
    bundle = lab.file(_BUNDLE)
    before = bundle.read_bytes()
    if around.trust == "system":
        bundle.write_bytes(before + lab.ca.read_bytes())
    try:
        tool, _, rest = around.engine.partition(" ")
        yield from _ENGINE[tool](lab, around, rest, modes)
    finally:
        bundle.write_bytes(before)
        lab.run(
            "sh",
            "-c",
            "rm -rf /etc/docker /etc/containers/certs.d /etc/containers/registries.conf* /etc/containerd",
        )


def _docker(lab: Place, around: Around, kind: str, modes: Sequence[str]) -> Iterator[tuple[World, bool, str]]:
    version, _, store = kind.partition(" ")
    settings = engines.STORE if store else {}
    lab.write(engines.FILE, json.dumps(settings))
    _trust(lab, around, "/etc/docker/certs.d", modes)
    with engines.dockerd(lab, version, environ=PROXIES[around.proxy]) as daemon:
        for mode in modes:
            lab.write(engines.FILE, json.dumps({"registry-mirrors": [_url(mode)], **settings}))
            daemon.reload()
            yield World(around, mode), daemon.pull(), _verdict(lab, "docker", {})


def _podman(
    lab: Place, around: Around, version: str, modes: Sequence[str]
) -> Iterator[tuple[World, bool, str]]:
    environ = PROXIES[around.proxy]
    _trust(lab, around, "/etc/containers/certs.d", modes)
    for mode in modes:
        host = MODES[mode].name
        lab.write(
            "/etc/containers/registries.conf.d/50-mirrorcfg.conf",
            f'[[registry]]\nprefix = "docker.io"\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "{host}"\n',
        )
        done = engines.podman(lab, version, "pull", "docker.io/library/hello-world:latest", environ=environ)
        yield World(around, mode), done.returncode == 0, _verdict(lab, "podman", environ)


def _containerd(
    lab: Place, around: Around, version: str, modes: Sequence[str]
) -> Iterator[tuple[World, bool, str]]:
    ca = f'ca = "{lab.ca}"\n' if around.trust == "folder" else ""
    with engines.containerd(lab, version, engines.CRI[version], PROXIES[around.proxy]) as daemon:
        for mode in modes:
            lab.write(
                "/etc/containerd/certs.d/docker.io/hosts.toml",
                f'[host."{_url(mode)}"]\ncapabilities = ["pull", "resolve"]\n{ca}',
            )
            yield (
                World(around, mode),
                daemon.pull("docker.io/library/hello-world:latest")[0],
                _verdict(lab, "containerd", {}),
            )


_ENGINE = {"docker": _docker, "podman": _podman, "containerd": _containerd}


def _trust(lab: Place, around: Around, folder: str, modes: Sequence[str]) -> None:
    """The authority for each mirror, where the engine has it by host; a newer docker's store by registry."""
    names = [MODES[mode].name for mode in modes]
    if around.engine == "docker 28.5 store":
        names = ["docker.io"]
    for name in names if around.trust == "folder" else ():
        lab.write(f"{folder}/{name}/ca.crt", lab.ca.read_bytes())


def _verdict(lab: Place, tool: str, environ: Mapping[str, str]) -> str:
    told = lab.mirrorcfg("verify", "--tool", tool, "--json", "--timeout", "20", environ=environ)
    [mirror] = [each for each in told.data["sources"] if each["role"] == "registry-mirrors"]
    return str(mirror["code"])


def _url(mode: str) -> str:
    return f"https://{MODES[mode].name}"
