"""`python -m tests.fuzz TARGET [OPTION…]`: libFuzzer, by way of atheris, on one target until it finds something.

The options are libFuzzer's: -max_total_time=SECONDS, -runs=NUMBER, -seed=NUMBER. A find is written to
tests/fuzz/regressions/TARGET-…; test_fuzz.py tries each file there again.
"""

from __future__ import annotations

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


if __name__ == "__main__":
    main(*sys.argv[1:])
