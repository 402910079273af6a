"""Worlds for uv: files in a home, on the system and around a project, and variables, made from a number."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

FOLDERS = ("p", "p/a", "p/a/b")
SYSTEM, USER, OTHER = "xdg/uv/uv.toml", "home/.config/uv/uv.toml", "other.toml"
LINKS = "links"  # how the address of a page of links begins
BROKEN = (
    "frobnicate = 1\n", "index_url = '@x'\n", "no-index = 'yes'\n", "index-url = ['@x']\n", "find-links = '@l'\n",
    "[tool.uv]\nindex-url = '@x'\n", "[project]\nname = 'x'\n", "[sources]\n", "[pip]\nfrob = 1\n", "dev-dependencies = []\n",
    "[[index]]\nname = 'x'\n", "[[index]]\nurl = '@x'\nname = 'a b'\n", "[[index]]\nurl = '@x'\nexplicit = true\n",
    "environments = []\n", "index-strategy = 'best'\n", "[[pip.index]]\nurl = '@x'\n", "[[index]]\nurl = '@x'\ndefault = 1\n",
    "[[index]]\nurl = '@x'\nformat = 'json'\n", "index-url = \n", "pip = 3\n", "[[index]]\nurl = 3\n", "offline = 1\n",
    "[[indexes]]\nurl = '@x'\n", "package = false\n", "python-install-mirror = 1\n", "default-index = '@x'\n",
)  # fmt: skip
HARMLESS = (
    "", "", "", "", "link-mode = 'copy'\n", "concurrent-downloads = 4\n", "index-strategy = 'unsafe-best-match'\n",
    "native-tls = false\n", "keyring-provider = 'disabled'\n", "python-downloads = 'never'\n",
)  # fmt: skip
INDEX_KEYS = (
    "",
    "",
    "",
    "authenticate = 'auto'\n",
    "publish-url = 'https://x.invalid/'\n",
    "frobnicate = 1\n",
)


class World(NamedTuple):
    """Texts by place below a folder, variables, and where uv is run; `@` is the server, `%` the folder."""

    files: Mapping[str, str]
    variables: Mapping[str, str]
    folder: str

    def build(self, folder: Path, server: str) -> tuple[dict[str, str], Path]:
        """Make it there; the variables that uv gets, and its directory."""

        def told(text: str) -> str:
            return text.replace("@", server).replace("%", str(folder))

        for name in (*FOLDERS, "home"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(told(text))
        environ = {"HOME": str(folder / "home"), "XDG_CONFIG_DIRS": str(folder / "xdg")}
        return environ | {name: told(value) for name, value in self.variables.items()}, folder / self.folder


class _Maker:
    """What is drawn for one world."""

    def __init__(self, number: int) -> None:
        self.dice = random.Random(number)
        self.count = 0

    def url(self, kind: str = "i") -> str:
        self.count += 1
        if kind == "i" and self.dice.random() < 0.1:
            return f"@again{self.dice.choice(['', '/'])}"
        return f"@{kind}{self.count}{self.dice.choice(['', '', '/simple', '/'])}"

    def name(self) -> str:
        return self.dice.choice(["n", "m", "N", "lab-1", "x.y_z"])

    def often(self, chance: float) -> bool:
        return self.dice.random() < chance

    def file(self, prefix: str = "") -> str:
        """The text of a uv.toml, or of a pyproject.toml's part with the prefix `tool.uv`."""
        dice, head = self.dice, f"[{prefix}]\n" if prefix else ""
        top = dice.choice(HARMLESS) + self.settings()
        if self.often(0.12):
            top += f"offline = {dice.choice(['true', 'false'])}\n"
        below = ""
        dot = f"{prefix}." if prefix else ""
        if self.often(0.25):
            below += f"[{dot}pip]\n{self.settings()}"
        for _ in range(dice.choice([0, 0, 1, 1, 2, 3])):
            below += f"[[{dot}index]]\nurl = '{self.url()}'\n" + dice.choice(INDEX_KEYS)
            named = self.often(0.5)
            below += f"name = '{self.name()}'\n" if named else ""
            below += f"default = {dice.choice(['true', 'true', 'false'])}\n" if self.often(0.4) else ""
            below += f"explicit = {dice.choice(['true', 'false'])}\n" if named and self.often(0.25) else ""
        return (head if top or not below else "") + top + below

    def settings(self) -> str:
        lines = [
            f"index-url = '{self.url()}'\n" if self.often(0.25) else "",
            f"extra-index-url = {[self.url() for _ in range(self.dice.randint(0, 2))]}\n"
            if self.often(0.2)
            else "",
            f"find-links = {[self.url(LINKS) for _ in range(self.dice.randint(1, 2))]}\n"
            if self.often(0.12)
            else "",
            f"no-index = {self.dice.choice(['true', 'false'])}\n" if self.often(0.08) else "",
        ]
        self.dice.shuffle(lines)
        return "".join(lines)

    def pyproject(self, name: str) -> str:
        dice = self.dice
        if self.often(0.06):
            return dice.choice(
                ["[proj", "[tool.uv]\nfrobnicate = 1\n", "[[tool.uv.index]]\nname = 'x'\n", ""]
            )
        text = ""
        if self.often(0.75):
            version = dice.choice(["version = '1'\n", "version = '1'\n", "dynamic = ['version']\n", ""])
            text += f"[project]\nname = '{name}'\n{version}"
        if self.often(0.3):
            members = dice.choice([["*"], ["a"], ["./a/*"], ["a/b"], ["q*"], []])
            text += f"[tool.uv.workspace]\nmembers = {members}\n"
            text += f"exclude = {dice.choice([['a'], ['a/b'], ['z']])}\n" if self.often(0.3) else ""
        if self.often(0.4):
            text += self.file("tool.uv")
        elif self.often(0.1):
            text += "[tool.uv]\nmanaged = false\n"
        return text or "[build-system]\nrequires = []\n"

    def variables(self) -> dict[str, str]:
        dice = self.dice
        makers: dict[str, tuple[float, Callable[[], str]]] = {
            "UV_INDEX": (0.15, lambda: dice.choice([" ", "  ", "\t"]).join(self.named() for _ in range(dice.randint(0, 2)))),
            "UV_DEFAULT_INDEX": (0.12, self.named),
            "UV_INDEX_URL": (0.1, lambda: dice.choice([self.url(), self.url(), ""])),
            "UV_EXTRA_INDEX_URL": (0.12, lambda: dice.choice([" ", "  "]).join(self.url() for _ in range(dice.randint(0, 2)))),
            "UV_FIND_LINKS": (0.06, lambda: ",".join(self.url(LINKS) for _ in range(dice.randint(0, 2)))),
            "UV_OFFLINE": (0.05, lambda: dice.choice(["1", "0", "true", "no", "maybe", ""])),
            "UV_NO_CONFIG": (0.06, lambda: dice.choice(["1", "0", "TRUE", "off", "maybe"])),
            "UV_NO_SYSTEM_CONFIG": (0.04, lambda: dice.choice(["1", "false", "yes"])),
            "UV_CONFIG_FILE": (0.06, lambda: dice.choice([f"%/{OTHER}", f"%/{OTHER}", "%/none.toml", ""])),
            "UV_PROJECT": (0.06, lambda: dice.choice(["%/p", "%/p/a", "..", "%/none"])),
            "UV_WORKING_DIR": (0.05, lambda: dice.choice(["%/p", "%/p/a", "..", "%/none"])),
            "XDG_CONFIG_HOME": (0.04, lambda: dice.choice(["%/home/.config", "%/elsewhere", "relative", ""])),
            "XDG_CONFIG_DIRS": (0.05, lambda: dice.choice(["/none:%/xdg", "%/xdg:/none", ":%/xdg"])),
        }  # fmt: skip
        return {name: make() for name, (chance, make) in makers.items() if self.often(chance)}

    def named(self) -> str:
        kind = self.dice.random()
        return self.name() if kind < 0.1 else f"{self.name()}={self.url()}" if kind < 0.4 else self.url()


