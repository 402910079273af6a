"""Worlds of containerd's files: config.toml, what it imports, and folders of hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CERTS = "/etc/containerd/certs.d"
HUB_FILE = f"{CERTS}/docker.io/hosts.toml"
V1 = "plugins.cri.registry"
V2 = 'plugins."io.containerd.grpc.v1.cri".registry'
V3 = 'plugins."io.containerd.cri.v1.images".registry'
EVERY, OLD, NEW = ("1.6", "1.7", "2.1"), ("1.6", "1.7"), ("2.1",)


@dataclass(frozen=True)
class World:
    """What stands where, for these versions; `use` is whether a switch by name is to work in the end."""

    name: str
    files: Mapping[str, str] = field(default_factory=dict)
    config: str | None = None
    versions: tuple[str, ...] = EVERY
    use: bool = True


def host(name: str, *lines: str, capabilities: str = '["pull", "resolve"]') -> str:
    """A host's table."""
    return "\n".join([f'[host."https://{name}"]', f"capabilities = {capabilities}", *lines]) + "\n"


def told(where: str = V2, folder: str = CERTS, version: int | None = 2) -> str:
    """A config.toml with config_path."""
    said = "" if version is None else f"version = {version}\n"
    return f'{said}[{where}]\nconfig_path = "{folder}"\n'


def inline(where: str, *names: str, version: int | None = 2, endpoint: str = "https://other.lab") -> str:
    """A config.toml with mirrors of its own."""
    said = "" if version is None else f"version = {version}\n"
    return said + "".join(f'[{where}.mirrors."{name}"]\nendpoint = ["{endpoint}"]\n' for name in names)


M, OTHER = host("mirror.lab"), host("other.lab")
HERE = {HUB_FILE: OTHER}
IMPORTS = 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n'


def part(text: str, name: str = "a") -> dict[str, str]:
    """A file that is imported."""
    return {f"/etc/containerd/conf.d/{name}.toml": text}


