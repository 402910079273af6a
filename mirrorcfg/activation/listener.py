"""The daemon that docker asks: what it says of itself, and whether it is one that reads a file of ours.

Source of the rules: unix(7), SO_PEERCRED, for who listens; pid_namespaces(7): there one beyond ours is 0.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mirrorcfg.activation import engine, process
from mirrorcfg.activation.process import SOCKET, Daemon
from mirrorcfg.activation.standing import PROC
from mirrorcfg.model.engine import Engine
from mirrorcfg.sentence import sentence
from mirrorcfg.whose import owner

_PATIENCE = 2.0  # seconds


def asked(address: str) -> Engine | None:
    """The daemon at an address; None where nothing can be told of it.

    Only root is asked, this user, and whose place the socket is in. One on TCP is told by its process alone.
    """
    scheme, _, path = address.partition("://")
    if scheme != "unix":
        daemon = process.listening(address, os.geteuid()) if scheme == "tcp" else None
        return None if daemon is None else _known(daemon, engine.info(daemon, _PATIENCE))
    keepers = {0, os.geteuid(), owner(Path(path))}
    end = time.monotonic() + _PATIENCE
    try:
        with engine.connected(path, keepers, end) as sock:
            pid, uid, _ = engine.peer(sock)
            said = engine.said(sock, end)
    except engine.StrangerError:
        return Engine(beyond=sentence("belongs to an account that isn't asked"))
    except PermissionError:
        daemon = process.listening(address, os.geteuid())
        return None if daemon is None else _known(daemon, None)
    except (FileNotFoundError, ConnectionRefusedError):
        return _asleep() if os.path.realpath(path) == os.path.realpath(SOCKET) else None
    except OSError:  # such as one that lets nobody in any more: whose file it reads isn't known
        return Engine(beyond=sentence("can't be reached"))
    daemon = process.numbered(pid, uid) or (process.listening(address, uid) if pid == 1 else None)
    if daemon is not None:
        return _known(daemon, said)
    found = engine.read(said) if said else Engine()
    name = _name(pid)
    return found._replace(beyond=_beyond(pid, name), process=pid if name == process.NAME else None)


def _known(daemon: Daemon, said: Mapping[str, Any] | None) -> Engine:
    given = tuple(url.rstrip("/") for url in process.values(daemon.argv, "registry-mirror"))
    path, file = daemon.config, _file(daemon.config)
    any_ = "" if file else sentence("reads {path}, which may be anything: it isn't called .json", path=path)
    return (engine.read(said) if said else Engine())._replace(file=file, given=given, beyond=any_)


def _asleep() -> Engine | None:
    """What would listen at the usual place once it is started."""
    from mirrorcfg.activation import unit

    words = unit.start().words
    if not words:
        return None
    given = tuple(url.rstrip("/") for url in process.values(words, "registry-mirror"))
    return Engine(file=_file(process.config(words)), given=given)


def _file(path: Path) -> Path | None:
    """A file that may be changed for what it is called; root's daemon could have been given any."""
    return path if path.suffix == ".json" and path.is_absolute() else None


def _beyond(pid: int, name: str) -> str:
    """What is known of who listens and isn't a daemon that reads our disk: nothing of one that is hidden."""
    if pid == 0:
        return sentence("runs beyond this machine or container: its process can't be seen from here")
    if name == process.NAME:
        return sentence("has another disk than we see")
    if name in ("", "systemd"):  # which listens for a service
        return ""
    return sentence("is reached through {program}", program=name)


def _name(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text(errors="replace").strip()
    except OSError:
        return ""
