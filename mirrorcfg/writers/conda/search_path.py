"""Every file and variable that conda reads, weak to strong, or mamba where that alone is here.

Source of the rules: SEARCH_PATH in conda/base/constants.py, opened in conda/common/configuration.py; for
mamba `compute_default_rc_sources` in libmamba/src/api/configuration.cpp (2.5). A file that is named twice
counts once, in its first place: where the base environment is active, its file is the installation's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from mirrorcfg.model.layer import Layer, of_variables
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.writers.conda import installed, reading

_FILES = (".condarc", "condarc")
_MAMBA_FILES = (".mambarc", "mambarc")
_YAML = (".yml", ".yaml")
_MAMBA = "mamba"


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """All layers; the first is conda itself where its version is known, or mamba."""
    mamba = installed.mamba(machine)
    files: dict[PurePath, Layer] = {}
    for layer in _mamba_files(machine) if mamba else _conda_files(machine):
        if layer.path is not None:
            files.setdefault(layer.path, layer)
    every = list(files.values())
    target = _target(every, scope or "user", machine)
    names = reading.mamba_variables(machine.environ) if mamba else reading.variables(machine.environ)
    return (
        *_client(machine, mamba=mamba),
        *(layer._replace(target=target is not None and layer.path == target) for layer in every),
        *(
            layer._replace(value=machine.expanded(layer.value or ""))
            for layer in of_variables(machine, names)
        ),
    )


def is_mamba(client: Layer) -> bool:
    """Is it mamba that reads these layers?"""
    return client.name == _MAMBA


def _client(machine: Machine, *, mamba: bool) -> Iterator[Layer]:
    if mamba:
        yield Layer(_MAMBA)
    elif found := installed.version(machine):
        number = ".".join(map(str, found))
        yield Layer(f"conda {number}", value=number)


def _conda_files(machine: Machine) -> Iterator[Layer]:
    if machine.platform == "win32":
        yield from _folder("system", machine.path("C:/ProgramData/conda"), "system", machine)
    else:
        yield from _folder("system", machine.path("/etc/conda"), "system", machine)
        yield from _folder("system", machine.path("/var/lib/conda"), None, machine)
    yield from _installation(installed.root(machine), machine)
    if (xdg := machine.environ.get("XDG_CONFIG_HOME")) is not None:
        yield from _folder("user", machine.path(f"{xdg}/conda"), "user", machine)
    for folder in ("~/.config/conda", "~/.conda"):
        for layer in _folder("user", machine.path(folder), "user", machine):
            yield layer._replace(gives_way=layer.scope is not None)
    yield Layer("user", machine.home / ".condarc", "user", gives_way=True)
    if (prefix := machine.environ.get("CONDA_PREFIX")) is not None:
        yield from _folder("environment", machine.path(prefix or "/"), "venv", machine)
    if (named := machine.environ.get("CONDARC")) is not None:
        yield from _named(machine.path(named or "."), machine)


def _mamba_files(machine: Machine) -> Iterator[Layer]:
    """mamba's own names behind conda's; MAMBARC, or else CONDARC, alone where it is set."""
    only = next((machine.environ[name] for name in ("MAMBARC", "CONDARC") if name in machine.environ), None)
    if only is not None:
        yield Layer("MAMBARC" if "MAMBARC" in machine.environ else "CONDARC", machine.path(only), "user")
        return
    scopes: Mapping[str, Scope | None] = {"/etc/conda": "system", "/var/lib/conda": None}
    for folder, scope in scopes.items():
        yield from _folder("system", machine.path(folder), scope, machine)
        yield Layer("system", machine.path(folder) / ".mambarc", None)
    if (root := installed.mamba_root(machine)) is not None:
        yield from _installation(root, machine)
        yield Layer("installation", root / ".mambarc", None)
    config = machine.directory("XDG_CONFIG_HOME", "~/.config")
    for own in (config / "conda", machine.home / ".conda"):
        yield from _folder("user", own, "user", machine)
    yield Layer("user", machine.home / ".condarc", "user")
    prefix = machine.environ.get("CONDA_PREFIX")
    if prefix:
        yield from _folder("environment", machine.path(prefix), "venv", machine)
    for own in (config / "mamba", machine.home / ".mamba"):
        yield from _folder("user", own, None, machine, _MAMBA_FILES)
    yield Layer("user", machine.home / ".mambarc", None)  # micromamba itself writes ~/.condarc, too
    if prefix:
        yield Layer("environment", machine.path(prefix) / ".mambarc", None)


def _installation(root: PurePath | None, machine: Machine) -> Iterator[Layer]:
    if root is None:
        return
    program = next((each for each in installed.PROGRAMS if machine.is_file(root / "bin" / each)), "conda")
    for layer in _folder("installation", root, None, machine):
        gives_way = layer.path is not None and layer.path.name in _FILES
        yield layer._replace(gives_way=gives_way, led_by=f"CONDA_EXE={root / 'bin' / program}")


def _folder(
    name: str, folder: PurePath, scope: Scope | None, machine: Machine, files: Sequence[str] = _FILES
) -> Iterable[Layer]:
    for file in files:
        yield Layer(name, folder / file, scope)
    yield from _drop_ins(name, folder / f"{files[-1]}.d", machine)


def _drop_ins(name: str, folder: PurePath, machine: Machine) -> Iterable[Layer]:
    for file in sorted(machine.names(folder)):
        if (folder / file).suffix in _YAML:
            yield Layer(name, folder / file, None)


def _named(path: PurePath, machine: Machine) -> Iterable[Layer]:
    """What CONDARC leads to: a file of a name that conda reads, or a folder of such."""
    if machine.is_dir(path):
        yield from _drop_ins("CONDARC", path, machine)
    elif path.name in _FILES or path.suffix in _YAML:
        yield Layer("CONDARC", path, "user")


def _target(files: Sequence[Layer], scope: Scope, machine: Machine) -> PurePath | None:
    """As conda's own writer: $CONDARC or ~/.condarc for a user, .condarc in the folder otherwise."""
    candidates = [layer.path for layer in files if layer.scope == scope and layer.path is not None]
    if scope == "user":
        return candidates[-1]
    existing = [path for path in candidates if machine.is_file(path)]
    return next(iter(existing[-1:] or candidates), None)
