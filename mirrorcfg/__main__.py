"""Where the program starts and ends, as `mirrorcfg` and as `python -m mirrorcfg`."""

from __future__ import annotations

import contextlib
import gc
import os
import sys


def main() -> None:
    """Run the command line, and leave with its exit code."""
    # A command lives for a tenth of a second, and looking for cycles to free would take a tenth of that.
    gc.disable()
    from mirrorcfg.cli.app import main as run

    try:
        run()
    except SystemExit as leaving:
        if isinstance(leaving.code, int):
            _leave(leaving.code)
        raise


def _leave(code: int) -> None:
    """End at once: taking a whole interpreter apart takes a fifth of a command's time, and frees nothing.

    Nothing of ours waits for the interpreter's end: files and locks are closed where they are used.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