def world(number: int) -> World:
    """The one of that number; always the same."""
    maker = _Maker(number)
    files: dict[str, str] = {}
    for place, chance in ((SYSTEM, 0.35), (USER, 0.7), (OTHER, 0.5)):
        if maker.often(chance):
            files[place] = maker.file()
    for folder in FOLDERS:
        if maker.often(0.25):
            files[f"{folder}/uv.toml"] = maker.file()
        if maker.often(0.4):
            files[f"{folder}/pyproject.toml"] = maker.pyproject(folder.replace("/", "-"))
    own: Sequence[str] = [place for place in files if place.endswith("uv.toml")]
    if own and maker.often(0.15):
        files[maker.dice.choice(own)] = maker.dice.choice(BROKEN)
    return World(files, maker.variables(), maker.dice.choice(FOLDERS))


class Meant(NamedTuple):
    """A kind of world in which mirrorcfg may say something else than this uv does, and why."""

    reason: str
    applies: Callable[[World], bool]
    until: tuple[int, ...] | None = None  # the last of the versions that we try with it; None: of all


def _has(*variables: str) -> Callable[[World], bool]:
    return lambda world: any(name in world.variables for name in variables)


def _some(pattern: str) -> Callable[[World], bool]:
    return lambda world: any(re.search(pattern, text) for text in world.files.values())


