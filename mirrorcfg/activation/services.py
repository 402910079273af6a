"""What else reads registries.conf when it starts, and again on SIGHUP only: podman's API service, CRI-O.

Source of the rules: podman-system-service(1), tried on podman 4.3 and 5.4; crio(8). podman gives any other of
its commands' SIGHUP to the container that it runs, so a process counts only if it was started as the service
and listens on a socket as one; its own words alone are not enough. proc(5), for net/unix and fd.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from mirrorcfg.activation.standing import PROC, named, standing
from mirrorcfg.model.plan import Change
from mirrorcfg.model.result import Finding
from mirrorcfg.sentence import sentence
from mirrorcfg.whose import owner

_TOOL = "podman"
_FILE = "50-mirrorcfg.conf"
_SERVICE = ("system", "service")
_OTHER = "crio"
_LISTENING = 1 << 16  # of a socket's flags: SO_ACCEPTCON


def tell(changes: Iterable[Change]) -> list[Finding]:
    """Have every service that reads one of these files read it again; what isn't ours to tell is named."""
    path = next((each.path for each in changes if each.tool == _TOOL and each.path.name == _FILE), None)
    if path is None:
        return []
    keeper = owner(path)
    found = [(pid, name, _account(pid)) for name in (_TOOL, _OTHER) for pid in named(name)]
    return [
        finding
        for pid, name, uid in found
        if uid is not None and _counts(pid, name, uid, keeper)
        for finding in _told(pid, name, uid, keeper, path)
    ]


def _counts(pid: int, name: str, uid: int, keeper: int) -> bool:
    """Does it read the file? The system's is everybody's, a user's is his own services'."""
    if keeper not in (0, uid) or standing(pid, name, uid) is None:
        return False
    return name == _OTHER or _serves(pid)


def _told(pid: int, name: str, uid: int, keeper: int, path: Path) -> Iterator[Finding]:
    if name == _TOOL and uid in (keeper, os.geteuid()) and _hung_up(pid, uid):
        return
    what = sentence(
        "The {program} that runs (process {pid}, user {uid}) reads its registries again only when told to.",
        program=name,
        pid=pid,
        uid=uid,
    )
    hint = f"sudo kill -HUP {pid}" if name == _TOOL else f"sudo systemctl reload {name}"
    yield Finding("service-not-told", what, hint, _TOOL, str(path))


def _hung_up(pid: int, uid: int) -> bool:
    """Send it SIGHUP, and nobody who has its number by now; was it sent, or has it ended?"""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    except (AttributeError, OSError):  # a kernel before 5.3: nothing stands for the process alone
        return False
    try:
        if standing(pid, _TOOL, uid) is None or not _serves(pid):
            return True
        signal.pidfd_send_signal(handle, signal.SIGHUP)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _serves(pid: int) -> bool:
    """Was it started as the service, and does it listen?"""
    folder = PROC / str(pid)
    try:
        words = (folder / "cmdline").read_bytes()[: 1 << 16].decode(errors="replace").split("\0")
        return is_service(words[1:-1]) and _listens(folder)
    except OSError:
        return False


def is_service(words: Sequence[str]) -> bool:
    """Is the first word that is neither a flag nor a flag's value the service's command?"""
    for at, word in enumerate(words):
        if tuple(words[at : at + 2]) == _SERVICE:
            return True
        before = words[at - 1] if at else ""
        if not word.startswith("-") and not (before.startswith("-") and "=" not in before):
            return False
    return False


def _listens(folder: Path) -> bool:
    lines = (folder / "net" / "unix").read_text(errors="replace").splitlines()[1:]
    fields = [line.split() for line in lines]
    listening = {f"socket:[{each[6]}]" for each in fields if len(each) > 6 and int(each[3], 16) & _LISTENING}
    for each in (folder / "fd").iterdir():
        with suppress(OSError):
            if str(each.readlink()) in listening:
                return True
    return False


def _account(pid: int) -> int | None:
    try:
        return (PROC / str(pid)).stat().st_uid
    except OSError:
        return None
