"""Where conda, mamba or micromamba is installed, and which conda it is, told by names of files alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from mirrorcfg.model.machine import Machine

PROGRAMS = ("conda", "mamba", "micromamba")
# Where the installers put themselves, if nobody says otherwise; PATH need not lead there.
_FOLDERS = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "miniconda", "anaconda", "micromamba")
_SYSTEM = ("/opt/conda", *(f"/opt/{name}" for name in _FOLDERS))
PLACES = tuple(f"{above}/{program}" for above in (*(f"~/{n}/bin" for n in _FOLDERS),) for program in PROGRAMS)
_RECORD = re.compile(r"(.+)-(\d+(?:\.\d+)+)-[^-]+\.json")


def root(machine: Machine) -> PurePath | None:
    """conda's own folder: what CONDA_ROOT or CONDA_EXE says, that of the program on PATH, a stock place."""
    return next(_roots(machine), None)


def version(machine: Machine) -> tuple[int, ...] | None:
    """That of the conda that is here, by its record in conda-meta; None where nothing says it."""
    text = package(machine, "conda")
    return tuple(map(int, text.split("."))) if text else None


def package(machine: Machine, name: str) -> str | None:
    """The version of a package in conda's own environment, by the name of its record."""
    found = root(machine)
    records = map(_RECORD.fullmatch, machine.names(found / "conda-meta") if found else ())
    numbers = [match[2] for match in records if match and match[1] == name]
    return max(numbers, key=lambda text: [int(part) for part in text.split(".")], default=None)


def mamba(machine: Machine) -> bool:
    """Is it mamba or micromamba alone, and no conda?"""
    return not any(_condas(machine)) and any(
        _has(machine, folder, *PROGRAMS[1:]) for folder in _mambas(machine)
    )


def mamba_root(machine: Machine) -> PurePath | None:
    """The folder that mamba keeps its environments in, and reads a .condarc of."""
    if named := machine.environ.get("MAMBA_ROOT_PREFIX"):
        return machine.path(named)
    return root(machine)


def _roots(machine: Machine) -> Iterator[PurePath]:
    if named := machine.environ.get("CONDA_ROOT"):
        yield machine.path(named)
    yield from _condas(machine)
    yield from (folder for folder in _mambas(machine) if _has(machine, folder, *PROGRAMS[1:]))


def _condas(machine: Machine) -> Iterator[PurePath]:
    program = machine.environ.get("CONDA_EXE")
    found = machine.path(program) if program else machine.which("conda")
    if found:
        here, there = found.parent.parent, machine.resolved(found).parent.parent
        yield (
            here if machine.is_dir(here / "conda-meta") or not machine.is_dir(there / "conda-meta") else there
        )
    yield from (folder for folder in _stock(machine) if _has(machine, folder, "conda"))


def _mambas(machine: Machine) -> Iterator[PurePath]:
    if named := machine.environ.get("MAMBA_ROOT_PREFIX"):
        yield machine.path(named)
    for program in PROGRAMS[1:]:
        if found := machine.which(program):
            yield found.parent.parent
    yield from _stock(machine)


def _stock(machine: Machine) -> Iterator[PurePath]:
    if machine.platform != "win32":
        folders = (*(machine.home / name for name in _FOLDERS), *map(machine.path, _SYSTEM))
        yield from filter(machine.is_dir, folders)


def _has(machine: Machine, folder: PurePath, *programs: str) -> bool:
    return any(machine.is_file(folder / "bin" / program) for program in programs)
