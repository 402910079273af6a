"""Worlds for conda: files, flags and variables, made from a number."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

NAMES = (
    "defaults", "conda-forge", "nvidia", "pytorch", "a/label/dev", "bioconda",
    "https://m.example/pkgs/main", "https://old.example/x/",
)  # fmt: skip
BASES = ("https://m.example/pkgs/main", "https://m.example/pkgs/r", "https://n.example/main")
PLACES = (
    "prefix/.condarc", "prefix/condarc", "prefix/condarc.d/x.yml", "home/.config/conda/.condarc",
    "home/.conda/.condarc", "home/.condarc", "home/.condarc", "home/.condarc",
)  # fmt: skip


class World(NamedTuple):
    """Texts by place below a folder, and variables; `@` in a value is that folder."""

    files: Mapping[str, str]
    variables: Mapping[str, str]

    def build(self, folder: Path) -> dict[str, str]:
        """Make it there; the variables that conda gets."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        program = folder / "prefix/bin/conda"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        (folder / "home").mkdir(exist_ok=True)
        told = {name: value.replace("@", str(folder)) for name, value in self.variables.items()}
        return {"HOME": str(folder / "home"), **told}


def world(number: int) -> World:
    """The one of that number; always the same."""
    dice = random.Random(number)
    files = {place: _text(dice) for place in dice.sample(PLACES, dice.randint(1, 3))}
    variables = {}
    if dice.random() < 0.15:
        variables["CONDA_CHANNELS"] = ",".join(dice.sample(NAMES[:4], 2))
    if dice.random() < 0.1:
        variables["CONDA_CHANNEL_ALIAS"] = "https://var.example"
    if dice.random() < 0.1:
        files["rc.yml"], variables["CONDARC"] = _text(dice), "@/rc.yml"
    return World(files, variables)


def _text(dice: random.Random) -> str:
    def final() -> str:
        return dice.choice(["", "", "", "", "  #!final"])

    parts = []
    if dice.random() < 0.6:
        items = dice.sample(NAMES, dice.randint(1, 3))
        lines = [f"  - {item}{dice.choice(['', '', '', '', '  #!top', '  #!bottom'])}\n" for item in items]
        parts.append(f"channels:{final()}\n{''.join(lines)}")
    if dice.random() < 0.6:
        lines = [f"  - {url}\n" for url in dice.sample(BASES, dice.randint(1, 2))]
        parts.append(f"default_channels:{final()}\n{''.join(lines)}")
    if dice.random() < 0.35:
        parts.append(
            f"channel_alias: {dice.choice(['https://alias.example', 'https://b.example/c/'])}{final()}\n"
        )
    if dice.random() < 0.5:
        names = dice.sample(["conda-forge", "pytorch", "a", "a/label", "nvidia"], dice.randint(1, 2))
        bases = ["https://cc.example/cloud", "https://d.example/"]
        parts.append(
            f"custom_channels:{final()}\n{''.join(f'  {name}: {dice.choice(bases)}{chr(10)}' for name in names)}"
        )
    return "".join(parts)
