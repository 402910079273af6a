"""The pip that a shell starts: the Python that runs it, that Python's `sys.prefix`, and pip's own version.

All of it is read out of files: a script's first line, `pyvenv.cfg`, the version that a shim takes. Nothing is
started. Where no file says it, it isn't known (None), and never guessed.

Source of the rules: execve(2) for `#!`; Python's Modules/getpath.py and Lib/site.py for `sys.prefix`; what
pip, distlib and uv write as a script; pyenv's `pyenv-which`, `-version-file` and `-latest` (2.6).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import NamedTuple

from mirrorcfg.model.machine import Machine

_DEEP = 5  # as many scripts as Linux starts for one another
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?", re.IGNORECASE)
_SHELL = re.compile(r"(?:ba|da|z|k)?sh")
_LIBRARY = re.compile(r"(?:python|pypy)(\d+\.\d+)$")
# Where a path is too long for `#!`, or has a space in it, sh starts what is a text to Python.
_LONG = re.compile(r"""^'''exec' (["']?)(/[^"'$`\n]+?)\1 "\$0" "\$@"$""", re.MULTILINE)
_MOVABLE = re.compile(
    r"""^'''exec' "\$\(dirname -- "\$\(realpath -- "\$0"\)"\)"/'([^'\n/]+)' "\$0" "\$@"$""", re.MULTILINE
)
_PYENV = re.compile(r"""^exec "?(/[^"$`\n]+?)/libexec/pyenv"? exec """, re.MULTILINE)
_EXEC = re.compile(r"""^[ \t]*exec[ \t]+(["']?)(/[^"'$`\s]+)\1[ \t]""", re.MULTILINE)
_ANY_EXEC = re.compile(r"\bexec\b")
_LAUNCHED = re.compile(rb'#!\s*"?([^"\r\n\0]+\.exe)"?', re.IGNORECASE)
_METADATA = re.compile(r"([a-z]+)-(\d[^-]*?)(?:-py[\d.]+)?\.(?:dist|egg)-info")
_EXACT = re.compile(r"\d+\.\d+\.\d+")


class Pip(NamedTuple):
    """The program on PATH, the interpreter that it ends up in and its `sys.prefix`, as far as files tell."""

    program: PurePath
    python: PurePath | None = None
    prefix: PurePath | None = None


def found(machine: Machine) -> Pip | None:
    """The pip that a shell would start, None where there is none on PATH.

    `PIP_PYTHON` makes it go on in that interpreter, or in that virtual environment's.
    """
    program = _on_path(machine, "pip") or _on_path(machine, "pip3")
    if program is None:
        return None
    if named := machine.environ.get("PIP_PYTHON"):
        python: PurePath | None = _named(machine, machine.absolute(named))
    else:
        python = _runs(machine, program, _DEEP)
    return Pip(program, python, prefix_of(machine, python) if python else None)


def prefix_of(machine: Machine, python: PurePath) -> PurePath | None:
    """`sys.prefix` of an interpreter: a virtual environment's folder, or the one that has its library."""
    folder = python.parent
    if any(machine.is_file(place / "pyvenv.cfg") for place in (folder, folder.parent)):
        return folder.parent
    return _home(machine, python)


def version(machine: Machine, pip: Pip, package: str = "pip") -> str | None:
    """That of a package which this pip's interpreter imports, as its metadata's folder is called."""
    found = _found(machine, pip, package)
    return found[1] if found else None


def folder(machine: Machine, pip: Pip) -> PurePath | None:
    """Where its interpreter imports pip from."""
    found = _found(machine, pip, "pip")
    return found[0] if found else None


def _found(machine: Machine, pip: Pip, package: str) -> tuple[PurePath, str] | None:
    for place in _packages(machine, pip):
        for name in sorted(machine.names(place)):
            if (met := _METADATA.fullmatch(name)) and met[1] == package:
                return place, met[2]
    return None


