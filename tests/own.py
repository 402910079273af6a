"""What a test has of its own where a program knows one place, for `unshare -m sh -c`."""

from __future__ import annotations

import os

from tests import parts

ETC = "mount -t tmpfs -o mode=755 tmpfs /mnt && cp -a /etc /mnt/etc && mount --rbind /mnt/etc /etc && "
"""A copy of the machine's, in memory; /mnt is one too."""

FRESH = f"{ETC}rm -rf /etc/docker /etc/containers && mkdir /etc/docker /etc/containers && "
"""The same, with nothing in what mirrorcfg writes for engines."""


def client(name: str) -> list[str]:
    """skopeo's or podman's words, or a skip: as root they note in /var/lib/containers which blobs they met."""
    program = parts.program(name)
    if os.geteuid() != 0:
        return [program]
    parts.mounts()
    return ["unshare", "-m", "sh", "-c", 'mount -t tmpfs tmpfs /var/lib && exec "$@"', "sh", program]
