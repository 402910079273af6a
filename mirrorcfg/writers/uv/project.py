"""Where uv finds its files: the user's, the system's, and the one of a project that it takes.

Source of the rules: uv's documentation, "Configuration files" and "Workspaces", its `FilesystemOptions::find`
and `Workspace::discover`; tried on 0.5.4 to 0.13.9.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath

from mirrorcfg.model.layer import Layer, Reading
from mirrorcfg.model.machine import Machine
from mirrorcfg.model.settings import Value
from mirrorcfg.writers.uv.indexes import Index, of_table, sequence

FOREIGN = "foreign"  # is in what a pyproject.toml says: the first field by which it is told, and its line
SETTINGS = "tool.uv"  # is in what a pyproject.toml says, if uv takes settings from it
UNKNOWN = "unknown"  # is in what a file says, if it says what the writer doesn't know
_MEMBERS, _EXCLUDE = "workspace.members", "workspace.exclude"
UV, PYPROJECT = "uv.toml", "pyproject.toml"


def system(machine: Machine) -> PurePath:
    """The system's file."""
    if machine.platform == "win32":
        return machine.path(machine.environ.get("SYSTEMDRIVE", "C:") + "\\ProgramData\\uv") / UV
    for folder in (machine.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":"):
        path = machine.path(folder) / "uv" / UV
        if folder and machine.is_file(path):
            return path
    return machine.path("/etc/uv") / UV


def user(machine: Machine) -> PurePath:
    """The user's file; of a variable that is no whole path nothing is made (XDG's rule)."""
    if machine.platform == "win32":
        return machine.directory("APPDATA", str(machine.home / "AppData" / "Roaming")) / "uv" / UV
    told = machine.environ.get("XDG_CONFIG_HOME", "")
    return machine.path(told if told.startswith("/") else "~/.config") / "uv" / UV


def directory(machine: Machine) -> PurePath | None:
    """Where uv begins to look for a project: UV_PROJECT below UV_WORKING_DIR below here."""
    if machine.cwd is None:
        return None
    at = machine.cwd / (_working(machine) or "") / machine.environ.get("UV_PROJECT", "")
    at = type(at)(posixpath.normpath(at)) if machine.platform != "win32" else at
    return at.parent if at.name == PYPROJECT and machine.is_file(at) else at


def working(machine: Machine) -> PurePath | None:
    """Where uv goes before it does anything."""
    return machine.cwd and machine.cwd / (_working(machine) or "")


def missing(machine: Machine) -> Iterable[str]:
    """The variables that name a folder that isn't there: uv fails then."""
    told = _working(machine)
    if told == "" or (told and machine.cwd and not machine.is_dir(machine.cwd / told)):
        yield "UV_WORKING_DIR" if "UV_WORKING_DIR" in machine.environ else "UV_WORKING_DIRECTORY"
    named, at = machine.environ.get("UV_PROJECT"), directory(machine)
    if named == "" or (named and at and not machine.is_dir(at)):
        yield "UV_PROJECT"


def _working(machine: Machine) -> str | None:
    return machine.environ.get("UV_WORKING_DIR", machine.environ.get("UV_WORKING_DIRECTORY"))


def candidates(machine: Machine) -> Iterable[Layer]:
    """Every file that may count as the project's, the farthest first; `chosen` says which does."""
    at = directory(machine)
    for folder in reversed((at, *at.parents) if at else ()):
        for name in (PYPROJECT, UV):
            if machine.is_file(folder / name):
                yield Layer("project", folder / name, optional=True)


def is_pyproject(layer: Layer) -> bool:
    """Is it read as a pyproject.toml?"""
    return layer.name == "project" and layer.path is not None and layer.path.name == PYPROJECT


def of_pyproject(data: Mapping[str, object]) -> Mapping[str, Value]:
    """What a pyproject.toml says of the project and its workspace."""
    found: dict[str, Value] = {}
    project, uv = data.get("project"), _table(_table(data, "tool"), "uv")
    if isinstance(project, dict):
        dynamic = project.get("dynamic")
        told = "version" in project or (isinstance(dynamic, list) and "version" in dynamic)
        found["project"] = isinstance(project.get("name"), str) and told
    if not _is_sound_list(uv):
        found["project"] = False
    if "workspace" in uv:
        for key in (_MEMBERS, _EXCLUDE):
            entries = _table(uv, "workspace").get(key.partition(".")[2])
            found[key] = tuple(map(str, entries)) if isinstance(entries, list) else ()
    if uv.get("managed") is False:
        found["managed"] = False
    return found


def chosen(readings: Sequence[Reading]) -> Sequence[Reading]:
    """These without the files of projects but the one that uv takes."""
    files = {each.layer.path: each for each in readings if each.layer.name == "project" and each.layer.path}
    taken = _taken({path: each for path, each in files.items() if path is not None})
    return [each for each in readings if each.layer.name != "project" or each.layer.path == taken]


def _taken(files: Mapping[PurePath, Reading]) -> PurePath | None:
    """In one folder uv.toml comes before pyproject.toml; a workspace's root is where it begins to look."""
    folders = sorted({path.parent for path in files}, key=lambda path: len(path.parts), reverse=True)
    if root := _root([files[each / PYPROJECT] for each in folders if each / PYPROJECT in files]):
        folders = [each for each in folders if len(each.parts) <= len(root.parts)]
    for folder in folders:
        if (path := folder / UV) in files:
            return path
        path = folder / PYPROJECT
        # One with a field that uv doesn't know is warned of, and passed by.
        if (
            path in files
            and SETTINGS in files[path].values
            and not (files[path].layer.strict and UNKNOWN in files[path].values)
        ):
            return path
    return None


def _root(files: Sequence[Reading]) -> PurePath | None:
    """The root of the workspace, which one project alone is too; None where there is none. Nearest first."""
    if not files or not _is_sound(files[0]) or files[0].values.get("managed") is False:
        return None
    nearest = _folder(files[0])
    if _MEMBERS in files[0].values:
        return nearest
    if "project" not in files[0].values:
        return None
    for above in files[1:2]:
        if not _is_sound(above):
            return None
        if _is_member(nearest, above):
            return _folder(above)
    return nearest


def _is_sound(file: Reading) -> bool:
    return file.error is None and file.values.get("project") is not False


def _folder(file: Reading) -> PurePath:
    return file.layer.path.parent if file.layer.path else PurePath()


def _is_member(path: PurePath, root: Reading) -> bool:
    name = path.relative_to(_folder(root)).as_posix()
    return _any(name, root.values, _MEMBERS) and not _any(name, root.values, _EXCLUDE)


def _any(name: str, said: Mapping[str, Value], key: str) -> bool:
    """Does one of the globs match, whose `*` goes across slashes, and whose `**/` may be nothing?"""
    globs = [posixpath.normpath(glob) for glob in sequence(said.get(key))]
    return any(fnmatchcase(name, form) for glob in globs for form in (glob, glob.replace("**/", "")))


def _is_sound_list(uv: Mapping[str, object]) -> bool:
    """A project may name each index and mark a default once; uv finds no workspace where it does so twice."""
    listed = list(map(Index.of, of_table(uv)))
    names = [each.name for each in listed if each.name is not None]
    return len(names) == len(set(names)) and sum(each.default for each in listed) < 2


def _table(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}
