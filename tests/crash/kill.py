"""Kill a real process at each of its system calls that change something, and look at what is left.

`strace -e inject` kills at the N-th call, before it is carried out. Needs strace and the right to trace.
The power stays on: no fsync is among the calls (test_crash.py has those).
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CALLS = (
    "openat", "write", "pwrite64", "copy_file_range", "sendfile", "ftruncate", "fchmod", "fchmodat",
    "fchown", "fchownat", "fsetxattr", "setxattr", "fremovexattr", "removexattr", "utimensat", "rename",
    "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat", "mkdir",
    "mkdirat", "rmdir",
)  # fmt: skip
"""What a change is made of; `openat` where it makes a file or empties one."""

Point = tuple[str, int]
"""A call, and which of its kind in the process's life it is, from 1."""

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


def points(command: Sequence[str], env: Mapping[str, str], log: Path) -> list[Point]:
    """Every call that changes something when nobody kills the command.

    A kill before one that only reads leaves what a kill before the next that changes something does.
    """
    trace = ["strace", "-f", "-o", str(log), "-e", f"trace={','.join(CALLS)}"]
    subprocess.run([*trace, *command], env=dict(env), check=True, capture_output=True)
    seen: Counter[str] = Counter()
    found = []
    for call, arguments in re.findall(rf"^\d+ +({'|'.join(CALLS)})\((.*)", log.read_text(), re.MULTILINE):
        seen[call] += 1
        if call != "openat" or "O_CREAT" in arguments or "O_TRUNC" in arguments:
            found.append((call, seen[call]))
    return found


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
    workers: int = 4,
) -> tuple[int, list[str]]:
    """Kill the command at each call; how many runs that were, and what was wrong after them.

    `prepare` makes a place by that name and gives the command that changes it; `judge` says what is wrong
    there.
    """
    every = points(*prepare("whole"), scratch / "strace.log")
    problems = [f"whole: {problem}" for problem in judge("whole")]

    def one(point: Point) -> list[str]:
        name = f"{point[0]}-{point[1]}"
        died = kill(*prepare(name), *point)
        return [f"{name}: {problem}" for problem in (*judge(name), *(() if died else ("nothing died",)))]

    with ThreadPoolExecutor(workers) as pool:
        for found in pool.map(one, every):
            problems += found
    return len(every), problems
