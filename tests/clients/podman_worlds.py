"""Worlds for podman: its files, a variable and a profile's mirrors, made from a number."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

SYSTEM, USER = "/etc/containers/registries.conf", "~/.config/containers/registries.conf"
PLACES = (
    SYSTEM, SYSTEM, f"{SYSTEM}.d/10-a.conf", f"{SYSTEM}.d/60-b.conf", f"{SYSTEM}.d/60-b.txt",
    USER, f"{USER}.d/10-c.conf", f"{USER}.d/60-d.conf", "~/named.conf",
)  # fmt: skip
VARIABLES = ("CONTAINERS_REGISTRIES_CONF", "REGISTRIES_CONFIG_PATH", "CONTAINERS_REGISTRIES_CONF_DIR")
PREFIXES = (
    "docker.io", "docker.io", "docker.io", "docker.io/", "*.io", "*.docker.io", "quay.io", "docker.io/other",
    "docker.iox", "mirror.lab", "*.lab", "user.lab", "Docker.io", "docker",
)  # fmt: skip
MIRRORS = (
    "mirror.lab", "mirror.lab", "two.lab", "two.lab", "bare.lab", "bare.lab", "harbor.lab/dockerhub", "harbor.lab",
    "dead.lab", "mirror.lab:443", "MIRROR.lab", "docker.io", "mirror.lab/",
)  # fmt: skip
LOCATIONS = (
    "user.lab",
    "user.lab",
    "docker.io",
    "docker.io",
    "docker.io",
    "bare.lab",
    "user.lab/",
    "user.lab.",
)
LINES = (
    'unqualified-search-registries = ["docker.io"]\n', 'short-name-mode = "disabled"\n', "# mine\n",
    'credential-helpers = ["containers-auth.json"]\n', "strange = 1\n",
)  # fmt: skip
BROKEN = (
    'short-name-mode = "often"\n', '[[registry]]\nlocation = "https://docker.io"\n', "[[registry]\n",
    '[registries.block]\nregistries = ["docker.io"]\n', '[[registry]]\nprefix = "docker.io"\n',
    '[registries.search]\nregistries = ["docker.io"]\n',
)  # fmt: skip


class World(NamedTuple):
    """Texts by path (`~` is the home), variables, and what a profile says."""

    number: int
    files: Mapping[str, str]
    variables: Mapping[str, str]
    mirrors: Sequence[str]


def world(number: int) -> World:
    """The one of that number; always the same."""
    dice = random.Random(number)
    files = {place: _text(dice) for place in dice.sample(PLACES, dice.randint(1, 4))}
    if dice.random() < 0.12:
        files[dice.choice(PLACES)] = dice.choice(BROKEN)
    variables = {dice.choice(VARIABLES): "~/named.conf"} if dice.random() < 0.2 else {}
    mirrors = dice.sample(("mirror.lab", "two.lab", "bare.lab", "harbor.lab/dockerhub"), dice.randint(1, 2))
    return World(number, files, variables, mirrors)


def _text(dice: random.Random) -> str:
    top = "".join(dice.sample(LINES, dice.choice([0, 0, 1, 2])))
    text = top + "".join(_table(dice) for _ in range(dice.choice([0, 1, 1, 1, 2, 3])))
    return text.replace("\n", "\r\n") if dice.random() < 0.1 else text


def _table(dice: random.Random) -> str:
    prefix = dice.choice(PREFIXES)
    place = dice.choice(LOCATIONS) if "docker.io" in prefix else prefix
    if prefix.startswith("*"):
        place = dice.choice(("", "user.lab"))
    lines = [f'prefix = "{prefix}"\n'] if place.rstrip("/") != prefix or dice.random() < 0.7 else []
    lines += [f'location = "{place}"\n'] if place else []
    for key, odds in (("blocked", 0.2), ("insecure", 0.06), ("mirror-by-digest-only", 0.08)):
        lines += [f"{key} = {dice.choice(['true', 'true', 'false'])}\n"] if dice.random() < odds else []
    dice.shuffle(lines)
    each = [_mirror(dice) for _ in range(dice.choice([0, 0, 1, 1, 2]))]
    if each and dice.random() < 0.5:
        lines.append(f"mirror = [{', '.join('{ ' + ', '.join(pairs) + ' }' for pairs in each)}]\n")
        each = []
    below = "".join("[[registry.mirror]]\n" + "".join(f"{pair}\n" for pair in pairs) for pairs in each)
    return "[[registry]]\n" + "".join(lines) + below


def _mirror(dice: random.Random) -> list[str]:
    pairs = [f'location = "{dice.choice(MIRRORS)}"']
    if dice.random() < 0.12:
        pairs.append(f'pull-from-mirror = "{dice.choice(["digest-only", "tag-only", "all"])}"')
    return pairs
