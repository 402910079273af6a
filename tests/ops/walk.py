"""A walk through switches at random, in a mount namespace of its own: what `status` claims is held against files.

`python -m tests.ops.walk TOOL FIRST LAST` walks with each of these seeds, as root where nothing of the machine is.
"""

from __future__ import annotations

import configparser
import os
import random
import shutil
import sys
from pathlib import Path

import yaml

from mirrorcfg.errors import MirrorcfgError, UsageError
from mirrorcfg.host import Host
from mirrorcfg.model.machine import Scope
from mirrorcfg.ops.status import status
from mirrorcfg.ops.switch.planning import Request
from mirrorcfg.ops.switch.restore import restore, undo
from mirrorcfg.ops.switch.use import use

HOME = Path("/srv/home")
PROFILES = {name: f"https://{name}.example/it" for name in ("one", "two", "three")}
PLACES: dict[str, Path | None] = {"nowhere": None, "A": HOME / "a", "B": HOME / "b"}
SCOPES: tuple[Scope, ...] = ("user", "system", "venv")
FILES = {
    "pip": (Path("/etc/pip.conf"), HOME / ".config/pip/pip.conf", "pip.conf"),
    "conda": (Path("/etc/conda/.condarc"), HOME / ".condarc", ".condarc"),
}
OWN = {
    "pip": "# mine\n[global]\nindex-url = https://own.example/it\n",
    "conda": "default_channels:\n  - https://own.example/it  # mine\n",
}
STEPS = 8


def main(tool: str, first: str, last: str) -> None:
    """Walk, and end with the first step after which something untrue was said."""
    if not (os.path.ismount("/etc") and os.path.ismount("/srv")):  # the machine's own are nobody's to walk on
        sys.exit("only within tests/attacks/stage.py")
    for seed in range(int(first), int(last)):
        dice = random.Random(seed)
        _clean(tool)
        # A file of the user's own, or none.
        for file in FILES[tool][:2]:
            if dice.random() < 0.25:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(OWN[tool])
        steps: list[str] = []
        for _ in range(STEPS):
            steps.append(_step(tool, dice))
            for place in PLACES:
                if wrong := _wrong(tool, place):
                    sys.exit(f"seed {seed}, {place}, after {steps}: {wrong}")


def _clean(tool: str) -> None:
    for place in (HOME, Path("/srv/state"), Path("/etc/conda")):
        shutil.rmtree(place, ignore_errors=True)
    Path("/etc/pip.conf").unlink(missing_ok=True)
    for folder in PLACES.values():
        if folder is not None:
            (folder / "bin").mkdir(parents=True)
            (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
            (folder / "conda-meta").mkdir()
            (folder / "bin/python").symlink_to(sys.executable)
            (folder / "bin/pip").write_text(f"#!{folder}/bin/python\n")
            (folder / "bin/pip").chmod(0o755)
    shelf = HOME / ".config/mirrorcfg/profiles"
    shelf.mkdir(parents=True)
    key = {"pip": 'index-url = "{}"', "conda": 'default-channels = ["{}"]'}[tool]
    for name, url in PROFILES.items():
        text = f'schema = 1\nname = "{name}"\n[{tool}]\n{key.format(url)}\n'
        (shelf / f"{name}.toml").write_text(text)


def _host(place: str) -> Host:
    folder = PLACES[place]
    os.environ.clear()
    os.environ.update(HOME=str(HOME), PATH="/nowhere", MIRRORCFG_STATE="/srv/state", LANG="C.UTF-8")
    if folder is not None:
        os.environ.update(PATH=f"{folder}/bin:/nowhere", VIRTUAL_ENV=str(folder), CONDA_PREFIX=str(folder))
    return Host.here()


def _step(tool: str, dice: random.Random) -> str:
    place = dice.choice(list(PLACES))
    host = _host(place)
    kind = dice.choice(("use", "use", "use", "undo", "restore"))
    try:
        if kind == "undo":
            undo(host, command=kind)
            return kind
        if kind == "restore":
            head = host.store.head()
            number = dice.randint(0, head.number if head else 0)
            restore(host, number, command=kind)
            return f"restore {number}"
        profile, scope = dice.choice(list(PROFILES)), dice.choice(SCOPES)
        use(host, Request(profile, tools=(tool,), scope=scope), command="use")
        return f"use {profile} {scope} in {place}"
    except UsageError as error:
        return error.code
    except MirrorcfgError as error:
        if error.code not in ("nothing-to-undo", "no-such-scope"):
            raise
        return error.code


def _wrong(tool: str, place: str) -> str | None:
    """What `status` says there that isn't so."""
    result = status(_host(place), (tool,))
    entry = result.data.tools[tool]
    if entry.drifted:
        return f"drift where nobody else wrote: {entry}"
    claimed = None if entry.shadowed_by else entry.profile
    found = _addresses(tool, place)
    names = [next((name for name, url in PROFILES.items() if url == each), None) for each in found]
    if tool == "conda":  # what stands beside ours in the user's own file is meant
        names = [name for name in names if name is not None]
    if tool == "pip" or len(set(names)) <= 1:
        expected = names[0] if names else None
        return None if claimed == expected else f"{claimed} is claimed, and it is {expected}: {entry}"
    # conda merges: of several lists the strongest file's comes first.
    return None if claimed in (None, names[0]) else f"{claimed} is claimed of {names}: {entry}"


def _addresses(tool: str, place: str) -> list[str]:
    """The addresses that count there, the strongest first: the tool's rule for three files, and no more of it."""
    system, user, name = FILES[tool]
    folder = PLACES[place]
    files = [*([folder / name] if folder else []), user, system]
    texts = [file.read_text() for file in files if file.is_file()]
    if tool == "conda":
        return [url for text in texts for url in (yaml.safe_load(text) or {}).get("default_channels", ())]
    found = []
    for text in texts:
        parser = configparser.RawConfigParser()
        parser.read_string(text)
        found += [parser.get("global", "index-url")] if parser.has_option("global", "index-url") else []
    return found[:1]


if __name__ == "__main__":
    main(*sys.argv[1:])
