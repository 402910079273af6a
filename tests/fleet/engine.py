"""Ansible, as a user runs it: the collection built and installed, a playbook, and what came of each host."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests import parts


class Played(NamedTuple):
    """What came of a playbook: each host's last result by its name, and what Ansible said."""

    results: Mapping[str, dict[str, Any]]
    said: str

    @property
    def changes(self) -> dict[str, int]:
        """How many tasks changed something, by host, as Ansible counts them in the end."""
        found = re.findall(r"^(\S+) +: .* changed=(\d+)", self.said, re.M)
        return {name: int(count) for name, count in found}


class Engine:
    """Ansible with all that is its own in one folder, over the hosts of an inventory."""

    def __init__(
        self, folder: Path, inventory: str, *, prefix: Sequence[str] = (), settings: Mapping[str, object] = {}
    ) -> None:
        self.folder, self.prefix = folder, prefix
        self.results = folder / "results"
        folder.mkdir(parents=True)
        (folder / "inventory.ini").write_text(inventory)
        own: dict[str, object] = {
            "COLLECTIONS_PATH": folder / "collections",
            "HOME": folder / "ansible",
            "INVENTORY": folder / "inventory.ini",
            "NOCOLOR": 1,
            "CALLBACK_PLUGINS": Path(__file__).with_name("callback"),
            "CALLBACKS_ENABLED": "results",
            **settings,
        }
        self.environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "RESULTS": str(self.results),
            **{f"ANSIBLE_{name}": str(value) for name, value in own.items()},
        }

    def install(self, collection: Path) -> None:
        """Build the collection and put it where Ansible finds it."""
        built = self.folder / "built"
        galaxy = [parts.program("ansible-galaxy"), "collection"]
        self._run([*galaxy, "build", str(collection), "--output-path", str(built)])
        [archive] = built.iterdir()
        self._run(
            [*galaxy, "install", "--offline", str(archive), "-p", self.environ["ANSIBLE_COLLECTIONS_PATH"]]
        )

    def play(self, playbook: str | Path, *options: str, **variables: Any) -> Played:
        """Run a playbook over all hosts; some may fail, or be out of reach."""
        self.results.write_text("")
        argv = [parts.program("ansible-playbook"), str(playbook), *options, "-e", json.dumps(variables)]
        said = self._run([*self.prefix, *argv], good=(0, 2, 4))
        lines = self.results.read_text().splitlines()
        return Played(dict(json.loads(line) for line in lines), said)

    def _run(self, argv: Sequence[str], good: Sequence[int] = (0,)) -> str:
        done = subprocess.run(argv, env=self.environ, cwd=self.folder, capture_output=True, text=True)
        assert done.returncode in good, done.stdout + done.stderr
        return done.stdout + done.stderr
