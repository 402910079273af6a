"""The kinds of docker that there are, and which one is meant.

Source of the rules: docker's documentation, "dockerd", "Rootless mode", "Docker Desktop" and, for the folders
of certificates, "Verify repository client with certificates"; docker-snap's own notes for the snap; moby's
registry configuration for a folder's name on Windows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import NamedTuple

from mirrorcfg.model.engine import Engine
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.result import Finding
from mirrorcfg.writers.docker import contexts
from mirrorcfg.writers.docker.contexts import Endpoint
from mirrorcfg.writers.docker.elsewhere import elsewhere


class Installation(NamedTuple):
    """Its file, and whose it is; its certificates, by host, are in the folder `certs.d` of `folder`."""

    file: PurePath
    scope: Scope
    folder: PurePath


class Meant(NamedTuple):
    """The installation by name, with the file that its daemon reads; None, and why, where it is `beyond`."""

    name: str | None
    file: PurePath | None = None
    engine: Engine | None = None
    beyond: Finding | None = None


def installations(machine: Machine) -> Mapping[str, Installation]:
    """By name; weakest claim first."""
    home = machine.home / ".docker"
    desktop = Installation(home / "daemon.json", "user", home)
    if machine.platform == "win32":
        programs = machine.directory("PROGRAMDATA", r"C:\ProgramData") / "docker"
        engine = Installation(programs / "config" / "daemon.json", "system", programs)
        return {"engine": engine, "desktop": desktop}
    if machine.platform == "darwin":
        return {"desktop": desktop}
    etc, snap = machine.path("/etc/docker"), machine.path("/var/snap/docker/current")
    rootless = machine.directory("XDG_CONFIG_HOME", "~/.config") / "docker"
    return {
        "engine": Installation(etc / "daemon.json", "system", etc),
        "snap": Installation(snap / "config" / "daemon.json", "system", snap / "etc" / "docker"),
        "desktop": desktop,
        "rootless": Installation(rootless / "daemon.json", "user", rootless),
    }


def meant(machine: Machine, scope: Scope | None = None) -> Meant:
    """The daemon that this user's docker asks; with a scope the one of that scope, whoever asks it."""
    endpoint, engine = contexts.asked(machine), machine.engine()
    beyond = elsewhere(machine, endpoint, engine)
    if scope is None and beyond is not None:
        return Meant(None, engine=engine, beyond=beyond)
    name = named(machine, endpoint) if scope is None else in_scope(machine, scope)
    if engine is not None and engine.file is not None and beyond is None:
        here, file = _of_file(machine, engine.file)
        sure = scope is None and (engine.version or endpoint.told)  # it answers, or somebody means it
        if here == name or sure:
            return Meant(here, file, engine)
    return Meant(None) if name is None else Meant(name, installations(machine)[name].file, beyond=beyond)


def _of_file(machine: Machine, file: PurePath) -> tuple[str, PurePath]:
    """The installation whose file it is, and how that calls it; any other is the engine's, or a user's."""
    known = installations(machine)
    for name, each in known.items():
        if machine.resolved(each.file) == machine.resolved(file):
            return name, each.file
    own = "rootless" if file.is_relative_to(machine.home) and not machine.root_user else "engine"
    return (own if own in known else next(iter(known))), file


def named(machine: Machine, endpoint: Endpoint) -> str:
    """By where its socket would be, else the one whose traces are here."""
    path = endpoint.path or ""
    if machine.platform == "darwin":
        return "desktop"
    if machine.platform == "win32":
        return "desktop" if machine.is_file(machine.home / ".docker" / "daemon.json") else "engine"
    if "/.docker/" in path:
        return "desktop"
    if path.startswith("/run/user/"):
        return "rootless"
    if endpoint.told or machine.root_user or machine.is_file(machine.path("/etc/docker/daemon.json")):
        return in_scope(machine, "system") or "engine"
    return in_scope(machine, "user", traces=True) or in_scope(machine, "system") or "engine"


def in_scope(machine: Machine, scope: Scope, *, traces: bool = False) -> str | None:
    """The installation to take in a scope; with `traces` only if something of it is here."""
    if scope == "venv":
        return None
    if machine.platform in ("win32", "darwin"):
        names = [name for name, each in installations(machine).items() if each.scope == scope]
        return names[0] if names else None
    if scope == "system":
        return "snap" if machine.is_dir(machine.path("/var/snap/docker/current")) else "engine"
    if machine.is_dir(machine.home / ".docker" / "desktop"):
        return "desktop"
    rootless = machine.directory("XDG_CONFIG_HOME", "~/.config") / "docker"
    return "rootless" if not traces or machine.is_file(rootless / "daemon.json") else None
