"""docker's writer: registry-mirrors, and not a byte of the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

import pytest

from mirrorcfg.errors import FormatError
from mirrorcfg.model.engine import Engine
from mirrorcfg.model.layer import Reading
from mirrorcfg.model.machine import Machine
from mirrorcfg.writers import Writer, docker

WRITER: Writer = docker
MIRRORS = {"registry-mirrors": ("https://mirror.example",)}

NVIDIA = """{
    "data-root": "/data/docker",
    "log-opts": {"tag": "{{.Name}}", "max-size": "100m"},
    "runtimes": {
        "nvidia": {"path": "nvidia-container-runtime", "runtimeArgs": []}
    }
}
"""

GOLDEN = [
    ("a new file", "", '{\n  "registry-mirrors": [\n    "https://mirror.example"\n  ]\n}\n'),
    (
        "nvidia's runtimes stay",
        NVIDIA,
        NVIDIA.replace(
            "    }\n}\n", '    },\n    "registry-mirrors": [\n        "https://mirror.example"\n    ]\n}\n'
        ),
    ),
    ("one line", '{"debug":true}', '{"debug":true,"registry-mirrors":["https://mirror.example"]}'),
    (
        "a value is replaced in its own style",
        '{\r\n\t"registry-mirrors" : [\r\n\t\t"https://old.example"\r\n\t]\r\n}',
        '{\r\n\t"registry-mirrors" : [\r\n\t\t"https://mirror.example"\r\n\t]\r\n}',
    ),
]


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in GOLDEN], ids=[case[0] for case in GOLDEN])
def test_the_mirrors_are_set_and_nothing_else(before: str, after: str) -> None:
    assert docker.edit(before, MIRRORS) == after
    assert docker.edit(after, MIRRORS) == after
    assert docker.revert(after, after, before) == before


def test_default_takes_the_key_away() -> None:
    assert docker.edit('{"registry-mirrors": ["https://a.example"], "debug": true}', {}) == '{"debug": true}'


@pytest.mark.parametrize(
    "text",
    [
        "// why\n{}",
        '{"debug": true,}',
        '{"a": 1, "a": 2}',
        "[]",
        '{"registry-mirrors": "https://a.example"}',
        '{"registry-mirrors": [1]}',
        '{"x": NaN}',
    ],
)
def test_what_dockerd_refuses_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        docker.edit(text, MIRRORS)


HOME = "/home/li"
META = f"{HOME}/.docker/contexts/meta/{hashlib.sha256(b'far').hexdigest()}/meta.json"
FAR = {
    f"{HOME}/.docker/config.json": b'{"currentContext": "far"}',
    META: b'{"Name": "far", "Endpoints": {"docker": {"Host": "tcp://far.lab:2376"}}}',
}
OURS = Engine((28, 5, 2), file=PurePosixPath("/etc/docker/daemon.json"))
DESKTOP = Engine((28, 5, 2), kind="desktop", beyond="is reached through com.docker.backend")


def machine(
    environ: dict[str, str] | None = None,
    contents: Mapping[str, bytes] = MappingProxyType({}),
    engine: Engine | None = None,
    dirs: tuple[str, ...] = (),
    links: Mapping[str, str] = MappingProxyType({}),
    **more: Any,
) -> Machine:
    return Machine(
        more.pop("platform", "linux"),
        PurePosixPath(HOME),
        PurePosixPath("/"),
        environ or {},
        content=lambda path: contents.get(str(path)),
        is_dir=lambda path: str(path) in dirs,
        is_file=lambda path: str(path) in contents,
        resolved=lambda path: PurePosixPath(links.get(str(path), str(path))),
        engine=lambda: engine,
        **more,
    )


@pytest.mark.parametrize(
    ("where", "file", "code"),
    [
        (machine(), "/etc/docker/daemon.json", None),
        (machine(contents=FAR), None, "daemon-elsewhere"),
        (machine({"DOCKER_CONTEXT": "default"}, FAR), "/etc/docker/daemon.json", None),
        (machine({"DOCKER_CONTEXT": "none"}, FAR), None, "no-such-context"),
        (machine({"DOCKER_HOST": "unix:///run/x.sock"}, FAR, OURS), "/etc/docker/daemon.json", None),
        (machine({"DOCKER_CONFIG": "/x"}, FAR), "/etc/docker/daemon.json", None),
        (machine({"SUDO_UID": "7"}, FAR, root_user=True), "/etc/docker/daemon.json", None),
        (machine({"SUDO_UID": "7", "DOCKER_CONTEXT": "far"}, FAR, root_user=True), None, "daemon-elsewhere"),
        # one that nobody may ask is the machine's, and a user's own comes before it
        (machine(contents={f"{HOME}/.config/docker/daemon.json": b""}, engine=Engine(file=OURS.file)),
         f"{HOME}/.config/docker/daemon.json", None),
        (machine(contents={f"{HOME}/.config/docker/daemon.json": b""}, engine=OURS), "/etc/docker/daemon.json", None),
        (machine(engine=Engine((28, 0, 0), file=PurePosixPath("/srv/d.json"))), "/srv/d.json", None),
        (machine(engine=Engine((28, 0, 0), beyond="runs beyond")), None, "daemon-elsewhere"),
        (machine(engine=Engine((5, 4, 0), kind="podman")), None, "docker-is-podman"),
        (machine(engine=DESKTOP), None, "daemon-elsewhere"),  # WSL
        (machine({"DOCKER_HOST": f"unix://{HOME}/.docker/desktop/docker.sock"}, engine=DESKTOP,
                 dirs=(f"{HOME}/.docker/desktop",)), f"{HOME}/.docker/daemon.json", None),
        (machine(platform="darwin"), f"{HOME}/.docker/daemon.json", None),
        (machine(platform="darwin", links={"/var/run/docker.sock": f"{HOME}/.colima/default/docker.sock"}), None,
         "daemon-elsewhere"),
        (machine({"DOCKER_HOST": f"unix://{HOME}/.rd/docker.sock"}), None, "daemon-elsewhere"),
        (machine({"DOCKER_HOST": "npipe:////./pipe/x"}), None, "daemon-elsewhere"),
    ],
)  # fmt: skip
def test_the_daemon_that_is_asked(where: Machine, file: str | None, code: str | None) -> None:
    layers = docker.layers(where)
    assert [str(layer.path) for layer in layers if layer.target] == ([file] if file else [])
    assert [layer.beyond.code for layer in layers if layer.beyond] == ([code] if code else [])


def test_the_snaps_file_by_its_own_name() -> None:
    """Its daemon was given the folder of one revision."""
    links = {"/var/snap/docker/current/config/daemon.json": "/var/snap/docker/9/config/daemon.json"}
    engine = Engine((28, 0, 0), file=PurePosixPath("/var/snap/docker/9/config/daemon.json"))
    where = machine(engine=engine, dirs=("/var/snap/docker/current",), links=links)
    [target] = [layer for layer in docker.layers(where) if layer.target]
    assert (target.name, str(target.path)) == ("snap", "/var/snap/docker/current/config/daemon.json")


def test_what_one_that_is_elsewhere_says_of_its_mirrors_is_what_counts() -> None:
    engine = Engine((28, 0, 0), ("https://a.lab", "https://b.lab"), beyond="runs beyond")
    [*_, layer] = docker.layers(machine(engine=engine))
    assert docker.effective([Reading(layer)]).settings == {
        "registry-mirrors": ("https://a.lab", "https://b.lab")
    }
    assert docker.ca_file(machine(engine=engine), "h") is None
    assert docker.ca_file(machine(engine=engine), "h", "system") is not None
