"""The texts that make a machine run mirrorcfg by itself: for systemd, for launchd and for cron.

Pure: nothing is written or started here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

NAME = "mirrorcfg-watch"
MARK = "Written by mirrorcfg: `mirrorcfg watch` installs it, and takes it away."
"""Stands in every text that is ours: one without it is somebody else's, and stays."""


class Job(NamedTuple):
    """What shall run: `loop` for ever, or `once` every `interval` seconds, with these variables.

    A look takes `timeout` seconds and a little more. `system` says that it runs as root for the machine, and
    otherwise for one user.
    """

    loop: tuple[str, ...]
    once: tuple[str, ...]
    interval: float
    timeout: float
    environ: Mapping[str, str]
    system: bool
