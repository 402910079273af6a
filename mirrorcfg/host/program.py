"""How this very program is started again, and whose its code is.

Source of the rules: python(1), -I: no variable counts, nor the directory it is started in, nor the packages
in a user's home.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import mirrorcfg
from mirrorcfg.errors import ProgramError
from mirrorcfg.whose import stranger


@cache
def argv() -> tuple[str, ...]:
    """The words that start it from any directory: the single file (docs/pyz.md), or the installed package.

    By itself (`-I`) where it is found so; a package in the user's home, or on PYTHONPATH, needs more.
    """
    if archive := _archive():
        return (sys.executable, "-I", str(archive))
    return (sys.executable, "-I" if isolated() else "-P", "-m", "mirrorcfg")


def isolated() -> bool:
    """Does Python find this very package without a variable, and without a user's own packages?"""
    return _archive() is not None or _alone()[0] == mirrorcfg.__file__


def loose() -> Path | None:
    """The first place at which others than root could change what root would run, if there is one."""
    for part in _parts():
        try:
            if place := stranger(part):
                return place
        except OSError:  # it isn't there, so nothing of it is run
            continue
    return None


def _parts() -> Iterator[Path]:
    """All that Python takes code from when it runs this: itself, its own modules, the packages, and ours."""
    yield Path(sys.executable)
    yield Path(sys.prefix, "pyvenv.cfg")
    for folder in map(Path, _alone()[1]):
        yield folder
        yield from folder.iterdir() if folder.is_dir() else ()
    if archive := _archive():
        yield archive
    else:
        yield from Path(mirrorcfg.__file__).parent.rglob("*")


@cache
def _alone() -> tuple[str | None, tuple[str, ...]]:
    """Where Python by itself finds this package, if it does, and where it looks."""
    from mirrorcfg.programs.run import Order, run

    ask = "import json, sys; from importlib.util import find_spec as f; found = f('mirrorcfg'); "
    ask += "print(json.dumps([found and found.origin, sys.path]))"
    try:
        done = run(Order((sys.executable, "-I", "-c", ask), itself=True))
        origin, path = json.loads(done.out)
    except (ProgramError, ValueError):
        return None, ()
    return origin, tuple(path)


def _archive() -> Path | None:
    # What Python runs of a single file is the __main__.py in it.
    start = Path(getattr(sys.modules["__main__"], "__file__", None) or "__main__.py").parent
    return start.absolute() if zipfile.is_zipfile(start) else None