def _by_name(world: World) -> bool:
    words = f"{world.variables.get('UV_INDEX', '')} {world.variables.get('UV_DEFAULT_INDEX', '')}".split()
    return any("@" not in word for word in words)


def _lost(world: World) -> bool:
    return "none" in world.variables.get("UV_PROJECT", "")


def _two_links(world: World) -> bool:
    return "," in world.variables.get("UV_FIND_LINKS", "")


def broken_workspace(world: World) -> bool:
    """Is there one with a member that is no project?"""
    sound = {}
    for folder in FOLDERS:
        with suppress(tomllib.TOMLDecodeError):
            sound[folder] = tomllib.loads(world.files.get(f"{folder}/pyproject.toml", ""))
    for folder, data in sound.items():
        for glob in data.get("tool", {}).get("uv", {}).get("workspace", {}).get("members", ()):
            for member in FOLDERS:
                said = sound.get(member, {})
                project = said.get("project", {})
                good = "version" in project or "dynamic" in project
                if fnmatch(member, f"{folder}/{glob.removeprefix('./')}") and (
                    not good or "workspace" in said.get("tool", {}).get("uv", {})
                ):
                    return True
    return False


def without_order(world: World) -> bool:
    """Does uv ask all indexes at once?"""
    return any("best-match" in text for text in world.files.values())


MEANT = (
    Meant("uv gives a workspace up for a member that is none; mirrorcfg doesn't walk into members", broken_workspace),
    Meant("a variable that came later", _has("UV_WORKING_DIR", "UV_NO_SYSTEM_CONFIG"), (0, 9, 5)),
    Meant("UV_PROJECT came to name a folder that is there", _lost, (0, 9, 5)),
    Meant("UV_OFFLINE=0 came to win over a file", _has("UV_OFFLINE"), (0, 9, 5)),
    Meant("an index by its name in a variable came later", _by_name, (0, 9, 5)),
    Meant("an empty folder first in XDG_CONFIG_DIRS ended the search", _has("XDG_CONFIG_DIRS"), (0, 9, 5)),
    Meant("two defaults in a project came to be refused", _some(r"(?s)tool.uv.index.*default = true.*default = true"), (0, 9, 5)),
    Meant("a variable that came later", _has("UV_PROJECT"), (0, 5, 4)),
    Meant("UV_FIND_LINKS took no comma", _two_links, (0, 5, 4)),
    Meant("a project without a version was one", _some(r"\[project\]\nname = '.*'\n(?!version|dynamic)"), (0, 5, 4)),
    Meant("a name twice in a project came to be refused", _some(r"(?s)tool.uv.index.*name.*name"), (0, 5, 4)),
)  # fmt: skip


def meant(world: World, version: tuple[int, ...]) -> str | None:
    """Why they needn't agree in this one."""
    rules = (each for each in MEANT if (each.until is None or version <= each.until) and each.applies(world))
    return next((each.reason for each in rules), None)
