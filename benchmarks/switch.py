"""What a switch costs, side by side: each round runs every command once, so a slow moment hits them all.

Prints the median of each and the ratios that docs/architecture.md makes promises about. It judges nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

RUNS = int(os.environ.get("BENCH_RUNS", "15"))
OTHER = """\
schema = 1
name = "other"
title = { en = "The other mirror" }
[pip]
index-url = "https://other.example/simple"
[conda]
default-channels = ["https://other.example/pkgs/main"]
[docker]
registry-mirrors = ["https://other.example"]
"""
PIP_CONF = "# ours\n[global]\ntimeout = 60\nindex-url = https://old.example/simple\n"
CONDARC = "channels:\n  - conda-forge  # first\n  - defaults\n"
DAEMON = {"log-driver": "json-file", "runtimes": {"nvidia": {"path": "nvidia-container-runtime"}}}


class Bench:
    """A throwaway home and root, and commands that are timed in turn."""

    def __init__(self, folder: Path) -> None:
        self.root, self.home = folder / "root", folder / "home"
        self.times: dict[str, list[float]] = {}
        self.commands: dict[str, Callable[[], list[str]]] = {}
        self.environ = {"HOME": str(self.home), "PATH": os.environ["PATH"], "MIRRORCFG_PROFILES": str(folder)}
        (folder / "other.toml").write_text(OTHER)
        for path, text in {
            "etc/pip.conf": PIP_CONF,
            "etc/conda/.condarc": CONDARC,
            "etc/docker/daemon.json": json.dumps(DAEMON, indent=4),
        }.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)
        self.home.mkdir()

    def add(self, name: str, *argv: str | Callable[[], str]) -> None:
        self.commands[name] = lambda: [word if isinstance(word, str) else word() for word in argv]

    def run(self) -> None:
        for round_ in range(RUNS + 1):
            for name, argv in self.commands.items():
                words = argv()
                start = time.perf_counter()
                subprocess.run(words, env=self.environ, check=True, capture_output=True)
                if round_:  # the first one warms the caches
                    self.times.setdefault(name, []).append(time.perf_counter() - start)

    def median(self, name: str) -> float:
        return statistics.median(self.times[name])

    def report(self) -> None:
        print(f"{RUNS} rounds, Python {sys.version.split()[0]}; median, minimum, maximum in ms")
        for name, times in self.times.items():
            print(
                f"{self.median(name) * 1000:8.1f} {min(times) * 1000:8.1f} {max(times) * 1000:8.1f}  {name}"
            )
        print()
        for over, under in [*((USE, name) for name in pips()), *RATIOS]:
            if over in self.times and under in self.times:
                print(f"{self.median(over) / self.median(under):8.2f}  {over} / {under}")


USE, STATUS, HELP = "mirrorcfg use (3 tools)", "mirrorcfg status", "mirrorcfg --help"
FLOOR, TYPER, BARE = "import typer, ruamel.yaml, tomlkit", "import typer", "python -c pass"
PEERS = ("conda config --set", "jq", "chsrc", "cnpip")
RATIOS = [
    (USE, FLOOR),
    (STATUS, FLOOR),
    (HELP, TYPER),
    (USE, BARE),
    *((USE, peer) for peer in PEERS),
]


def pips() -> dict[str, str]:
    """The pip of this environment and that of the Python it was made from, by version."""
    found = {}
    for python in (sys.executable, str(Path(sys.base_prefix, "bin", "python3"))):
        done = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, text=True)
        if not done.returncode:
            found[f"pip {done.stdout.split()[1]} config set"] = python
    return found


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mirrorcfg-bench-") as folder:
        bench = Bench(Path(folder))
        mirrorcfg = str(Path(sys.executable).with_name("mirrorcfg"))
        turn = cycle(["china", "other"])
        number = cycle(["1", "2"])
        bench.add(USE, mirrorcfg, "use", lambda: next(turn), "--root", str(bench.root), "--no-verify")
        bench.add(STATUS, mirrorcfg, "status", "--root", str(bench.root))
        bench.add(HELP, mirrorcfg, "--help")
        bench.add(FLOOR, sys.executable, "-c", "import typer, ruamel.yaml, tomlkit")
        bench.add(TYPER, sys.executable, "-c", "import typer")
        bench.add(BARE, sys.executable, "-c", "pass")
        url = "https://{}.example/simple".format
        for name, python in pips().items():
            bench.add(
                name, python, "-m", "pip", "config", "set", "global.index-url", lambda: url(next(number))
            )
        if conda := shutil.which("conda"):
            bench.add(PEERS[0], conda, "config", "--set", "channel_alias", lambda: url(next(number)))
        if jq := shutil.which("jq"):
            daemon = str(bench.root / "etc/docker/daemon.json")
            bench.add(PEERS[1], jq, lambda: f'."registry-mirrors" = ["{url(next(number))}"]', daemon)
        if chsrc := shutil.which("chsrc"):
            bench.add(PEERS[2], chsrc, "set", "pip", lambda: url(next(number)))
        if cnpip := shutil.which("cnpip"):
            bench.add(PEERS[3], cnpip, "set", lambda: next(cycle(["tuna", "ustc"])))
        bench.run()
        bench.report()


if __name__ == "__main__":
    main()
