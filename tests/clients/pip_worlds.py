"""Worlds for pip: files, variables and places of its program, made from a number."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

INDEX = ("index-url", "index-url", "index-url", "index_url", "INDEX-URL", "--index-url", "pypi-url")
EXTRA = ("extra-index-url", "extra-index-url", "Extra_Index_URL")
SECTIONS = ("global", "global", "install", "install", ":env:", "DEFAULT", "download", "Global", "search")
PLACES = (
    "xdg1/pip/pip.conf", "xdg2/pip/pip.conf", "home/.pip/pip.conf", "home/.config/pip/pip.conf",
    "home/.config/pip/pip.conf", "venv/pip.conf", "conf/pip/pip.conf", "named.conf", "other/pip.conf",
)  # fmt: skip
BROKEN = (
    "index-url = @/broken\n", "\ufeff[global]\n", "[global]\nx = 1\nx = 2\n", "[a]\n[a]\n", "[a]\nstray\n",
    "[global]\nindex-url = @/a\nindex_url = @/b\n",
)  # fmt: skip
PROGRAMS = ("venv", "venv", "link", "wrapper", "copy")


class World(NamedTuple):
    """Texts by place below a folder, and variables; `#` in a variable is that folder, `@` an index's server.

    `program` is what stands as `pip` on PATH: the environment's own, a link to it, a script that goes over to it,
    or a copy.
    """

    number: int
    files: Mapping[str, str]
    variables: Mapping[str, str]
    program: str

    def build(self, folder: Path, server: str, python: str) -> dict[str, str]:
        """Make it there; the variables that pip gets."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("@", server), newline="")
        for name in ("home", "work", "venv/bin", "bin", "folder"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "venv/pyvenv.cfg").write_text(f"home = {Path(python).parent}\n")
        (folder / "venv/bin/python").symlink_to(python)
        pip = folder / "venv/bin/pip"
        pip.write_text(
            f"#!{folder}/venv/bin/python\nfrom pip._internal.cli.main import main\nraise SystemExit(main())\n"
        )
        pip.chmod(0o755)
        path = folder / "bin"
        match self.program:
            case "venv":
                path = pip.parent
            case "link":
                (path / "pip").symlink_to(pip)
            case "wrapper":
                (path / "pip").write_text(f'#!/bin/sh\nset -e\nexec {pip} "$@"\n')
            case _:
                (path / "pip").write_text(pip.read_text())
        (path / "pip").chmod(0o755)
        told = {
            name: value.replace("#", str(folder)).replace("@", server)
            for name, value in self.variables.items()
        }
        own = {"HOME": f"{folder}/home", "PATH": f"{path}:/usr/bin:/bin", "LANG": "C.UTF-8"}
        return {**own, "XDG_CONFIG_DIRS": f"{folder}/xdg1:{folder}/xdg2", **told}


def world(number: int) -> World:
    """The one of that number; always the same."""
    dice = random.Random(number)
    files = {place: _text(dice) for place in dice.sample(PLACES, dice.randint(1, 5))}
    if dice.random() < 0.1:
        files[dice.choice(PLACES)] = dice.choice(BROKEN)
    return World(number, files, _variables(dice), dice.choice(PROGRAMS))


def _variables(dice: random.Random) -> dict[str, str]:
    found = {}
    for names, values, odds in (
        (("PIP_INDEX_URL", "PIP_index_url", "PIP_PYPI_URL", "PIP_INDEX-URL"), ("@/v", "@/v/", ""), 0.15),
        (("PIP_EXTRA_INDEX_URL",), ("@/ve", " @/ve  @/vf ", ""), 0.1),
        (("PIP_NO_INDEX",), ("1", "0", "no", "", "never"), 0.08),
        (("PIP_FIND_LINKS",), ("@/vl", ""), 0.05),
        (("PIP_TIMEOUT", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES"), ("5", "1.5", "soon"), 0.05),
        (("PIP_NO_COLOR", "PIP_DEBUG"), ("true", "x"), 0.03),
        (("VIRTUAL_ENV", "CONDA_PREFIX"), ("#/other", "#/venv"), 0.25),
        (("XDG_CONFIG_HOME",), ("#/conf", "conf", " "), 0.2),
        (("XDG_CONFIG_DIRS",), ("#/xdg2:#/xdg1", "#/xdg1:#/xdg2:#/xdg1", "#/conf", "work"), 0.15),
        (
            ("PIP_CONFIG_FILE",),
            (
                "#/named.conf", "#/named.conf", "#/gone.conf", "/dev/null", "", "#/folder", "#/venv/pip.conf",
                "#/home/.config/pip/pip.conf", "#/xdg1/pip/pip.conf", "../named.conf", "~/.pip/pip.conf",
            ),
            0.25,
        ),
    ):  # fmt: skip
        if dice.random() < odds:
            found[dice.choice(names)] = dice.choice(values)
    return found


def _text(dice: random.Random) -> str:
    parts = [dice.choice(["", "", "# mine\n", "\n; more\n"])]
    for section in dict.fromkeys(dice.choices(SECTIONS, k=dice.randint(1, 3))):
        lines = [_option(dice) for _ in range(dice.randint(0, 3))]
        unique = {
            line.partition("\0")[0].lower().replace("_", "-").removeprefix("--"): line for line in lines
        }
        parts.append(f"[{section}]\n" + "".join(line.replace("\0", "") for line in unique.values()))
    text = "".join(parts)
    return text.replace("\n", "\r\n") if dice.random() < 0.1 else text


def _option(dice: random.Random) -> str:
    """A name, a zero byte that ends it, and the rest of the lines."""
    sign = dice.choice([" = ", "=", ": ", " :"])
    url = f"@/{dice.choice('abcdefgh')}"
    kind = dice.random()
    if kind < 0.5:
        value = dice.choice([url, url, url, f"{url}/", f"{url}   ", "", f"\n    {url}", f"{url} # mine"])
        return f"{dice.choice(INDEX)}\0{sign}{value}\n"
    if kind < 0.7:
        value = dice.choice([url, "", f"{url} {url}2", f"\n  {url}\n\n  # not\n\t{url}2", f"{url},"])
        return f"{dice.choice(EXTRA)}\0{sign}{value}\n"
    if kind < 0.78:
        return f"find-links\0{sign}{dice.choice([f'{url}/l', '', f'{chr(10)}  {url}/l'])}\n"
    if kind < 0.86:
        return f"{dice.choice(['no-index', 'no_index'])}\0{sign}{dice.choice(['true', 'No', '0', '', 'maybe'])}\n"
    if kind < 0.93:
        value = dice.choice(["5", "15", "0x5", "2.5", "soon", ""])
        return f"{dice.choice(['timeout', 'default-timeout', 'retries'])}\0{sign}{value}\n"
    return dice.choice([
        f"trusted-host\0{sign}a.example\n", f"no-color\0{sign}maybe\n", f"quiet\0{sign}1\n",
        f"format\0{sign}columns\n", f"proxy\0{sign}http://u:p%40@proxy.example\n",
    ])  # fmt: skip
