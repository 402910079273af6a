"""What it takes to ask many sources at once: 100 sound ones beside the slowest of them alone.

Needs what tests/conformance needs. Prints medians and their ratio; it judges nothing.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from mirrorcfg.model.verdict import Probe  # noqa: E402
from tests.asking import probe  # noqa: E402
from tests.conformance.certificates import address  # noqa: E402
from tests.conformance.lab import SUBDIR, Lab, ask  # noqa: E402
from tests.conformance.test_load import PATHS  # noqa: E402

RUNS, SOURCES = int(os.environ.get("BENCH_RUNS", "5")), 100
OPTIONS = {"timeout": 20.0, "environ": {}, "subdir": SUBDIR}


def run(probes: list[Probe]) -> tuple[float, dict[str, float], float]:
    """Seconds of the call, milliseconds of each source, megabytes."""
    answer = ask(probes, OPTIONS)
    assert all(verdict["ok"] for verdict in answer["verdicts"]), answer["verdicts"]
    times = {probe.url: verdict["ms"] for probe, verdict in zip(probes, answer["verdicts"], strict=True)}
    return answer["seconds"], times, answer["mb"]


def measure(lab: Lab, tools: tuple[str, ...]) -> None:
    """All of them at once, then each kind alone; the slowest kind's median counts."""
    ca, port = str(lab.authority.ca), lab.ports["many"]
    probes = [
        probe(
            tools[n % len(tools)],
            "source",
            f"https://{address(n)}:{port}{PATHS[tools[n % len(tools)]]}",
            None,
            ca,
        )
        for n in range(SOURCES)
    ]
    run(probes[:3])
    together, alone, peak = [], [], 0.0
    for _ in range(RUNS):
        seconds, _times, megabytes = run(probes)
        together.append(seconds)
        peak = max(peak, megabytes)
        alone.append(max(run([probe])[0] for probe in probes[: len(tools)]))
    all_of_them, slowest = statistics.median(together), statistics.median(alone)
    bound = 1.5 * slowest + 0.3
    print(
        f"{'+'.join(tools):16} {SOURCES} at once {all_of_them:6.3f} s   slowest alone {slowest:6.3f} s   "
        f"1.5 x + 0.3 s = {bound:5.3f} s   {peak:4.0f} MB"
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        lab = Lab(Path(folder) / "lab", [])
        try:
            lab.start()
            version = sys.version.split()[0]
            print(f"{RUNS} runs, Python {version}, {os.cpu_count()} cores with the servers on them")
            for tools in (("pip",), ("conda",), ("docker",), ("pip", "conda", "docker")):
                measure(lab, tools)
        finally:
            lab.stop()


if __name__ == "__main__":
    main()
