"""How this very program is started again."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path


def argv() -> tuple[str, ...]:
    """The words that start it from any directory: the single file (docs/pyz.md), or the installed package."""
    start = Path(sys.argv[0])
    if zipfile.is_zipfile(start):
        return (sys.executable, str(start.absolute()))
    return (sys.executable, "-P", "-m", "mirrorcfg")  # -P: nothing in the directory it is started in counts
