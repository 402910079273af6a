"""Where profiles are, and which file a name stands for; no file is opened here."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.errors import ProfileError
from mirrorcfg.model import places
from mirrorcfg.model.profile import is_name
from mirrorcfg.sentence import sentence
from mirrorcfg.whose import stranger
from mirrorcfg.wording import meant, shown

VARIABLE = "MIRRORCFG_PROFILES"
SUFFIX = ".toml"


class Directory(NamedTuple):
    """A directory of profiles; `layer` is `extra`, `user`, `system` or `builtin`.

    Links in it stay inside `root`. Where there is a `trusted` account, only what nobody but that one and root
    could have put there counts.
    """

    layer: str
    path: Path
    root: Path | None = None
    trusted: int | None = None

    def counts(self, path: Path) -> bool:
        """May this file, or the directory itself, be believed?"""
        if self.trusted is None:
            return True
        try:
            return stranger(path, self.trusted) is None
        except OSError:  # it leads nowhere, and whoever reads it will say so
            return True


class Found(NamedTuple):
    """The file that a name, or a path, stands for; `layer` is `path` where a path was given.

    It is `address` where that was: then there is no file.
    """

    name: str
    path: Path
    layer: str
    root: Path | None = None
    address: str | None = None


def search_path(
    environ: Mapping[str, str], home: Path, platform: str, root: Path | None = None
) -> tuple[Directory, ...]:
    """The directories of profiles, the one that wins first.

    Under `root` the system's directory is that of the system below it; the user's stays where it is,
    because whoever runs mirrorcfg wrote it.
    """
    extra = environ.get(VARIABLE, "").split(";" if platform == "win32" else ":")
    return (
        *(Directory("extra", Path(directory)) for directory in extra if directory),
        Directory("user", places.of_user(environ, home, platform) / "profiles"),
        Directory("system", places.of_system(environ, platform, root) / "profiles"),
        Directory("builtin", builtin()),
    )


def builtin() -> Path:
    """Where the profiles are that come with mirrorcfg: inside the package, or in its checkout."""
    here = Path(__file__).parent
    packaged = here / "builtin"
    return packaged if packaged.is_dir() else here.parents[1] / "profiles"


def find(wanted: str, directories: Sequence[Directory], home: Path | None = None) -> Found:
    """The file of the profile `wanted`: a name or an alias, the path of a TOML file, an index's address.

    Raises ProfileError `unknown-profile` if no directory has one of that name, or there is no such file.
    """
    if is_path(wanted):
        return _by_path(wanted, home)
    from mirrorcfg.profiles import nickname

    if "://" in wanted:
        return nickname.at(wanted)
    found = find_name(wanted, directories) or nickname.known_as(wanted, directories)
    if found is None:
        raise ProfileError("unknown-profile", unknown(wanted, directories), hint="mirrorcfg ls")
    return found


def find_name(name: str, directories: Sequence[Directory]) -> Found | None:
    """The first file called `name`, or None."""
    if is_name(name):
        for directory in directories:
            path = directory.path / f"{name}{SUFFIX}"
            if os.path.lexists(path) and directory.counts(path):
                return _found(name, directory)
    return None


def _found(name: str, directory: Directory) -> Found:
    path = directory.path / f"{name}{SUFFIX}"
    return Found(name, path, directory.layer, directory.root)


def is_path(wanted: str) -> bool:
    """Is it the path of a file, rather than a profile's name?"""
    return "://" not in wanted and (wanted.endswith(SUFFIX) or "/" in wanted or "\\" in wanted)


def unknown(name: str, directories: Sequence[Directory]) -> str:
    """The sentence for a name that stands for no profile, with the nearest right one."""
    near = meant(name, names(directories))
    return sentence("There is no profile named {name}.{meant}", name=shown(name), meant=near)


def names(directories: Sequence[Directory]) -> tuple[str, ...]:
    """The names of all profiles in alphabetical order, told by the names of the files alone."""
    return tuple(found.name for found in files(directories) if is_name(found.name))


def files(directories: Sequence[Directory]) -> tuple[Found, ...]:
    """Every profile's file, by name, the winning one where several directories have that name."""
    first: dict[str, Found] = {}
    for directory in directories:
        for name in _stems(directory.path):
            if name not in first and directory.counts(directory.path / f"{name}{SUFFIX}"):
                first[name] = _found(name, directory)
    return tuple(first[name] for name in sorted(first))


def passed_over(directory: Directory) -> tuple[Path, ...]:
    """What in a directory doesn't count: all of it, or single files."""
    if not directory.counts(directory.path):
        return (directory.path,) if os.path.lexists(directory.path) else ()
    return tuple(
        path
        for name in _stems(directory.path)
        if not directory.counts(path := directory.path / f"{name}{SUFFIX}")
    )


def _stems(directory: Path) -> list[str]:
    try:
        entries = [path.name for path in directory.iterdir()]
    except OSError:
        return []
    return [entry[: -len(SUFFIX)] for entry in entries if entry.endswith(SUFFIX) and entry[0] != "."]


def _by_path(wanted: str, home: Path | None) -> Found:
    path = home / wanted[2:] if home is not None and wanted.startswith("~/") else Path(wanted)
    if not os.path.lexists(path):
        raise ProfileError(
            "unknown-profile",
            sentence("There is no file {file}.", file=shown(wanted)),
            path=str(path),
            hint="mirrorcfg ls",
        )
    return Found(path.stem, path.absolute(), "path")
