"""Every engine's way to be given mirrors and to pull an image: `with PULLERS[name](place) as pull: pull([url], image)`."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from tests.clients import engines
from tests.clients.place import Place

Pull = Callable[..., bool]
"""Given the mirrors' addresses and an image's name (library/hello:1): did it come?"""

IMAGE = "library/hello:1"


@contextmanager
def _docker(version: str, place: Place, *, store: bool = False) -> Iterator[Pull]:
    base = engines.STORE if store else {}
    place.write(engines.FILE, json.dumps(base))
    with engines.dockerd(place, version) as daemon:

        def pull(mirrors: Sequence[str], image: str = IMAGE) -> bool:
            place.write(engines.FILE, json.dumps({**base, "registry-mirrors": list(mirrors)}))
            os.kill(daemon.pid, signal.SIGHUP)
            wanted = [f"{each}/" for each in mirrors]
            end = time.monotonic() + 20
            while (daemon.info()["RegistryConfig"]["Mirrors"] or []) != wanted:
                assert time.monotonic() < end, "it doesn't read its file"
            return daemon.pull(image)

        yield pull
    place.file(engines.FILE).unlink()


@contextmanager
def _podman(version: str, place: Place) -> Iterator[Pull]:
    path = "/etc/containers/registries.conf.d/50-lab.conf"

    def pull(mirrors: Sequence[str], image: str = IMAGE) -> bool:
        tables = [f'[[registry.mirror]]\nlocation = "{each.removeprefix("https://")}"\n' for each in mirrors]
        place.write(path, '[[registry]]\nprefix = "docker.io"\nlocation = "docker.io"\n' + "".join(tables))
        return engines.podman(place, version, "pull", f"docker.io/{image}").returncode == 0

    yield pull
    place.file(path).unlink()


@contextmanager
def _containerd(version: str, place: Place, *, resolve: bool = True) -> Iterator[Pull]:
    path = "/etc/containerd/certs.d/docker.io/hosts.toml"
    can = '["pull", "resolve"]' if resolve else '["pull"]'
    with engines.containerd(place, version, engines.CRI[version]) as daemon:

        def pull(mirrors: Sequence[str], image: str = IMAGE) -> bool:
            place.write(path, "".join(f'[host."{each}"]\ncapabilities = {can}\n' for each in mirrors))
            return daemon.pull(f"docker.io/{image}")[0]

        yield pull
    place.file(path).unlink()


PULLERS: Mapping[str, Callable[[Place], AbstractContextManager[Pull]]] = {
    **{f"docker {version}": partial(_docker, version) for version in engines.DOCKER},
    **{f"docker {version} store": partial(_docker, version, store=True) for version in ("26.1", "28.5")},
    **{f"podman {version}": partial(_podman, version) for version in engines.PODMAN},
    **{f"containerd {version}": partial(_containerd, version) for version in engines.CONTAINERD},
}
WITHOUT_RESOLVE = {
    f"containerd {version}": partial(_containerd, version, resolve=False) for version in engines.CONTAINERD
}
NEWEST = ("docker 28.5", "docker 28.5 store", "podman 5.4", "containerd 2.1")
