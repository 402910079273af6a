"""mirrorcfg with one more tool, whose file lies beside this one."""

from pathlib import Path

import mirrorcfg.writers

mirrorcfg.writers.__path__.append(str(Path(__file__).parent / "writers"))

from mirrorcfg.__main__ import main  # noqa: E402

main()
