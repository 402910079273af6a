"""`python -m tests.fuzz.confined SECONDS BYTES`: runs targets within the kernel's limits, one line each.

A line is a target's name and its bytes in hex; the answer is `ok` or what went wrong. What takes more than
SECONDS of the processor, or BYTES of addresses, ends this process or shows as a MemoryError.
"""

from __future__ import annotations

import resource
import subprocess
import sys

from tests.fuzz.files import TARGETS


class Confined:
    """Such a process; it is started anew after a death."""

    def __init__(self, seconds: int, size: int) -> None:
        self._argv = [sys.executable, "-m", "tests.fuzz.confined", str(seconds), str(size)]
        self._process: subprocess.Popen[str] | None = None

    def run(self, target: str, data: bytes) -> str:
        """`ok`, what was raised, or how the process died."""
        if self._process is None:
            self._process = subprocess.Popen(
                self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{target} {data.hex()}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        return answer or f"ended with {self.close()}"

    def close(self) -> int:
        """End it."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.communicate(timeout=60)
        return process.returncode


def main(seconds: int, size: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime) + 1 + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        name, _, data = line.partition(" ")
        try:
            TARGETS[name](bytes.fromhex(data))
            answer = "ok"
        except Exception as error:
            answer = f"{type(error).__name__}: {error}".replace("\n", " ")[:500]
        print(answer, flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
