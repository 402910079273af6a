"""How systemd would start the daemon that doesn't run now.

Source of the rules: systemd.unit(5), for the order of places; systemd.service(5), for ExecStart.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

_PLACES = ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
_LIMIT = 1 << 16  # characters of a unit


def command() -> tuple[str, ...]:
    """The words of docker.service's ExecStart, empty where there is none; variables are left as they are."""
    units = [Path(place, "docker.service") for place in _PLACES]
    main = next((unit for unit in units if unit.is_file()), None)
    extra = {
        file.name: file for place in reversed(_PLACES) for file in Path(place).glob("docker.service.d/*.conf")
    }
    line = ""
    for file in [*([main] if main else []), *(extra[name] for name in sorted(extra))]:
        line = _exec_start(file, line)
    try:
        return tuple(shlex.split(line))
    except ValueError:
        return ()


def _exec_start(file: Path, line: str) -> str:
    if not file.is_file():  # a link to /dev/null hides another of its name
        return line
    try:
        with file.open(errors="replace") as unit:
            text = unit.read(_LIMIT).replace("\\\n", " ")
    except OSError:
        return line
    found = re.findall(r"^ExecStart=[ \t]*[-@:+!]*(.*)$", text, re.M)
    return found[-1] if found else line
