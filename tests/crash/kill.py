"""Kill a real process at each of its system calls that change something, and look at what is left.

`strace -e inject` kills at the N-th call, before it is carried out. Needs strace and the right to trace.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CALLS = (
    "openat",
    "write",
    "pwrite64",
    "ftruncate",
    "fsync",
    "fchmod",
    "fchown",
    "rename",
    "renameat2",
    "unlink",
    "mkdir",
    "rmdir",
)
"""What a change is made of; `openat` too, since it makes files."""

INTERPRETER = Path(sys.executable).resolve()


def packages() -> list[str]:
    """Where this interpreter finds its packages, for one that is started without `site`."""
    return [path for path in sys.path if path]


@functools.cache
def why_not() -> str | None:
    """Why processes can't be killed this way here; None if they can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    probe = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return None if probe.returncode == 0 else "this user may not trace processes"


def count(command: Sequence[str], env: Mapping[str, str], log: Path) -> dict[str, int]:
    """How often the command makes each of the calls when nobody kills it."""
    trace = ["strace", "-f", "-o", str(log), "-e", f"trace={','.join(CALLS)}"]
    subprocess.run([*trace, *command], env=dict(env), check=True, capture_output=True)
    found = re.findall(rf"^\d+ +({'|'.join(CALLS)})\(", log.read_text(), re.MULTILINE)
    return {call: found.count(call) for call in CALLS if call in found}


def kill(command: Sequence[str], env: Mapping[str, str], call: str, number: int) -> bool:
    """Run the command and kill it before its `number`-th `call`; whether it died of that."""
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"]
    run = ["strace", "-f", "-o", "/dev/null", *inject, *command]
    return subprocess.run(run, env=dict(env), check=False, capture_output=True).returncode != 0


def everywhere(
    prepare: Callable[[str], tuple[Sequence[str], Mapping[str, str]]],
    judge: Callable[[str], Iterator[str]],
    scratch: Path,
    *,
    skip: Mapping[str, int] | None = None,
    workers: int = 4,
) -> tuple[int, list[str]]:
    """Kill the command at each call; how many runs that were, and what was wrong after them.

    `prepare` makes a place by that name and gives the command that changes it; `judge` says what is wrong
    there. `skip` is how many calls of each kind come before the first that matters (imports).
    """
    counts = count(*prepare("whole"), scratch / "strace.log")
    problems = [f"whole: {problem}" for problem in judge("whole")]
    points = [
        (call, number)
        for call, total in counts.items()
        for number in range(1 + (skip or {}).get(call, 0), total + 1)
    ]

    def one(point: tuple[str, int]) -> list[str]:
        name = f"{point[0]}-{point[1]}"
        kill(*prepare(name), *point)
        return [f"{name}: {problem}" for problem in judge(name)]

    with ThreadPoolExecutor(workers) as pool:
        for found in pool.map(one, points):
            problems += found
    return len(points), problems
