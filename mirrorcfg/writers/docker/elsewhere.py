"""The daemon that docker asks, where its file can't be changed from here: whose it is, and what mends it."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath
from urllib.parse import urlsplit

from mirrorcfg.model.engine import Engine
from mirrorcfg.model.machine import Machine
from mirrorcfg.model.result import Finding
from mirrorcfg.redact import redact
from mirrorcfg.sentence import sentence
from mirrorcfg.writers.docker.contexts import Endpoint

_MACHINES = {
    ".colima": (
        sentence("runs in Colima's machine"),
        sentence("colima start --edit  # registry-mirrors, below docker:"),
    ),
    ".lima": (sentence("runs in a machine of Lima's"), "limactl list"),
    ".rd": (sentence("runs in Rancher Desktop's machine"), "rdctl shell sudo vi /etc/docker/daemon.json"),
    ".orbstack": (sentence("runs in OrbStack's machine"), "orb config docker"),
}
"""What a folder on the way to a socket says of who listens there, and what changes that one's file."""

_SHIM = re.compile(rb"^[ \t]*exec[ \t]+(\S*/)?podman\b", re.M)
_PODMAN, _USE = "mirrorcfg use PROFILE --tool podman", "mirrorcfg use PROFILE --tool docker"


def elsewhere(machine: Machine, endpoint: Endpoint, engine: Engine | None) -> Finding | None:
    """Why nothing here is that daemon's file; None where it is here, or nobody can tell."""
    if _is_podman(machine) or (engine is not None and engine.kind == "podman"):
        message = (
            sentence("docker is podman here, which reads no daemon.json.")
            if _is_podman(machine)
            else sentence("{whom} is podman here, which reads no daemon.json.", whom=_whom(endpoint))
        )
        return Finding("docker-is-podman", message, _PODMAN, "docker")
    if endpoint.address is None:
        what = sentence("docker itself stops: there is no such context ({told}).", told=endpoint.told)
        return Finding("no-such-context", what, "docker context ls", "docker")
    if engine is not None and engine.file is not None:
        return None
    if endpoint.path is None:
        return _remote(machine, endpoint)
    for folder, (where, mend) in _MACHINES.items():
        if folder in machine.resolved(PurePath(endpoint.path)).parts:
            return _at(endpoint, where, mend)
    if engine is None or not engine.beyond or is_desktop(machine, endpoint):
        return None
    if engine.kind == "desktop":
        what = sentence("is Docker Desktop's, of the Windows around us")
        return _at(endpoint, what, sentence("in Windows: {use}", use=_USE))
    if engine.process is None:
        return _at(endpoint, engine.beyond, sentence("run it where that daemon runs: {use}", use=_USE))
    return _at(endpoint, engine.beyond, f"sudo nsenter -a -t {engine.process} {_USE}")


def is_desktop(machine: Machine, endpoint: Endpoint) -> bool:
    """Is it the Docker Desktop of this very system? It has a folder here, and its socket in there."""
    desktop = machine.home / ".docker"
    socket = machine.resolved(PurePath(endpoint.path or ""))
    return machine.is_dir(desktop / "desktop") and desktop in (
        *socket.parents,
        *PurePath(endpoint.path or "").parents,
    )


def _remote(machine: Machine, endpoint: Endpoint) -> Finding | None:
    parts = urlsplit(endpoint.address or "")
    if parts.scheme == "npipe" and machine.platform == "win32":
        return None
    if parts.scheme == "ssh" and parts.hostname:
        far = shlex.quote(f"{parts.username}@{parts.hostname}" if parts.username else parts.hostname)
        dashes = "-- " if far.startswith("-") else ""  # a name, whatever somebody has made it look like
        return _at(endpoint, sentence("is another machine's"), f"ssh {dashes}{far} sudo {_USE}")
    mend = sentence("run it where that daemon runs: {use}", use=_USE)
    return _at(endpoint, sentence("may be anybody's"), mend)


def _at(endpoint: Endpoint, what: str, mend: str) -> Finding:
    message = sentence(
        "The daemon that docker asks, {whom}, {what}; its file can't be changed from here.",
        whom=_whom(endpoint),
        what=what,
    )
    return Finding("daemon-elsewhere", message, mend, "docker")


def _whom(endpoint: Endpoint) -> str:
    address = redact(endpoint.address or "")
    return sentence("{address} ({told})", address=address, told=endpoint.told) if endpoint.told else address


def _is_podman(machine: Machine) -> bool:
    """Is the program of that name podman's (the package podman-docker), or a link to podman?"""
    program = machine.which("docker")
    if program is None or machine.platform == "win32":
        return False
    if machine.resolved(program).name == "podman":
        return True
    said = machine.content(program)
    return said is not None and said.startswith(b"#!") and _SHIM.search(said) is not None
