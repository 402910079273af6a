"""Where mirrorcfg's own configuration and profiles are: the user's, and the system's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def of_user(environ: Mapping[str, str], home: Path, platform: str) -> Path:
    """The user's directory; under `--root` it stays where it is, because whoever runs mirrorcfg wrote it."""
    if platform == "win32":
        base = Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    else:
        configured = environ.get("XDG_CONFIG_HOME", "")
        # A relative path there is to be ignored, says the XDG specification.
        base = Path(configured) if configured.startswith("/") else home / ".config"
    return base / "mirrorcfg"


def of_system(environ: Mapping[str, str], platform: str, root: Path | None = None) -> Path:
    """The directory for all users of this machine, or of the system below `root`."""
    if platform == "win32":
        path = Path(environ.get("PROGRAMDATA") or "C:\\ProgramData") / "mirrorcfg"
    else:
        path = Path("/etc/mirrorcfg")
    return path if root is None else root / path.relative_to(path.anchor)
