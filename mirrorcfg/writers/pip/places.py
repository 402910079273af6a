"""Where pip looks for its files, weak to strong, and which of them is written.

Source of the rules: pip/_internal/configuration.py and utils/appdirs.py, and the platformdirs that pip has in
itself, 22.3 to 26.3. From 25.2 on a file that is named twice counts where it is named first, before that
where it is named last. From 26.3 on a relative path in an XDG variable counts for nothing; macOS has these
variables from 26.2 on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from mirrorcfg.model.layer import Layer, of_variables
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.sentence import sentence
from mirrorcfg.writers.pip import site
from mirrorcfg.writers.pip.merging import BUNDLES, concerns, normal, release

_NAMED = "PIP_CONFIG_FILE"
_VENVS = ("VIRTUAL_ENV", "CONDA_PREFIX")


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """pip's files and variables, weak to strong."""
    pip = site.found(machine)
    reader = site.version(machine, pip) if pip else None
    number = release(reader)
    files = [*_system(machine, pip, number), *_user(machine, number), *_site(machine, pip)]
    files = _once(_with_named(files, machine, number), first=number >= (25, 2))
    target = _target(files, scope or "user", machine)
    placed = (*(_marked(each, target) for each in files), *of_variables(machine, _variables(machine)))
    return tuple(layer._replace(reader=reader) for layer in placed)


def _variables(machine: Machine) -> list[str]:
    """PIP_* in their own order, of which pip takes the last; those of requests behind them."""
    named = (name for name in machine.environ if name.startswith("PIP_") and concerns(normal(name[4:])))
    return [*named, *BUNDLES]


def _system(machine: Machine, pip: site.Pip | None, number: tuple[int, ...]) -> Iterator[Layer]:
    match machine.platform:
        case "win32":
            programs = machine.directory("PROGRAMDATA", r"C:\ProgramData")
            yield Layer("global", programs / "pip" / "pip.ini", "system")
        case "darwin":
            said = _xdg(machine, "XDG_DATA_DIRS", number) if number >= (26, 2) else []
            prefix, found, _ = str(pip.prefix if pip else "").partition("/opt/python")
            brewed = [machine.path(prefix) / "share"] if found else []
            for folder in said or brewed:
                yield Layer("global", folder / "pip" / "pip.conf")
            if not said:
                support = machine.path("/Library/Application Support")
                yield Layer("global", support / "pip" / "pip.conf", "system")
        case _:
            for folder in _xdg(machine, "XDG_CONFIG_DIRS", number) or [machine.path("/etc/xdg")]:
                yield Layer("global", folder / "pip" / "pip.conf")
            yield Layer("global", machine.path("/etc/pip.conf"), "system")


def _user(machine: Machine, number: tuple[int, ...]) -> Iterator[Layer]:
    if machine.platform == "win32":
        roaming = machine.directory("APPDATA", str(machine.home / "AppData" / "Roaming"))
        yield Layer("user (old place)", machine.home / "pip" / "pip.ini", "user")
        yield Layer("user", roaming / "pip" / "pip.ini", "user")
        return
    home = machine.home / ".config"
    if machine.platform == "darwin":
        said = _xdg(machine, "XDG_DATA_HOME", number) if number >= (26, 2) else []
        support = next(iter(said), machine.home / "Library" / "Application Support") / "pip"
        config = support if machine.is_dir(support) else home / "pip"
    else:
        config = next(iter(_xdg(machine, "XDG_CONFIG_HOME", number)), home) / "pip"
    yield Layer("user (old place)", machine.home / ".pip" / "pip.conf", "user")
    yield Layer("user", config / "pip.conf", "user")


def _xdg(machine: Machine, variable: str, number: tuple[int, ...]) -> list[PurePath]:
    """The folders that one of XDG's variables names, none where it is unset or says nothing that counts."""
    said = machine.environ.get(variable, "")
    parts = said.split(":") if variable.endswith("_DIRS") else [said]
    if number >= (26, 3):
        # One that a shell has yet to fill in stands as its name.
        parts = [part.strip() for part in parts if part.strip().startswith(("/", "$"))]
    return [machine.absolute(part) for part in parts] if said.strip() else []


def _site(machine: Machine, pip: site.Pip | None) -> Iterator[Layer]:
    """What the pip on PATH reads beside its Python; the active environment's file where that is another."""
    name = "pip.ini" if machine.platform == "win32" else "pip.conf"
    active = next((machine.path(each) for it in _VENVS if (each := machine.environ.get(it))), None)
    home = pip.prefix if pip else None
    if active is not None and (pip is None or (home and machine.resolved(active) == machine.resolved(home))):
        yield Layer("venv", (home or active) / name, "venv")
        return
    if active is not None and pip is not None:
        yield Layer("venv", active / name, "venv", ignored=_another(pip.program, home and home / name))
    if pip is not None and home is None:
        why = sentence(
            "no file says which Python runs {program}, so one of its own may count", program=pip.program
        )
        yield Layer("site", ignored=why)
    elif home is not None:
        yield Layer("site", home / name)


def _another(program: PurePath, file: PurePath | None) -> str:
    if file is None:
        return sentence("the pip on PATH is {program}, another one", program=program)
    return sentence("the pip on PATH is {program}, which reads {path}", program=program, path=file)


def _with_named(files: Sequence[Layer], machine: Machine, number: tuple[int, ...]) -> list[Layer]:
    """With the file that PIP_CONFIG_FILE names, and without those that pip then passes over."""
    named = machine.environ.get(_NAMED)
    if not named:
        return list(files)
    if named == ("nul" if machine.platform == "win32" else "/dev/null"):
        why = sentence("{variable} is {path}, so pip reads no file at all", variable=_NAMED, path=named)
        return [layer._replace(ignored=why, ignored_by=_NAMED) for layer in files]
    path = machine.absolute(named)
    folder = machine.is_dir(path)
    own = [each for each in files if each.path and machine.resolved(each.path) == machine.resolved(path)]
    last = own[-1] if own else Layer(_NAMED, path, ignored=sentence("it is a folder") if folder else None)
    found = [each for each in files if each not in own or each.scope != "user"]
    if folder or machine.is_file(path):
        why = sentence("{variable} names {path}, so pip reads no user file", variable=_NAMED, path=named)
        found = [
            each._replace(ignored=why, ignored_by=_NAMED) if each.scope == "user" else each for each in found
        ]
    return [*found, last]


def _once(files: Sequence[Layer], *, first: bool) -> list[Layer]:
    """Each file once, where pip has it."""
    kept: dict[object, Layer] = {}
    for layer in files if first else reversed(files):
        kept.setdefault(layer.path or layer, layer)
    return list(kept.values() if first else reversed(kept.values()))


def _target(files: Sequence[Layer], scope: Scope, machine: Machine) -> Layer | None:
    """The strongest file of the scope that is there already, else the strongest one."""
    candidates = [layer for layer in files if layer.scope == scope and layer.path is not None]
    existing = [layer for layer in candidates if layer.path and machine.is_file(layer.path)]
    return next(reversed(existing or candidates), None)


def _marked(layer: Layer, target: Layer | None) -> Layer:
    """The target, and what may have to give way to it: the other files of the user's, or of the system's."""
    if target is None or layer.path is None:
        return layer
    of_system = target.scope == "system" and layer.name == "global"
    beside = layer.scope == target.scope == "user" or of_system
    return layer._replace(target=layer.path == target.path, gives_way=beside and layer.path != target.path)
