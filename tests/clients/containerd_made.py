"""Worlds of containerd's files by chance, from a seed: config.toml in any version, imports, folders, hosts."""

from __future__ import annotations

from random import Random

from tests.clients.containerd_worlds import CERTS, EVERY, V1, V2, V3, World, host

_PLACES = {None: (V1, V2), 1: (V1,), 2: (V2, V2, V3), 3: (V3, V3, V2)}
_FOLDERS = (
    CERTS,
    CERTS,
    CERTS,
    "",
    f"{CERTS}/",
    "/etc/other",
    "/etc/nowhere",
    f"{CERTS}:/etc/other",
    f"/etc/nowhere:{CERTS}",
)
_LINES = (
    "", "", "", 'capabilities = ["pull", "resolve", "push"]', 'capabilities = ["push"]', "capabilities = []",
    "skip_verify = false", 'ca = "/etc/ssl/certs/ca-certificates.crt"', 'ca = "missing.pem"', "override_path = false",
    'dial_timeout = "2s"', 'dial_timeout = "soon"', 'capabilities = ["pull", "resolve", "referrers"]', "unknown = 1",
)  # fmt: skip


def made(seed: int) -> tuple[World, str]:
    """A world and the version that it is for."""
    chance = Random(seed)
    version = chance.choice(EVERY)
    said = chance.choice([None, 1, 2, 2, 2, *([3, 3] if version == "2.1" else [])])
    files: dict[str, str] = {}
    config = None if chance.random() < 0.1 else _config(chance, said, files)
    for folder in (CERTS, CERTS, "/etc/other"):
        for name in ("docker.io", "docker.io", "_default"):
            if chance.random() < 0.45:
                files[f"{folder}/{name}/hosts.toml"] = _hosts(chance)
    return World(f"made {seed}", files, config, (version,)), version


def _config(chance: Random, said: int | None, files: dict[str, str]) -> str:
    head = [] if said is None else [f"version = {said}"]
    if chance.random() < 0.1:
        head.append(
            'disabled_plugins = ["io.containerd.grpc.v1.cri"]'
            if said and said > 1
            else 'disabled_plugins = ["cri"]'
        )
    if chance.random() < 0.35:
        head.append('imports = ["/etc/containerd/conf.d/*.toml"]')
        for name in ("a", "b")[: chance.choice([0, 1, 1, 2])]:
            own = [] if said is None or chance.random() < 0.2 else [f"version = {said}"]
            files[f"/etc/containerd/conf.d/{name}.toml"] = "\n".join([*own, *_registry(chance, said)]) + "\n"
    return "\n".join([*head, *_registry(chance, said)]) + "\n"


def _registry(chance: Random, said: int | None) -> list[str]:
    if chance.random() < 0.15:
        return []
    where = chance.choice(_PLACES[said])
    lines = [f"[{where}]"]
    if chance.random() < 0.8:
        lines.append(f'config_path = "{chance.choice(_FOLDERS)}"')
    if chance.random() < 0.2:
        lines += [
            f'[{where}.mirrors."{chance.choice(["docker.io", "*", "quay.io"])}"]',
            'endpoint = ["https://third.lab"]',
        ]
    if chance.random() < 0.15:
        lines += [f'[{where}.configs."x.lab".{chance.choice(["tls", "auth"])}]']
    return lines


def _hosts(chance: Random) -> str:
    names = chance.sample(["mirror.lab", "other.lab", "third.lab"], chance.choice([0, 1, 1, 2]))
    server = chance.choice(
        ["", "", 'server = "https://registry-1.docker.io"\n', 'server = "https://third.lab"\n']
    )
    tables = []
    for name in names:
        line = chance.choice(_LINES)
        table = host(name, line)
        tables.append(
            table.replace('capabilities = ["pull", "resolve"]\n', "") if line.startswith("capab") else table
        )
    return server + "".join(tables)
