"""Where the program starts and ends, as `mirrorcfg` and as `python -m mirrorcfg`."""

from __future__ import annotations

from mirrorcfg import interruption

interruption.begin()  # before the rest is imported: that takes most of a short command's time

import contextlib  # noqa: E402
import gc  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402


def main() -> None:
    """Run the command line, and leave with its exit code."""
    # A command lives for a tenth of a second, and looking for cycles to free would take a tenth of that.
    gc.disable()
    _fill()
    from mirrorcfg.cli.app import main as run

    try:
        run()
    except SystemExit as leaving:
        if isinstance(leaving.code, int):
            _leave(leaving.code)
        raise


def _fill() -> None:
    """Put something in the place of a standard stream that is closed, as the next file would come there.

    It can be used no more than one that is closed; so what `run` starts finds what it would have found.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if number == 0 else os.O_RDONLY)


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
