"""The variables that a daemon was started with: they say what its proxy is and what it trusts.

Source of the rules: proc(5), `/proc/pid/environ`: what the process was given, for its account and root.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from mirrorcfg.activation.standing import PROC, named, standing

_LIMIT = 1 << 20  # bytes; what is behind them is nothing a daemon needs


def of(program: str) -> Mapping[str, str] | None:
    """Those of the daemon that runs `program` as root, or as this user; None where none is to be seen."""
    for pid in named(program):
        found = standing(pid, program, os.geteuid())
        if found is None or found[1] != "ours":
            continue
        try:
            with (PROC / str(pid) / "environ").open("rb") as file:
                words = file.read(_LIMIT).decode(errors="surrogateescape").split("\0")
        except OSError:  # it ended meanwhile, or is another's
            continue
        return dict(word.split("=", 1) for word in words if "=" in word)
    return None
