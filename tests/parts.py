"""The real parts that tests need; one that is absent skips by name, and fails where MIRRORCFG_CI is set."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def program(name: str) -> str:
    """The path of a program, those of this virtual environment first, or a skip that names it."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        absent(f"the program {name} is not installed")
    return str(found)


def root() -> None:
    """Root's rights, or a skip."""
    if os.geteuid() != 0:
        absent("this needs root")


def mounts() -> None:
    """The right to make a mount namespace, or a skip."""
    root()
    done = subprocess.run([program("unshare"), "-m", "true"], capture_output=True, text=True)
    if done.returncode:
        absent(f"this needs mount namespaces: {done.stderr.strip()}")


def absent(reason: str) -> None:
    """Skip, with the reason; fail in CI, where everything that can be installed must be there."""
    if os.environ.get("MIRRORCFG_CI"):
        pytest.fail(reason)
    pytest.skip(reason)
