"""What Ansible takes for 1, 5 and 20 hosts: seconds and bytes a host, for each of a fleet's chores.

Needs what tests/fleet needs, and `make pyz`. Prints figures; it judges nothing.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from tests.fleet.engine import Engine  # noqa: E402
from tests.fleet.hosts import Fleet  # noqa: E402

COUNTS = [int(count) for count in os.environ.get("FLEET_HOSTS", "1 5 20").split()]
PYZ = REPOSITORY / "dist" / "mirrorcfg.pyz"
ONBOARD, RESTORE = "mirrorcfg.sources.onboard", "mirrorcfg.sources.restore"
USE = {"onboard_profile": "tsinghua", "onboard_tools": ["pip", "conda"], "onboard_verify": False}
CHORES: dict[str, tuple[str, dict[str, object]]] = {
    "bring mirrorcfg": (ONBOARD, {"onboard_pyz": str(PYZ)}),
    "use, first run": (ONBOARD, USE),
    "use, second run": (ONBOARD, USE),
    "restore": (RESTORE, {}),
}


def measure(fleet: Fleet, ansible: Engine) -> None:
    """Each chore once, over all hosts."""
    count = len(fleet.hosts)
    for name, (playbook, variables) in CHORES.items():
        carried, start = fleet.carried(), time.perf_counter()
        played = ansible.play(playbook, **variables)
        seconds, size = time.perf_counter() - start, fleet.carried() - carried
        assert len(played.changes) == count, played.said
        changed = sum(bool(changes) for changes in played.changes.values())
        print(
            f"{count:6} {seconds:8.1f} {seconds / count:8.2f} {size / count / 1000:10.0f} {changed:8}  {name}"
        )


def main() -> None:
    print(" hosts  seconds   a host  kB a host  changed  chore")
    for count in COUNTS:
        with tempfile.TemporaryDirectory(prefix="mirrorcfg-fleet-") as folder:
            fleet = Fleet(count, Path(folder) / "fleet")
            try:
                ansible = fleet.engine()
                ansible.install(REPOSITORY / "ansible")
                measure(fleet, ansible)
            finally:
                fleet.stop()


if __name__ == "__main__":
    main()
