"""Run mirrorcfg as ``python -m mirrorcfg``."""

from mirrorcfg.cli.app import main

if __name__ == "__main__":
    main()
