"""Whose a process is, and whether it sees the same disk as we do: its name is anybody's to choose.

Source of the rules: proc(5), for who may read what of a process; namespaces(7), user_namespaces(7). A process
writes its own name, arguments and variables; the kernel writes what is asked for here, and only root puts a
process into a service's control group.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

PROC = Path("/proc")
_SLICE = "/system.slice/"
_SERVICES = ("docker.service", "snap.docker.dockerd.service")
_GONE = " (deleted)"  # what the kernel puts behind the path of a program that was replaced meanwhile

Standing = Literal["ours", "unseen"]
"""It sees our disk; or it may, and this user isn't allowed to look."""


def standing(pid: int, name: str, keeper: int) -> tuple[int, Standing] | None:
    """The account of the process and how it stands to us, if it runs the program `name` and is believed.

    Believed are root's processes and those of `keeper`, whose the file in question is. None for any other,
    for one in a container, and for one that has ended.
    """
    folder = PROC / str(pid)
    try:
        uid = _account(folder)
        if uid is None or uid not in (0, keeper):
            return None
        served = uid == 0 and service(pid) is not None
        try:
            if _program(folder).name != name:  # but a link of that name to another program
                return None
            seen = _same(folder, "user") and (_same(folder, "mnt") or served or _of_the_machine(folder))
            own = keeper != 0 and uid == keeper and _beside(folder)  # rootless: in namespaces of its own
            return (uid, "ours") if seen or own else None
        except PermissionError:  # another user's process
            return (uid, "ours") if served else None if _in_container(folder) else (uid, "unseen")
    except OSError:
        return None


def named(program: str) -> Iterator[int]:
    """The numbers of the processes that call themselves so; it is where a look begins, and no more."""
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if (folder / "comm").read_text(errors="replace").strip() == program[:15]:
                yield int(folder.name)


def service(pid: int) -> str | None:
    """As which service of docker's systemd runs it, if it does: told by its control group."""
    try:
        lines = (PROC / str(pid) / "cgroup").read_text(errors="replace").splitlines()
    except OSError:
        return None
    groups = {line.split(":", 2)[-1] for line in lines}
    return next((name for name in _SERVICES if _SLICE + name in groups), None)


def program(pid: int) -> Path | None:
    """The path of the program that a process runs, as that process sees the disk: a text, to be judged."""
    try:
        return _program(PROC / str(pid))
    except OSError:
        return None


def _program(folder: Path) -> Path:
    return Path(str((folder / "exe").readlink()).removesuffix(_GONE))


def _account(folder: Path) -> int | None:
    """Its uid; None where it has several, as a set-user-ID program that somebody else has started."""
    uids = _status(folder, "Uid:")
    return int(uids[0]) if len(set(uids)) == 1 else None


def _status(folder: Path, field: str) -> list[str]:
    lines = (folder / "status").read_text(errors="replace").splitlines()
    return next((line.split()[1:] for line in lines if line.startswith(field)), [])


def _same(folder: Path, kind: str, other: Path = PROC / "self") -> bool:
    return os.path.samestat((folder / "ns" / kind).stat(), (other / "ns" / kind).stat())


def _of_the_machine(folder: Path) -> bool:
    """Has it the disk of the machine's first process, which a sandbox shows us with mounts of its own?"""
    try:
        return _beside(folder) and _same(folder, "mnt", PROC / "1")
    except PermissionError:
        return False


def _beside(folder: Path) -> bool:
    """Has it our process numbers and our root directory? No container has."""
    return _same(folder, "pid") and os.path.samestat((folder / "root").stat(), Path("/").stat())


def _in_container(folder: Path) -> bool:
    """Has it a number in a PID namespace below ours too? Anybody may read that (proc(5), NSpid)."""
    return len(_status(folder, "NSpid:")) > 1
