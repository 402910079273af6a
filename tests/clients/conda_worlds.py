"""Worlds for conda: files, marks, flags and variables in every spelling and place, made from a number."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

NAMES = (
    "defaults", "conda-forge", "nvidia", "pytorch", "a/label/dev", "bioconda", "team", "both", "pkgs/main", "pkgs/r/",
    "local", "conda-forge/linux-64", "https://m.example/pkgs/main", "https://old.example/x/", "https://M.example/pkgs/r",
    "https://u:p@m.example/pkgs/main", "https://old.example/t/tk-1/x", "https://gone.example/c/lab", "file:///srv/c",
    "/srv/c", "https://cc.example/cloud/conda-forge", "https://alias.example/nvidia", "https://h.example/conda/x/y",
    "http://alias.example/q/noarch", "$TEAM", "https://${WHO}.example/z", "$NOWHERE", "https://m.example", "~", "123",
)  # fmt: skip
BASES = (
    "https://m.example/pkgs/main", "https://m.example/pkgs/r", "https://n.example/main", "team",
    "https://alias.example/pkgs/main", "https://u:p@m.example:8443/pkgs/main", "https://m.example/t/tk-2/pkgs/r",
)  # fmt: skip
ALIASES = (
    "https://alias.example",
    "https://b.example/c/",
    "https://u:p@b.example/c",
    "https://${WHO}.example/a",
)
PLACES = (
    "prefix/.condarc", "prefix/condarc", "prefix/condarc.d/x.yml", "prefix/condarc.d/a.yaml", "prefix/condarc.d/x.conf",
    "home/.config/conda/.condarc", "home/.config/conda/condarc", "home/.conda/.condarc", "home/.conda/condarc.d/x.yml",
    "home/.condarc", "home/.condarc", "home/.condarc", "xdg/conda/.condarc", "env/.condarc", "env/condarc",
)  # fmt: skip
MARKS = ("", "", "", "", "", "  #!{}", "  #{}", "  #!!{}!", "  # !{}", "  #!{} but", "  #!{}\n  # more")
VERSIONS = ("new", "old")


class World(NamedTuple):
    """Texts by place below a folder, variables, and whose it is; `%` in a value is that folder."""

    files: Mapping[str, str]
    variables: Mapping[str, str]
    era: str = "new"

    def build(self, folder: Path, version: str) -> dict[str, str]:
        """Make it there, with a conda of this version; the variables that conda gets."""
        record = folder / f"prefix/conda-meta/conda-{version}-py312_0.json"
        for name, text in (*self.files.items(), (str(record), "{}"), ("work/.keep", ""), ("home/.keep", "")):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        program = folder / "prefix/bin/conda"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        told = {name: value.replace("%", str(folder)) for name, value in self.variables.items()}
        return {"HOME": str(folder / "home"), "TEAM": "crew", "WHO": "who", **told}


def world(number: int) -> World:
    """The one of that number; always the same."""
    dice = random.Random(number)
    files = {place: _text(dice) for place in dice.sample(PLACES, dice.randint(0, 3))}
    variables = {}

    def maybe(chance: float, name: str, value: str) -> None:
        if dice.random() < chance:
            variables[name] = value

    maybe(0.12, dice.choice(["CONDA_CHANNELS", "CONDA_CHANNEL", "CONDA__CHANNELS"]), _names(dice))
    maybe(0.02, "CONDA_CHANNELS", "")
    maybe(
        0.08,
        "CONDA_CHANNEL_ALIAS",
        dice.choice(["https://var.example", "https://$WHO.example/v", "$NONE://x"]),
    )
    maybe(0.08, "CONDA_DEFAULT_CHANNELS", ",".join(dice.sample(BASES, 2)))
    maybe(0.05, dice.choice(["CONDA_DENYLIST_CHANNELS", "CONDA_WHITELIST_CHANNELS"]), _names(dice))
    maybe(0.03, "CONDA_OFFLINE", dice.choice(["1", "true", "no", " yes ", "0"]))
    maybe(0.02, "CONDA_CUSTOM_CHANNELS", "team: https://t.example")
    maybe(0.1, "XDG_CONFIG_HOME", dice.choice(["%/xdg", "%/home/.config", ""]))
    maybe(0.15, "CONDA_PREFIX", dice.choice(["%/env", "%/prefix"]))
    if dice.random() < 0.12:
        name = dice.choice(["rc.yml", "condarc", "rc.conf", "rc.d/x.yml", "rc.d/condarc"])
        files[name], variables["CONDARC"] = _text(dice), f"%/{name.partition('/')[0]}"
    return World(files, variables, VERSIONS[dice.random() < 0.25])


def _names(dice: random.Random) -> str:
    return dice.choice([",", ", ", ",,"]).join(dice.sample(NAMES[:11], dice.randint(1, 3)))


def _text(dice: random.Random) -> str:
    parts = []

    def maybe(chance: float, names: str, value: str) -> None:
        if dice.random() < chance:
            parts.append(f"{dice.choice(names.split())}:{value}")

    maybe(0.6, "channels channels channels channel _channels", _list(dice, NAMES))
    maybe(0.6, "default_channels default_channels _default_channels", _list(dice, BASES))
    maybe(0.3, "channel_alias channel_alias _channel_alias", f" {dice.choice(ALIASES)}{_mark(dice)}\n")
    maybe(0.45, "custom_channels custom_channels _custom_channels", _map(dice))
    maybe(0.2, "custom_multichannels", _groups(dice))
    maybe(0.1, "migrated_custom_channels", "\n  lab: https://gone.example/c\n  team: https://old.example\n")
    maybe(0.07, "migrated_channel_aliases", "\n  - https://old.example\n")
    maybe(0.07, "denylist_channels", _list(dice, NAMES))
    maybe(0.04, "allowlist_channels whitelist_channels", _list(dice, NAMES))
    maybe(0.04, "offline", dice.choice([" true\n", " no\n", " 'on'\n", " 0\n"]))
    maybe(0.05, "use_local", dice.choice([" true\n", " false\n"]))
    maybe(0.1, "restore_free_channel", dice.choice([" true\n", " false\n"]))
    maybe(0.06, "ssl_verify verify_ssl", dice.choice([" true\n", " truststore\n"]))
    maybe(0.08, *dice.choice(WRONG))
    dice.shuffle(parts)
    return "".join(parts)


WRONG = (
    ("channels", " conda-forge\n"), ("channel", " [team]\n"), ("whitelist_channels", " []\n"), ("verify_ssl", " true\n"),
    ("channel_alias", " bare.example\n"), ("custom_channels", " [a]\n"), ("custom_multichannels", " {a: b}\n"),
    ("offline", " maybe\n"), ("default_channels", " {a: b}\n"), ("proxy_servers", " [a]\n"), ("envs_dirs", " /x\n"),
    ("channels", " [[a]]\n"), ("channels", "\n"), ("default_channels", " []\n"), ("channels", " []\n"),
    ("custom_multichannels", " {a: }\n"), ("proxy_servers", "\n"), ("pkgs_dirs", " /x\n"), ("track_features", " 1\n"),
    ("show_channel_urls", " perhaps\n"), ("migrated_custom_channels", " x\n"), ("denylist_channels", " x\n"),
    ("channel_alias", "\n"), ("custom_channels", " {a: }\n"), ("always_yes", " maybe\n"), ("auto_stack", " x\n"),
)  # fmt: skip


def _mark(dice: random.Random, word: str = "final") -> str:
    return dice.choice(MARKS).format(word)


def _list(dice: random.Random, among: tuple[str, ...]) -> str:
    items = dice.sample(among, dice.randint(1, 3))
    if dice.random() < 0.15:
        return f" [{', '.join(f'{item!r}' for item in items)}]{_mark(dice)}\n"
    lines = [f"  - {item}{_mark(dice, dice.choice(['top', 'bottom', 'final']))}\n" for item in items]
    return f"{_mark(dice)}\n{''.join(lines)}"


def _map(dice: random.Random) -> str:
    names = dice.sample(["conda-forge", "pytorch", "a", "a/label", "nvidia", "team"], dice.randint(1, 2))
    bases = ["https://cc.example/cloud", "https://d.example/", "https://u:p@d.example/t/tk-3", "plain"]
    return f"{_mark(dice)}\n" + "".join(f"  {name}: {dice.choice(bases)}{_mark(dice)}\n" for name in names)


def _groups(dice: random.Random) -> str:
    names = dice.sample(["both", "defaults", "team", "local"], dice.randint(1, 2))
    groups = [
        f"  {name}:{_mark(dice)}\n"
        + "".join(f"    - {item}\n" for item in dice.sample((*BASES, *NAMES[1:6]), 2))
        for name in names
    ]
    return f"{_mark(dice)}\n{''.join(groups)}"
