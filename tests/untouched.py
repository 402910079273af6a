"""The machine as a run of the tests found it; what is different after it, a test did."""

from __future__ import annotations

import os
import stat
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).parents[1]


class Place(NamedTuple):
    """A folder and how many levels below it are looked at; the times of folders tell of one level more."""

    path: Path
    levels: int
    times: bool = True


class Entry(NamedTuple):
    """What is compared of a file, a folder or a link."""

    mode: int
    owner: tuple[int, int]
    size: int
    time: int  # nanoseconds
    target: str


# Where an installation, a daemon or a tool of the system keeps what is its own.
SYSTEM = (
    Place(Path("/etc"), 9),
    Place(Path("/usr/local"), 4),
    Place(Path("/opt"), 2),
    Place(Path("/srv"), 2),
    Place(Path("/var/lib"), 2),
    Place(Path("/var/lib/containers/cache"), 1),
    Place(Path("/var/lib/mirrorcfg"), 4),
    Place(Path("/var/spool"), 3),
    Place(Path("/home"), 1),
)
# The same in a home, and no more: whoever lives there edits, browses and has their shell's history written.
OF_TOOLS = """
.ansible .bash_profile .bashrc .conda .condarc .docker .gnupg .pip .profile .ssh .zshenv .zshrc
.config/conda .config/containers .config/docker .config/fish .config/mirrorcfg .config/pip .config/systemd .config/uv
.local/bin .local/share/containers .local/share/mirrorcfg .local/share/uv .local/state
"""
# What changes while nobody tests: what a network or a clock says, daemons' own data, stamps of timers, caches.
LIVING = """
/root/.cache /etc/adjtime /etc/cni /etc/cups /etc/ld.so.cache /etc/resolv.conf /var/spool/anacron /var/spool/cups /var/spool/exim4
/var/spool/postfix /var/lib/AccountsService /var/lib/NetworkManager /var/lib/PackageKit /var/lib/apt /var/lib/chrony
/var/lib/colord /var/lib/command-not-found /var/lib/containerd /var/lib/dhcp /var/lib/dhcpcd /var/lib/docker
/var/lib/dpkg /var/lib/fwupd /var/lib/logrotate /var/lib/man-db /var/lib/mlocate /var/lib/ntpsec /var/lib/plocate
/var/lib/snapd /var/lib/systemd /var/lib/ubuntu-advantage /var/lib/udisks2 /var/lib/unattended-upgrades
/var/lib/update-manager /var/lib/update-notifier /var/lib/upower /opt/containerd
"""
# This checkout and the tests' own folders, and what Python keeps of what it compiled.
OURS = (
    str(CHECKOUT),
    str(Path.home().resolve() / ".cache"),
    str(Path(tempfile.gettempdir()).resolve()),
    sysconfig.get_path("stdlib"),
)
LEFT_OUT = {Path(name) for name in (*LIVING.split(), *OURS)}


def places() -> Iterator[Place]:
    """All that is looked at, this user's home and root's too."""
    yield from SYSTEM
    for home in {Path("/root"), Path.home().resolve()}:
        yield Place(home, 1, times=False)
        for name in OF_TOOLS.split():
            yield Place(home / name, 4)


def seen() -> dict[str, Entry]:
    """What stands there now, by its path; what this user may not see is left out."""
    found: dict[str, Entry] = {}
    for place in places():
        found.update(_below(place))
    return found


def differences(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> list[str]:
    """A line for each path that is new, gone or no longer the same, and what of it."""
    told = []
    for path in sorted({*before, *after}):
        was, now = before.get(path), after.get(path)
        if was is None or now is None:
            told.append(f"{path}: {'new' if was is None else 'gone'}")
        elif was != now:
            fields = (name for name, a, b in zip(Entry._fields, was, now, strict=True) if a != b)
            told.append(f"{path}: another {', '.join(fields)}")
    return told


def _below(place: Place) -> Iterator[tuple[str, Entry]]:
    """The place itself and what is below it on the same file system."""
    try:
        device = place.path.lstat().st_dev
    except OSError:
        return
    todo = [(place.path, place.levels)]
    while todo:
        path, levels = todo.pop()
        try:
            found = path.lstat()
            entry = _entry(path, found, place.times)
            inside = list(path.iterdir()) if levels and stat.S_ISDIR(found.st_mode) else []
        except OSError:  # it went just now, or is another user's
            continue
        yield str(path), entry
        if found.st_dev == device:
            below = (child for child in inside if child.name != "__pycache__" and child not in LEFT_OUT)
            todo += [(child, levels - 1) for child in below]


def _entry(path: Path, found: os.stat_result, times: bool) -> Entry:
    folder = stat.S_ISDIR(found.st_mode)
    target = str(path.readlink()) if stat.S_ISLNK(found.st_mode) else ""
    size = 0 if folder or not times else found.st_size
    return Entry(found.st_mode, (found.st_uid, found.st_gid), size, found.st_mtime_ns if times else 0, target)