CONFIGS = [
    World("no config.toml", HERE),
    World("an empty one", HERE, ""),
    World("version 2 alone", HERE, "version = 2\n"),
    World("version 3 alone", HERE, "version = 3\n", NEW),
    World("version 1", HERE, told(V1, version=1), OLD),
    World("version 1 for 2.1", HERE, told(V1, version=1), NEW, use=False),
    World("no version, at version 2's place", HERE, told(V2, version=None), OLD),
    World("version 2", HERE, told()),
    World("version 2 at version 3's place", HERE, told(V3)),
    World("version 3", HERE, told(V3, version=3), NEW),
    World("version 3 at version 2's place", HERE, told(V2, version=3), NEW),
    World("a table without config_path", HERE, f"version = 2\n[{V2}]\n"),
    World("an empty config_path", HERE, told(folder="")),
    World("another folder", {"/etc/other/docker.io/hosts.toml": OTHER}, told(folder="/etc/other")),
    World("a folder that isn't there", {}, told(folder="/etc/nowhere")),
    World("a slash at its end", HERE, told(folder=f"{CERTS}/")),
    World("a list, the first", HERE, told(folder=f"{CERTS}:/etc/docker/certs.d"), OLD),
    World("a list, the second", {"/etc/docker/certs.d/docker.io/hosts.toml": OTHER}, told(folder=f"{CERTS}:/etc/docker/certs.d"), OLD),
    World("a list for 2.1", HERE, told(V3, f"{CERTS}:/etc/docker/certs.d", 3), NEW, use=False),
    World("a list in version 2 for 2.1", HERE, told(folder=f"{CERTS}:/etc/docker/certs.d"), NEW, use=False),
    World("a list, pulled locally", HERE, told(V3, f"{CERTS}:/etc/x", 3) + '[plugins."io.containerd.cri.v1.images"]\nuse_local_image_pull = true\n', NEW),
    World("inline mirrors", HERE, inline(V2, "docker.io"), use=False),
    World("inline mirrors of version 3", HERE, inline(V3, "docker.io", version=3), NEW, use=False),
    World("inline mirrors for all", HERE, inline(V2, "*"), use=False),
    World("inline mirrors of another", HERE, inline(V2, "ghcr.io", endpoint="https://ghcr.lab"), use=False),
    World("an inline host without https", HERE, inline(V2, "docker.io", endpoint="other.lab"), use=False),
    World("both", HERE, told() + f'[{V2}.mirrors."docker.io"]\nendpoint = ["https://other.lab"]\n', use=False),
    World("config_path and an empty mirrors", HERE, told() + f"[{V2}.mirrors]\n"),
    World("config_path and tls", HERE, told() + f'[{V2}.configs."x.lab".tls]\ninsecure_skip_verify = false\n', OLD, use=False),
    World("config_path and tls for 2.1", HERE, told() + f'[{V2}.configs."x.lab".tls]\ninsecure_skip_verify = false\n', NEW),
    World("config_path and a login", HERE, told() + f'[{V2}.configs."x.lab".auth]\nusername = "a"\n'),
    World("CRI disabled", HERE, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n' + told(version=None), use=False),
    World("CRI disabled in version 1", HERE, 'disabled_plugins = ["cri"]\n', use=False),
    World("CRI disabled by an import", HERE | part('version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n'), IMPORTS + told(version=None), use=False),
    World("imported", HERE | part(told()), IMPORTS),
    World("imported without version", HERE | part(told(version=None)), IMPORTS),
    World("imported by a path beside it", HERE | part(told()), 'version = 2\nimports = ["conf.d/a.toml"]\n'),
    World("imported by what is imported", HERE | part('version = 2\nimports = ["b.toml"]\n') | part(told(), "b"), 'version = 2\nimports = ["conf.d/a.toml"]\n'),
    World("the later import", {**HERE, **part(told(folder="/etc/nowhere")), **part(told(), "b")}, IMPORTS),
    World("an import over it", {"/etc/other/docker.io/hosts.toml": OTHER} | part(told(folder="/etc/other")), IMPORTS + told(version=None)),
    World("an import with the plugin's table", HERE | part('version = 2\n[plugins."io.containerd.grpc.v1.cri"]\nsandbox_image = "x"\n'), IMPORTS + told(version=None), OLD, use=False),
    World("the same for 2.1", HERE | part('version = 2\n[plugins."io.containerd.grpc.v1.cri"]\nsandbox_image = "x"\n'), IMPORTS + told(version=None), NEW),
]  # fmt: skip

HOSTS = [
    World("_default", {f"{CERTS}/_default/hosts.toml": OTHER}, told()),
    World("_default and its own", {f"{CERTS}/_default/hosts.toml": OTHER, HUB_FILE: host("third.lab")}, told()),
    World("_default and an empty file", {f"{CERTS}/_default/hosts.toml": OTHER, HUB_FILE: ""}, told()),
    World("server alone", {HUB_FILE: 'server = "https://other.lab"\n'}, told()),
    World("a server after a host", {HUB_FILE: 'server = "https://third.lab"\n' + OTHER}, told()),
    World("Docker Hub as the server", {HUB_FILE: 'server = "https://registry-1.docker.io"\n' + OTHER}, told()),
    World("hosts without https", {HUB_FILE: OTHER.replace("https://", "")}, told()),
    World("two hosts in order", {HUB_FILE: host("third.lab") + OTHER}, told()),
    World("a host that only pushes", {HUB_FILE: host("third.lab", capabilities='["push"]') + OTHER}, told()),
    World("no capabilities", {HUB_FILE: host("other.lab", capabilities="[]")}, told()),
    World("capabilities in capitals", {HUB_FILE: host("other.lab", capabilities='["PULL", "Resolve"]')}, told()),
    World("referrers", {HUB_FILE: host("other.lab", capabilities='["pull", "resolve", "referrers"]')}, told()),
    World("a bad dial_timeout", {HUB_FILE: host("other.lab", 'dial_timeout = "x"')}, told()),
    World("a dial_timeout", {HUB_FILE: host("other.lab", 'dial_timeout = "1m3s"')}, told()),
    World("dotted", {HUB_FILE: 'host."https://other.lab".capabilities = ["pull", "resolve"]\n'}, told(), use=False),
    World("a header's table alone", {HUB_FILE: '[host."https://other.lab".header]\nx = "1"\n'}, told()),
    World("an unknown key", {HUB_FILE: "foo = 1\n" + host("other.lab", "bar = 2")}, told()),
    World("a CA that is there", {HUB_FILE: host("other.lab", 'ca = ["/etc/ssl/certs/ca-certificates.crt"]')}, told()),
    World("a CA that isn't", {HUB_FILE: host("other.lab", 'ca = "/nowhere.pem"')}, told()),
    World("a CA beside it that isn't", {HUB_FILE: host("other.lab", 'ca = "nowhere.pem"')}, told()),
    World("a key that isn't", {HUB_FILE: host("other.lab", 'client = [["/nowhere.pem", "/nowhere.key"]]')}, told()),
    World("skip_verify", {HUB_FILE: host("other.lab", "skip_verify = true")}, told()),
]  # fmt: skip

REFUSED = {
    "unknown capability": host("other.lab", capabilities='["pull", "resolv"]'),
    "a word for capabilities": host("other.lab", capabilities='"pull"'),
    "a number for ca": host("other.lab", "ca = 3"),
    "a list of numbers for ca": host("other.lab", "ca = [3]"),
    "a text for skip_verify": host("other.lab", 'skip_verify = "x"'),
    "a text for override_path": host("other.lab", 'override_path = "true"'),
    "a number in a header": OTHER + '[host."https://other.lab".header]\nx = 1\n',
    "a number for server": "server = 1\n" + OTHER,
    "a text for host": 'host = "x"\n',
    "three in a pair": host("other.lab", 'client = [["a", "b", "c"]]'),
    "no TOML": "[host\n",
    "one twice": OTHER + OTHER,
}
"""What every version passes over as a whole."""
