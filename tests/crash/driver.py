"""A process to be killed: one change of three files. Called with the directory that it all happens in."""

import sys
from pathlib import Path

from mirrorcfg.model.plan import Change, Plan
from mirrorcfg.store import Store

GOAL = {
    "etc/pip.conf": b"new pip\n",
    "home/config/condarc": b"new conda\n",
    "etc/daemon.json": b'{"new": 1, "longer": true}\n',
    "etc/gone": None,
}


def main(base: Path) -> None:
    store = Store(base / "state", allowed=lambda path: path.is_relative_to(base))
    with store.locked():
        changes = [Change("pip", base / p, store.read(base / p), data) for p, data in GOAL.items()]
        store.commit(Plan(tuple(changes)), command="use", tools={"pip": "x"})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
