"""`python -m tests.clients.record_ways --program PYTHON`: how that Python's conda gets to a channel in each world."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.clients.ways import Lab, asked_by_conda, world

ANSWERS = Path(__file__).with_name("conda_ways.json")
WORLDS = 100


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--program", required=True, help="a Python that can import conda")
    program = options.parse_args().program
    line = [program, "-c", "import conda; print(conda.__version__)"]
    version = subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()
    found = []
    with tempfile.TemporaryDirectory() as folder, Lab(Path(folder)).open() as lab:
        for number in range(WORLDS):
            given = world("conda", number)
            asked_by_conda(lab, *lab.placed(given, "/usr/bin:/bin"), program)
            seen = lab.seen(given)
            found.append([sorted(seen.proxies), seen.came, seen.let_in])
    lines = ",\n".join(map(json.dumps, found))
    ANSWERS.write_text(f'{{"conda": {json.dumps(version)}, "ways": [\n{lines}\n]}}\n')
    print(f"{WORLDS} worlds, conda {version}", file=sys.stderr)


if __name__ == "__main__":
    main()