def exact_version(machine: Machine, pip: Pip) -> str | None:
    """`3.11.7` of the interpreter that runs pip: of its environment, its header or its folder's name."""
    config = machine.content(pip.prefix / "pyvenv.cfg") if pip.prefix else None
    if met := re.search(rb"^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)", config or b"", re.MULTILINE):
        return met[1].decode()
    home = _home(machine, pip.python) if pip.python else None
    if home is None:
        return None
    for library in _libraries(machine, home):
        header = machine.content(home / "include" / library.name / "patchlevel.h") or b""
        if met := re.search(rb'define PY_VERSION\s+"(\d+\.\d+\.\d+)"', header):
            return met[1].decode()
    named = _EXACT.search(home.name)
    return named[0] if named else None


def python_version(machine: Machine, pip: Pip) -> str | None:
    """`3.11` of the interpreter that runs pip."""
    if pip.python is None:
        return None
    name = machine.resolved(pip.python).name
    if met := _LIBRARY.match(name.removesuffix(".exe")):
        return met[1]
    met_libraries = [met for place in _libraries(machine, pip.prefix) if (met := _LIBRARY.match(place.name))]
    return met_libraries[0][1] if len(met_libraries) == 1 else None


def _on_path(machine: Machine, name: str) -> PurePath | None:
    """What a shell would start, whosever it is: it is looked into here, and not run."""
    folders = machine.environ.get("PATH", "").split(":") if machine.platform != "win32" else []
    places = (machine.absolute(folder) / name for folder in folders if folder)
    return next(filter(machine.is_file, places), None) if any(folders) else machine.which(name)


def _named(machine: Machine, path: PurePath) -> PurePath | None:
    inside = ("Scripts/python.exe",) if machine.platform == "win32" else ("bin/python",)
    return next(
        (place for place in (path, *(path / name for name in inside)) if machine.is_file(place)), None
    )


def _runs(machine: Machine, program: PurePath, deep: int) -> PurePath | None:
    """The interpreter that is there in the end when `program` is started."""
    if not deep or not machine.is_file(program):
        return None
    data = machine.content(program) or b""
    if not data.startswith(b"#!"):
        if _PYTHON.fullmatch(program.name):
            return program
        return _launched(machine, data) if machine.platform == "win32" else None
    text = data.decode("utf-8", "surrogateescape")
    words = text.partition("\n")[0][2:].split()
    if not words:
        return None
    interpreter = program.parent.joinpath(words[0])
    if interpreter.name == "env":
        name = next((word for word in words[1:] if not word.startswith("-") and "=" not in word), "")
        if _SHELL.fullmatch(name):
            return _shell(machine, program, text, deep)
        at = _on_path(machine, name) if _PYTHON.fullmatch(name) else None
        return _runs(machine, at, deep - 1) if at else None
    if _SHELL.fullmatch(interpreter.name):
        return _shell(machine, program, text, deep)
    known = interpreter.is_absolute() and _PYTHON.fullmatch(interpreter.name)
    return _runs(machine, interpreter, deep - 1) if known else None


def _launched(machine: Machine, data: bytes) -> PurePath | None:
    """What pip.exe has between the launcher and the archive: a line for a script's first."""
    lines = _LAUNCHED.findall(data)
    python = machine.path(lines[-1].decode("utf-8", "replace")) if lines else None
    return python if python is not None and machine.is_file(python) else None


def _shell(machine: Machine, program: PurePath, text: str, deep: int) -> PurePath | None:
    """What a shell script ends in: a long path's, a pyenv shim's, or the one program that it goes over to."""
    if met := _LONG.search(text):
        return _runs(machine, machine.path(met[2]), deep - 1)
    if met := _MOVABLE.search(text):
        return _runs(machine, machine.resolved(program).parent / met[1], deep - 1)
    if met := _PYENV.search(text):
        chosen = _pyenv(machine, machine.path(met[1]), program)
        return _runs(machine, chosen, deep - 1) if chosen else None
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    met = _EXEC.search(code)
    if met and len(_ANY_EXEC.findall(code)) == 1:
        return _runs(machine, machine.path(met[2]), deep - 1)
    return None


