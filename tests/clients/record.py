"""`python -m tests.clients.record conda --program NEW --older OLD`: what the conda in each of these Pythons asks.

The answers go into conda.json, world by world, with the versions. What is conda's own (the alias and the channels it
ships with) is kept as `?name`, so that no address of theirs stands here; what conda refuses to start with is the name
of its error. `--fresh N` records nothing, and holds mirrorcfg against N worlds that were never recorded.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.clients.conda_by_hand import BY_HAND
from tests.clients.conda_worlds import VERSIONS, World, world

ANSWERS = Path(__file__).with_name("conda.json")
WORLDS = 800
_DRIVER = """
import json, os, re, sys
import conda
from conda.base.constants import DEFAULT_CHANNEL_ALIAS, DEFAULT_CHANNELS
from conda.base.context import context, reset_context
from conda.common.configuration import YamlRawParameter
from conda.models.channel import Channel, all_channel_urls, offline_keep

HOSTS = [DEFAULT_CHANNELS[0].partition("/pkgs/")[0], DEFAULT_CHANNEL_ALIAS]
forget = getattr(YamlRawParameter, "cache_clear", lambda: None)

def plain(url):
    base = url.rpartition("/")[0]
    for host in HOSTS:
        if base.startswith(host + "/"):
            return "?" + re.sub("^t/[^/]*/", "", base[len(host) + 1:])
    return re.sub("^file:.*/(home|work/[a-z:/]+)$", r"file://%/\\1", base)

def answer():
    try:
        forget()
        reset_context()
        Channel._reset_state()
        context.validate_configuration()
        urls = [url for url in all_channel_urls(context.channels) if offline_keep(url)]
        return list(dict.fromkeys(map(plain, urls)))
    except Exception as error:
        return type(error).__name__

told, sys.stdout = sys.stdout, sys.stderr  # conda prints what it stumbles over
print(json.dumps(conda.__version__), file=told, flush=True)
for line in sys.stdin:
    environ, prefix, work = json.loads(line)
    for name in list(os.environ):
        if name.upper().startswith("CONDA") or name in ("HOME", "XDG_CONFIG_HOME"):
            del os.environ[name]
    sys.prefix = os.environ["CONDA_ROOT"] = prefix
    os.environ.update(environ)
    os.chdir(work)
    print(json.dumps(answer()), file=told, flush=True)
"""


class Conda:
    """The conda that a Python can import, asked of one world after the other."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen(
            [program, "-c", _DRIVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.version: str = self._read()

    def asked(self, environ: dict[str, str], prefix: Path, work: Path) -> Any:
        """What it asks, installed in `prefix`, in order; the name of the error where it refuses to."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps([environ, str(prefix), str(work)]) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())


def answers(condas: dict[str, Conda], worlds: Iterable[World]) -> Iterator[Any]:
    """What came of each world, by the conda of its era."""
    for made in worlds:
        conda = condas[made.era]
        with tempfile.TemporaryDirectory() as folder:
            here = Path(folder)
            yield conda.asked(made.build(here, conda.version), here / "prefix", here / "work")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("client", choices=["conda"])
    options.add_argument("--program", required=True, help="a Python that can import conda, 26.1 or later")
    options.add_argument("--older", required=True, help="a Python that can import conda, 25.8 or before")
    options.add_argument("--worlds", type=int, default=WORLDS)
    options.add_argument(
        "--fresh", type=int, default=0, help="how many worlds to try, and from which number on"
    )
    options.add_argument("--start", type=int, default=100_000)
    told = options.parse_args()
    condas = dict(zip(VERSIONS, (Conda(told.program), Conda(told.older)), strict=True))
    versions = {era: conda.version for era, conda in condas.items()}
    if told.fresh:
        from tests.clients.test_conda import wrong

        worlds = {number: world(number) for number in range(told.start, told.start + told.fresh)}
        tried = zip(worlds.items(), answers(condas, worlds.values()), strict=True)
        differing = {
            number: found
            for (number, made), asked in tried
            if (found := wrong(made, versions[made.era], asked))
        }
        for number, found in differing.items():
            print(number, *found, sep="\n   ")
        sys.exit(f"{len(differing)} of {told.fresh} worlds differ" if differing else None)
    made = answers(condas, map(world, range(told.worlds)))
    lines = ",\n".join(map(json.dumps, made))
    by_hand = zip(BY_HAND, answers(condas, BY_HAND.values()), strict=True)
    named = ",\n".join(f"{json.dumps(name)}: {json.dumps(asked)}" for name, asked in by_hand)
    ANSWERS.write_text(
        f'{{"conda": {json.dumps(versions)}, "asked": [\n{lines}\n], "by hand": {{\n{named}\n}}}}\n'
    )
    print(f"{told.worlds} and {len(BY_HAND)} worlds, conda {versions}", file=sys.stderr)


if __name__ == "__main__":
    main()
