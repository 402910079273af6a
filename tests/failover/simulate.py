"""Many random worlds: `python -m tests.failover.simulate [WORLDS]` (default 100,000) says what broke in which."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.failover.world import broken

BATCH = 500


def batch(seeds: Sequence[int]) -> list[tuple[int, str]]:
    return [(seed, promise) for seed in seeds for promise in sorted(set(broken(seed)))]


def main() -> int:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    batches = [range(start, min(start + BATCH, worlds)) for start in range(0, worlds, BATCH)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = [line for lines in pool.map(batch, batches) for line in lines]
    for seed, promise in found:
        print(f"world {seed}: {promise}")
    print(f"{worlds} worlds, {len(found)} broken promises")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
