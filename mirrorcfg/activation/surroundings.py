"""The variables that a daemon was started with: they say what its proxy is and what it trusts.

Source of the rules: proc(5), `/proc/pid/environ`: what the process was given, for its account and root.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from mirrorcfg.activation.standing import PROC, standing

_LIMIT = 1 << 20  # bytes; what is behind them is nothing a daemon needs


def of(program: str) -> Mapping[str, str] | None:
    """Those of the daemon that runs `program` as root, or as this user; None where none is to be seen."""
    for folder in PROC.glob("[0-9]*"):
        try:
            if (folder / "comm").read_text(errors="replace").strip() != program[:15]:
                continue
            found = standing(int(folder.name), program, os.geteuid())
            if found is None or found[1] != "ours":
                continue
            with (folder / "environ").open("rb") as file:
                words = file.read(_LIMIT).decode(errors="surrogateescape").split("\0")
        except OSError:  # it ended meanwhile, or is another's
            continue
        return dict(word.split("=", 1) for word in words if "=" in word)
    return None
