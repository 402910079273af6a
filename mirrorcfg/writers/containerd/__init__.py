"""containerd: the hosts.toml of Docker Hub and of other registries, which its clients read at every pull.

hosts has the file's own rules, config those of config.toml, which says whether and where CRI looks for one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirrorcfg import formats
from mirrorcfg.formats.past import Past
from mirrorcfg.model import golang
from mirrorcfg.model.client import Client
from mirrorcfg.model.layer import Reading, Source
from mirrorcfg.model.machine import Machine
from mirrorcfg.model.settings import Key, Kind, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.writers import ca_file as ca_file
from mirrorcfg.writers import docker
from mirrorcfg.writers import environment as environment
from mirrorcfg.writers import give_way as give_way
from mirrorcfg.writers import questions as questions
from mirrorcfg.writers.containerd import config, hosts
from mirrorcfg.writers.containerd.merged import besides as besides
from mirrorcfg.writers.containerd.merged import effective as effective
from mirrorcfg.writers.containerd.places import layers as layers

# containerd itself may be there for docker alone
TOOL = Tool(("nerdctl", "crictl", "kubelet"), follows="docker", images=True)
_AGENT = "containerd/2.1.9"  # the newest that was tried
KEYS = {
    **golang.MIRRORS,
    "resolve": Key(Kind.FLAG, "whether the mirrors may say what a tag means: for mirrors of your own"),
}


def read(text: str) -> Mapping[str, Value]:
    """What stands in a file of hosts, or in config.toml. Raises FormatError for what containerd refuses."""
    document = formats.toml.read(text)
    return hosts.read(text, document) if hosts.is_hosts(document) else config.read(text, document)


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """The hosts as `settings` says, or in config.toml the folder that has them."""
    return config.edit(text, settings) if config.FOLDER in settings else hosts.edit(text, settings, past)


def revert(text: str, left: str, target: str) -> str:
    """`text` with the hosts, or the folder, as `target` has them."""
    if all(hosts.is_hosts(formats.toml.read(each)) for each in (left, target)):
        return formats.toml_tables.revert(text, left, target, hosts.FAMILY)
    return config.revert(text, left, target)


def sources(settings: Settings) -> tuple[Source, ...]:
    """Every mirror, and what is asked after them in Docker Hub's place."""
    found = golang.mirrors("containerd", settings, resolve=settings.get("resolve") is True)
    last = settings.get(hosts.SERVER)
    return (*found, *([Source("containerd", hosts.SERVER, last)] if isinstance(last, str) else []))


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """The daemon's, with its variables; it knows no netrc, and docker's logins aren't its own."""
    return golang.client("containerd", _AGENT, machine, machine.given("containerd") or {})._replace(
        pull=docker.BY_CONTAINERD
    )
