"""What size costs: a long history, and large files. Prints figures; judges nothing.

SCALE_GENERATIONS (10000) and SCALE_RUNS (9) make it shorter.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

from mirrorcfg.model.plan import Change, Plan
from mirrorcfg.store import Store

GENERATIONS = int(os.environ.get("SCALE_GENERATIONS", "10000"))
RUNS = int(os.environ.get("SCALE_RUNS", "9"))
MIRRORCFG = str(Path(sys.executable).with_name("mirrorcfg"))
TURN = cycle(["china", "nju"])


def run(root: Path, *argv: str) -> float:
    """Seconds that one command took."""
    environ = {"HOME": str(root), "PATH": os.environ["PATH"], "MIRRORCFG_KEEP": "100000"}
    start = time.perf_counter()
    subprocess.run(
        [MIRRORCFG, *argv, *(["--no-verify"] if argv[0] == "use" else []), "--root", str(root)],
        env=environ,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - start


def peak() -> float:
    """The largest child so far, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def history(folder: Path) -> None:
    """`use` and `status` beside one another, with one generation and with many."""
    short, long = folder / "short", folder / "long"
    for root in (short, long):
        (root / "etc").mkdir(parents=True)
        (root / "etc/pip.conf").write_text("[global]\ntimeout = 5\n")
        run(root, "use", "china", "--tool", "pip")
    store = Store(long / "var/lib/mirrorcfg", allowed=lambda path: True, root=long, keep=100000)
    path = long / "etc/pip.conf"
    with store.locked():
        for number in range(GENERATIONS):
            before = path.read_bytes()
            after = f"[global]\nindex-url = https://mirror-{number}.example/simple\n".encode()
            store.commit(Plan((Change("pip", path, before, after),)), command="bench", tools={"pip": "china"})
    times: dict[tuple[str, str], list[float]] = {}
    for _ in range(RUNS):
        profile = next(TURN)
        for name, root in (("1 generation", short), (f"{GENERATIONS} generations", long)):
            times.setdefault(("use", name), []).append(run(root, "use", profile, "--tool", "pip"))
            times.setdefault(("status", name), []).append(run(root, "status"))
    for (verb, name), found in sorted(times.items()):
        print(f"{statistics.median(found) * 1000:8.1f} ms  {verb} with {name}")


def large(folder: Path, file: str, tool: str, content: str) -> None:
    """One switch of one large file, and the memory that it took."""
    root = folder / tool
    path = root / file
    path.parent.mkdir(parents=True)
    path.write_text(content)
    seconds = run(root, "use", "china", "--tool", tool)
    print(f"{seconds:8.2f} s   use of a {len(content) / 1e6:.1f} MB {path.name}; peak memory {peak():.0f} MB")
    run(root, "undo")
    assert path.read_text() == content


def condarc(size: int) -> str:
    lines = "".join(
        f"  lab-{number}: https://conda-{number}.example/base  # no. {number}\n"
        for number in range(size // 50)
    )
    return f"channels:\n  - defaults\ncustom_channels:\n{lines}"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mirrorcfg-scale-") as name:
        folder = Path(name)
        run_small = folder / "small"
        (run_small / "etc").mkdir(parents=True)
        run(run_small, "use", "china", "--tool", "conda")
        print(f"           a small .condarc; peak memory {peak():.0f} MB")
        large(
            folder, "etc/docker/daemon.json", "docker", json.dumps({"labels": ["x" * 98] * 50_000}, indent=1)
        )
        large(folder, "etc/conda/.condarc", "conda", condarc(1_000_000))
        history(folder)


if __name__ == "__main__":
    main()
