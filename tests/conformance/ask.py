"""The verifier in a process of its own: probes as JSON on stdin, verdicts on stdout."""

from __future__ import annotations

import gc
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from mirrorcfg.model.verdict import Verdict
from tests.asking import probe, verify


def plain(verdict: Verdict) -> dict[str, Any]:
    """What a verdict says, without the probe."""
    answer = {**vars(verdict), "phases": verdict.phases._asdict()}
    answer.pop("probe")
    return answer


def megabytes() -> float:
    """The most memory that this program held; getrusage would count what its parent held when it forked."""
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert peak
    return int(peak[1]) / 1024


def main() -> None:

    gc.disable()  # as the program does: mirrorcfg/__main__.py
    asked = json.load(sys.stdin)
    probes = [probe(**fields) for fields in asked["probes"]]
    start = time.perf_counter()
    verdicts = verify(probes, **asked["options"])
    seconds = time.perf_counter() - start
    assert [verdict.probe.url for verdict in verdicts] == [each.url for each in probes]
    print(
        json.dumps(
            {"verdicts": [plain(verdict) for verdict in verdicts], "seconds": seconds, "mb": megabytes()}
        )
    )


if __name__ == "__main__":
    main()
