"""How the machine would start the daemon that doesn't run now.

Source of the rules: systemd.unit(5), for the order of places; systemd.exec(5), for variables; sd_booted(3);
Debian's init script of docker.io, and Alpine's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from glob import glob
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.activation import environment_file, exec_start, sh

_PLACES = (
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system",
)  # fmt: skip
_BOOTED = "/run/systemd/system"
_SCRIPT, _SOURCED = "/etc/init.d/docker", ("/etc/default/docker", "/etc/conf.d/docker")
_OPTIONS, _PID = "DOCKER_OPTS", ("-p", "/var/run/docker.pid")
_LIMIT = 1 << 16  # characters of a unit
_SETTING = re.compile(
    r"^[ \t]*(?:\[(?P<section>[^]]*)\]|(?P<name>\w+)[ \t]*=[ \t]*(?P<value>.*?))[ \t]*$", re.M
)


class Start(NamedTuple):
    """The words that dockerd would be given, its own name first, and the files that have a part in them."""

    words: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    def saying(self, words: str) -> tuple[Path, ...]:
        """Those of the files in which that stands."""
        return tuple(file for file in self.files if words in _text(file))


def start() -> Start:
    """By docker.service where systemd is the machine's, or has a unit of it and there is no init script."""
    if Path(_BOOTED).is_dir() or not Path(_SCRIPT).is_file():
        return _by_systemd()
    variables: dict[str, str] = {}
    for name in _SOURCED:
        variables |= sh.assigned(_text(Path(name)))
    files = tuple(Path(name) for name in (_SCRIPT, *_SOURCED) if Path(name).is_file())
    return Start(("dockerd", *_PID, *variables.get(_OPTIONS, "").split()), files)


def _by_systemd() -> Start:
    units = [unit for place in _PLACES if (unit := Path(place, "docker.service")).exists()]
    if not units or not units[0].is_file():  # none, or one that is masked
        return Start()
    line, files = "", [units[0], *_drop_ins()]
    told: dict[str, str] = {}
    sourced: list[str] = []
    for name, value in (pair for file in files for pair in _settings(file)):
        if name == "ExecStart":
            line = value
        elif name == "Environment":
            told = {**told, **_variables(value)} if value else {}
        elif name == "EnvironmentFile":
            sourced = [*sourced, value.removeprefix("-")] if value else []
    found = [file for pattern in sourced for file in _matching(pattern)]
    for file in found:
        told |= environment_file.read(_text(file))
    return Start(exec_start.given(line, told), (*files, *found))


def _drop_ins() -> list[Path]:
    """The last place by name, and one in an earlier place hides its like; a link to /dev/null is none."""
    folders = [
        Path(place, folder) for folder in ("service.d", "docker.service.d") for place in reversed(_PLACES)
    ]
    found = {file.name: file for folder in folders for file in sorted(folder.glob("*.conf"))}
    return [found[name] for name in sorted(found) if found[name].is_file()]


def _settings(file: Path) -> Iterator[tuple[str, str]]:
    """What a unit says of its service; a line that ends with a backslash goes on, past comments."""
    text = re.sub(r"^[ \t]*[#;].*\n?", "", _text(file).replace("\r\n", "\n"), flags=re.M)
    section = ""
    for found in _SETTING.finditer(text.replace("\\\n", " ")):
        if found["section"] is not None:
            section = found["section"]
        elif section == "Service":
            yield found["name"], found["value"]


def _variables(value: str) -> Mapping[str, str]:
    try:
        pairs = exec_start.split(value)
    except ValueError:
        return {}
    return dict(pair.replace("%%", "%").split("=", 1) for pair in pairs if "=" in pair)


def _matching(pattern: str) -> list[Path]:
    if not Path(pattern).is_absolute():
        return []
    return [Path(name) for name in sorted(glob(pattern)) if Path(name).is_file()]  # noqa: PTH207 — `**` is `*` there


def _text(file: Path) -> str:
    try:
        with file.open(errors="replace") as unit:
            return unit.read(_LIMIT) if file.is_file() else ""
    except OSError:
        return ""
