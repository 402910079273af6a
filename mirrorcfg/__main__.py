"""Where the program starts, as `mirrorcfg` and as `python -m mirrorcfg`."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command line."""
    # A command lives for a tenth of a second, and looking for cycles to free would take a tenth of that.
    gc.disable()
    from mirrorcfg.cli.app import main as run

    run()


if __name__ == "__main__":
    main()
