"""`python -m tests.fuzz TARGET[,TARGET…] [OPTION…]`: libFuzzer, by way of atheris, on a target until it finds something.

Several are gone through one after the other, each in a process of its own.
The options are libFuzzer's: -max_total_time=SECONDS, -runs=NUMBER, -seed=NUMBER. A find is written to
tests/fuzz/regressions/TARGET-…; test_fuzz.py tries each file there again.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mirrorcfg"]):
    from tests.fuzz.targets import TARGETS, seeds

HERE = Path(__file__).parent
BOUNDS = ["-timeout=30", "-rss_limit_mb=1024", "-max_len=65536"]


def main(name: str, *options: str) -> None:
    (HERE / "regressions").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for number, seed in enumerate(seeds(name)):
            (Path(folder) / f"seed-{number}").write_bytes(seed)
        found = f"-artifact_prefix={HERE / 'regressions'}/{name}-"
        atheris.Setup([sys.argv[0], folder, *BOUNDS, found, *options], TARGETS[name])
        atheris.Fuzz()


def each(names: str, *options: str) -> None:
    """The modules are instrumented once for all, which takes longer than a short run."""
    for name in names.split(","):
        if (child := os.fork()) == 0:
            main(name, *options)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"{name} ended badly")


if __name__ == "__main__":
    each(*sys.argv[1:])
