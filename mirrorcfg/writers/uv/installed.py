"""Which uv is here, told by files alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePath

from mirrorcfg.model.machine import Machine

_METADATA = re.compile(r"uv-(\d+(?:\.\d+)*)\.dist-info")
_PLACE = re.compile(r"/(?:Cellar/uv|uv)/(\d+(?:\.\d+)+)/")  # Homebrew's, asdf's and mise's


def version(machine: Machine) -> tuple[int, ...] | None:
    """That of the uv on PATH: by its package's metadata, its installer's receipt, or its folder's name."""
    program = machine.which("uv")
    if program is None:
        return None
    places = dict.fromkeys([program, machine.resolved(program)])
    folders = (folder for place in places for folder in _packages(machine, place))
    names = (name for folder in folders for name in machine.names(folder))
    found = next((met[1] for name in names if (met := _METADATA.fullmatch(name))), None)
    found = found or _receipt(machine, program)
    for place in places:
        if found is None and (met := _PLACE.search(place.as_posix())):
            found = met[1]
    return None if found is None else numbers(found)


def numbers(version: str) -> tuple[int, ...]:
    """`0.13.9` as numbers."""
    return tuple(map(int, version.split(".")))


def _packages(machine: Machine, program: PurePath) -> Iterator[PurePath]:
    """Where the metadata of what has this program is: an environment's, or beside `bin` (pip's --target)."""
    above = program.parent.parent
    for python in machine.names(above / "lib"):
        if python.startswith("python"):
            yield above / "lib" / python / "site-packages"
    yield above / "Lib" / "site-packages"
    yield above


def _receipt(machine: Machine, program: PurePath) -> str | None:
    """What uv's own installer leaves, where it has put this one."""
    try:
        said = json.loads(
            machine.content(machine.directory("XDG_CONFIG_HOME", "~/.config") / "uv" / "uv-receipt.json")
            or b""
        )
    except ValueError:
        return None
    if not isinstance(said, dict) or str(said.get("install_prefix", "")).rstrip("/") not in map(
        str, (program.parent, program.parent.parent)
    ):
        return None
    found = said.get("version")
    return found if isinstance(found, str) and re.fullmatch(r"\d+(\.\d+)*", found) else None
