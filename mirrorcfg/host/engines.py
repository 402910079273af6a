"""What writers may learn of the container engines that run here: each is asked once, by who needs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from mirrorcfg.host.caller import seen
from mirrorcfg.model.engine import Engine, Runtime
from mirrorcfg.model.machine import Machine

if TYPE_CHECKING:
    from mirrorcfg.activation.cri import Answer

_START = 0.1  # seconds from a program's start to its reading what it starts with


def asked(machine: Machine) -> Engine | None:
    """The docker daemon that this user's docker asks."""
    from mirrorcfg.writers.docker import contexts

    address = contexts.asked(machine).address if machine.platform == "linux" else None
    if address is None:
        return None
    from mirrorcfg.activation import listener

    return listener.asked(address)


@cache
def given(program: str) -> Mapping[str, str] | None:
    """The variables of the daemon that runs `program`."""
    if sys.platform != "linux":
        return None
    from mirrorcfg.activation import surroundings

    return surroundings.of(program)


def runtime(socket: PurePath, file: PurePath) -> Runtime | None:
    """The containerd on a socket, for root to ask; `file` is what it reads when it starts."""
    answer = _answered(str(socket)) if hasattr(os, "geteuid") and os.geteuid() == 0 else None
    if answer is None:
        return None
    changed = seen(Path(file), lambda path: path.stat().st_mtime, 0.0)
    return Runtime(answer.version, answer.started + _START < changed)


@cache
def _answered(socket: str) -> Answer | None:
    from mirrorcfg.activation import cri

    return cri.asked(socket)
