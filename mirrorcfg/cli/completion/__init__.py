"""Completion: what may come next on a command line, and the scripts by which each shell asks for it."""

from __future__ import annotations

from pathlib import Path

SHELLS = {"bash": "bash", "zsh": "zsh", "fish": "fish", "powershell": "ps1"}
"""The shells there is a script for, and what such a file's name ends with."""


def script(shell: str) -> str:
    """The script of one of `SHELLS`: it has the shell call `mirrorcfg complete`."""
    return Path(__file__).with_name(f"mirrorcfg.{SHELLS[shell]}").read_text("utf-8")
