"""The texts that make a machine run mirrorcfg by itself: for systemd, for launchd and for cron.

Pure: nothing is written or started here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from mirrorcfg.errors import UsageError
from mirrorcfg.sentence import sentence

NAME = "mirrorcfg-watch"
MARK = "Written by mirrorcfg: `mirrorcfg watch` installs it, and takes it away."
"""Stands in every text that is ours: one without it is somebody else's, and stays."""

_UNWRITABLE = ("Cc", "Zl", "Zp", "Cs")  # controls, separators of lines, and bytes that are no text


class Job(NamedTuple):
    """What shall run: `loop` for ever, or `once` every `interval` seconds, with these variables.

    A look takes `timeout` seconds and a little more. `system` says that it runs as root for the machine, and
    otherwise for one user. root's writes nowhere but in the directories `writable`; with `for_user` it looks
    after the files of who called sudo too, with that account's rights.
    """

    loop: tuple[str, ...]
    once: tuple[str, ...]
    interval: float
    timeout: float
    environ: Mapping[str, str]
    system: bool
    writable: tuple[str, ...] = ()
    for_user: bool = False


def checked(job: Job, *more: str) -> Job:
    """The job, of which every word can be written into one line. Raises UsageError.

    A control character or a separator of lines would begin a directive of its own, or a line of a crontab.
    """
    for word in (*job.loop, *job.once, *job.environ.values(), *job.writable, *more):
        if any(unicodedata.category(char) in _UNWRITABLE for char in word):
            what = sentence(
                "{word!r} has a control character in it, which no service can be given.", word=word
            )
            raise UsageError("control-character", what, hint="call it by another name, or leave it out")
    for name in job.environ:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            what = sentence("{name!r} is no name of a variable.", name=name)
            raise UsageError("bad-variable", what, hint=f"unset {name!r}")
    return job