def _pyenv(machine: Machine, root: PurePath, shim: PurePath) -> PurePath | None:
    """The program that a shim of pyenv's stands for: of the first version chosen that has it."""
    for chosen in (*_versions(machine, root), "system"):
        if chosen == "system":
            folders = [machine.path(each) for each in machine.environ.get("PATH", "").split(":") if each]
            places = [folder / shim.name for folder in folders if folder not in (root / "shims", shim.parent)]
        else:
            names = (chosen, chosen.removeprefix("python-"), _latest(machine, root, chosen))
            places = [root / "versions" / name / "bin" / shim.name for name in names if name]
        if place := next(filter(machine.is_file, places), None):
            return place
    return None


def _versions(machine: Machine, root: PurePath) -> list[str]:
    if told := machine.environ.get("PYENV_VERSION"):
        return [each for each in told.split(":") if _is_safe(each)]
    start = [machine.path(place) for place in (machine.environ.get("PYENV_DIR"),) if place]
    start += [machine.cwd] if machine.cwd else []
    files = [place / ".python-version" for each in start for place in (each, *each.parents)]
    file = next(filter(machine.is_file, files), root / "version")
    lines = (machine.content(file) or b"").decode("utf-8", "replace").splitlines()
    first = [line.split()[0] for line in lines if line.strip()]
    return [each for each in first if not each.startswith("#") and _is_safe(each)]


def _is_safe(name: str) -> bool:
    return bool(name) and "/" not in name and name != ".."


def _latest(machine: Machine, root: PurePath, short: str) -> str | None:
    """The newest release that is installed of `3.11`, as pyenv takes it."""
    start = f"{short.removeprefix('python-')}."
    names = [name for name in machine.names(root / "versions") if name.startswith(start)]
    plain = [name for name in names if re.fullmatch(r"[\d.]+", name)]
    return max(plain, key=lambda name: [int(part) for part in name.split(".") if part], default=None)


def _home(machine: Machine, python: PurePath) -> PurePath | None:
    """Where an interpreter that is no virtual environment's has its library, upwards from itself."""
    real = machine.resolved(python)
    if machine.platform == "win32":
        return next((at for at in real.parents if machine.is_file(at / "Lib" / "os.py")), None)
    prefix = next((at for at in real.parents if any(_libraries(machine, at))), None)
    if prefix and machine.platform == "darwin":  # Homebrew's Python calls its home by the name that stays
        return machine.path(re.sub(r"/Cellar/(python[^/]*)/[^/]+/", r"/opt/\1/", str(prefix)))
    return prefix


def _libraries(machine: Machine, prefix: PurePath | None) -> Iterator[PurePath]:
    """The folders of a Python's own library below `prefix`."""
    for folder in (prefix / "lib", prefix / "lib64") if prefix else ():
        for name in sorted(machine.names(folder)):
            if _LIBRARY.match(name) and machine.is_file(folder / name / "os.py"):
                yield folder / name


def _packages(machine: Machine, pip: Pip) -> Iterator[PurePath]:
    """Where its interpreter looks for packages, in its order."""
    between = ";" if machine.platform == "win32" else ":"
    yield from (
        machine.absolute(each) for each in machine.environ.get("PYTHONPATH", "").split(between) if each
    )
    if pip.prefix is None:
        return
    if machine.platform == "win32":
        yield pip.prefix / "Lib" / "site-packages"
        return
    config = machine.content(pip.prefix / "pyvenv.cfg")
    shared = config is None or b"include-system-site-packages = true" in config.lower()
    short = python_version(machine, pip) or _of_venv(config)
    if short and shared and not machine.environ.get("PYTHONNOUSERSITE"):
        yield machine.home / ".local" / "lib" / f"python{short}" / "site-packages"
    homes = [pip.prefix]
    if shared and config is not None and pip.python and (base := _home(machine, pip.python)):
        homes.append(base)
    for home in homes:
        for library in ("lib", "lib64"):
            yield from (home / library / f"python{short}" / "site-packages",) if short else ()
        yield from (home / "local" / "lib" / f"python{short}" / "dist-packages",) if short else ()
        yield home / "lib" / "python3" / "dist-packages"


def _of_venv(config: bytes | None) -> str | None:
    met = re.search(rb"^version(?:_info)?\s*=\s*(\d+\.\d+)", config or b"", re.MULTILINE)
    return met[1].decode() if met else None
