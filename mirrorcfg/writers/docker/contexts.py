"""Whom docker's client asks: by its variables, its current context, or where it always does.

Source of the rules: docker's documentation, "Docker contexts" and "docker", "Environment variables";
docker/cli's context store, for where one is kept; tried in tests/clients/test_docker_asked.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, NamedTuple

from mirrorcfg.model.machine import Machine
from mirrorcfg.sentence import sentence

USUAL = "unix:///var/run/docker.sock"


class Endpoint(NamedTuple):
    """An address, and what has it so: empty where nobody said it. Without an address docker itself stops."""

    address: str | None
    told: str = ""

    @property
    def path(self) -> str | None:
        """Where its socket is on this machine."""
        scheme, _, path = (self.address or "").partition("://")
        return path if scheme == "unix" else None


def asked(machine: Machine) -> Endpoint:
    """Whom this user's docker asks. Under sudo it is root's docker, which has no context of the caller's."""
    if host := machine.environ.get("DOCKER_HOST"):
        return Endpoint(host, "DOCKER_HOST")
    folder = machine.directory("DOCKER_CONFIG", "~/.docker")
    name, told = machine.environ.get("DOCKER_CONTEXT", ""), "DOCKER_CONTEXT"
    if not name and not _of_another(machine):
        current = _object(machine, folder / "config.json").get("currentContext")
        name, told = str(current) if isinstance(current, str) else "", ""
    if name in ("", "default"):
        return Endpoint(USUAL)
    told = f"{told}, {name}" if told else sentence("the current context, {name}", name=name)
    meta = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest() / "meta.json"
    endpoints = _object(machine, meta).get("Endpoints")
    endpoint = endpoints.get("docker") if isinstance(endpoints, dict) else None
    host = endpoint.get("Host") if isinstance(endpoint, dict) else None
    if not isinstance(host, str):
        return Endpoint(None, told)
    return Endpoint(host or USUAL, told)


def _of_another(machine: Machine) -> bool:
    return machine.root_user and "SUDO_UID" in machine.environ and "DOCKER_CONFIG" not in machine.environ


def _object(machine: Machine, path: PurePath) -> Mapping[str, Any]:
    try:
        found = json.loads(machine.content(path) or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
