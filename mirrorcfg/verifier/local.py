"""Sources on this machine's own disk: a folder of files for pip, a channel made by hand."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mirrorcfg.verifier.codes import Failure


def path_of(url: str) -> Path | None:
    """The path that a file:// address or an absolute path names; None for any other address."""
    if url.startswith("file:"):
        return Path(unquote(urlsplit(url).path))
    return Path(url) if Path(url).is_absolute() else None


def check(path: Path) -> None:
    """Raises Failure path-missing or path-unreadable."""
    try:
        path.stat()
    except PermissionError:
        raise Failure("path-unreadable", url=path, host="this machine") from None
    except (OSError, ValueError):
        raise Failure("path-missing", url=path, host="this machine") from None
    needed = os.R_OK | os.X_OK if path.is_dir() else os.R_OK
    if not os.access(path, needed):
        raise Failure("path-unreadable", url=path, host="this machine")
