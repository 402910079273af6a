"""How long a mirror's death is felt: from the fault to the next `pip download` that works, by `watch`.

And how `failover` keeps its deadline, whatever fails: `python benchmarks/failover.py deadline`. Needs root,
and what tests/e2e/test_failover.py needs. Prints medians and shares; it judges nothing.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from tests.e2e.outage import TOOLS, Internet  # noqa: E402
from tests.e2e.test_failover import CASES  # noqa: E402
from tests.sandbox import Sandbox, environment  # noqa: E402

RUNS, INTERVAL, TIMEOUT = int(os.environ.get("BENCH_RUNS", "5")), 5.0, 10.0
SHORT = 2.0
PARTS = ("until a look fails", "until it counts as down", "until pip has it")
FAULTS = ("killed", "black hole", "403")


def run(internet: Internet, box: Sandbox, fault: str) -> list[float]:
    """Seconds of each part, once."""
    internet.run(box, "use", "first", "--tool", "pip", "--no-verify")
    (box.folder / "state/failover").unlink(missing_ok=True)
    argv = ("watch", "--tool", "pip", "--interval", str(INTERVAL), "--timeout", str(TIMEOUT), "--json")
    with internet.start(box, *argv) as process:
        try:
            assert process.stdout
            assert json.loads(process.stdout.readline())["action"] == "stay"
            time.sleep(random.uniform(0, INTERVAL))  # a mirror doesn't wait for our looks
            internet.fail(fault, "pip")
            marks = [time.monotonic()]
            action = ""
            while action != "switch":
                action = json.loads(process.stdout.readline())["action"]
                marks.append(time.monotonic())
            # A hard failure isn't counted: the look that finds it acts.
            marks = [marks[0], marks[1], marks[-1]]
            download(internet, box)
            marks.append(time.monotonic())
        finally:
            process.send_signal(signal.SIGTERM)
            internet.mend()
    return [after - before for before, after in pairwise(marks)]


def download(internet: Internet, box: Sandbox) -> None:
    with tempfile.TemporaryDirectory() as got:
        argv = [
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "download",
            "--no-deps",
            "-d",
            got,
            "six",
        ]
        environ = environment() | {"HOME": str(box.home), "XDG_CONFIG_DIRS": str(box.folder / "xdg")}
        subprocess.run([*internet.client.prefix, *argv], env=environ, check=True, capture_output=True)


def deadline(internet: Internet, box: Sandbox) -> None:
    """Seconds of `failover` beyond its --timeout; negative where it was done before."""
    print(f"{RUNS} runs, failover --timeout {SHORT:g}: the slowest's seconds beyond it")
    for fault, who in CASES:
        for tool in TOOLS if who == "all" else (who,):
            internet.fail(fault, tool)
        print(f"{fault:12}{who:8}{max(_over(internet, box) for _ in range(RUNS)):6.2f}", flush=True)
        internet.mend()
    internet.cut()
    print(f"our own cable cut   {max(_over(internet, box) for _ in range(RUNS)):6.2f}")


def _over(internet: Internet, box: Sandbox) -> float:
    for tools in (("--tool", "pip", "--tool", "conda"), ("--tool", "docker", "--scope", "user")):
        internet.run(box, "use", "first", *tools, "--no-verify")
    started = time.monotonic()
    internet.run(box, "failover", "--timeout", str(SHORT))
    return time.monotonic() - started - SHORT


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        internet, box = Internet(Path(folder) / "internet"), Sandbox(Path(folder))
        try:
            internet.profiles(box)
            if sys.argv[1:] == ["deadline"]:
                return deadline(internet, box)
            print(f"{RUNS} runs, watch --interval {INTERVAL:g} --timeout {TIMEOUT:g}, medians in seconds")
            print(f"{'':12}{'in all':>8}  " + "  ".join(PARTS))
            for fault in FAULTS:
                runs = [run(internet, box, fault) for _ in range(RUNS)]
                total = statistics.median(map(sum, runs))
                parts = [statistics.median(column) for column in zip(*runs, strict=True)]
                shares = "  ".join(
                    f"{part:6.2f} ({part / sum(parts):4.0%})".rjust(len(name))
                    for part, name in zip(parts, PARTS, strict=True)
                )
                print(f"{fault:12}{total:8.2f}  {shares}", flush=True)
        finally:
            internet.stop()


if __name__ == "__main__":
    main()
