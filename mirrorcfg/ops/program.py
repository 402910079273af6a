"""How this very program is started again, and where its code is."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import mirrorcfg


def argv() -> tuple[str, ...]:
    """The words that start it from any directory: the single file (docs/pyz.md), or the installed package."""
    if archive := _archive():
        return (sys.executable, str(archive))
    return (sys.executable, "-P", "-m", "mirrorcfg")  # -P: nothing in the directory it is started in counts


def parts() -> tuple[Path, ...]:
    """What is run by that: whoever may change one of these decides what it does."""
    return (Path(sys.executable), _archive() or Path(mirrorcfg.__file__))


def _archive() -> Path | None:
    start = Path(sys.argv[0])
    return start.absolute() if zipfile.is_zipfile(start) else None
