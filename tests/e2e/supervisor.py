"""A real systemd for one user, as a process of the test's own, in mounts and control groups of its own."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from tests import parts

SYSTEMD = Path("/usr/lib/systemd/systemd")
RUNTIME = Path("/run/user/0")
# systemd runs for a user only where it seems to run for the machine: sd_booted(3).
SCRIPT = f"""\
for group in $GROUPS_OF_OWN; do mkdir -p "$group" && echo $$ >"$group/cgroup.procs"; done
mount --make-rprivate / && mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system {RUNTIME} && chmod 700 {RUNTIME}
exec {SYSTEMD} --user --unit=basic.target
"""


def eventually(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)


class Supervisor:
    """Runs until `stop`; commands run beside it, in its mounts."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        parts.mounts()
        if not SYSTEMD.exists():
            parts.absent("systemd is not installed")
        self._groups = _groups()
        self.environ = {**environ, "XDG_RUNTIME_DIR": str(RUNTIME)}
        own = {"GROUPS_OF_OWN": " ".join(map(str, self._groups))}
        argv = [parts.program("unshare"), "-m", "sh", "-ec", SCRIPT]
        self._process = subprocess.Popen(argv, env=self.environ | own, start_new_session=True)
        up = Path(f"/proc/{self._process.pid}/root{RUNTIME}/systemd/private")
        eventually(lambda: up.exists() or self._process.poll() is not None)
        if self._process.poll() is not None:
            pytest.skip("systemd doesn't run for a user here: it may not make control groups")

    def run(self, *argv: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command where the supervisor can be reached."""
        inside: Sequence[str | Path] = ["nsenter", "-t", str(self._process.pid), "-m", "--", *argv]
        return subprocess.run(
            inside, env=self.environ, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )

    def shows(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.run("systemctl", "--user", "show", "--value", "-p", name, unit).stdout.strip()

    def stop(self) -> None:
        """Stop it and all that it runs."""
        if self._process.poll() is None:
            self.run("systemctl", "--user", "exit")
            self._process.wait(30)
        for group in self._groups:
            for folder, _, _ in os.walk(group, topdown=False):
                with suppress(OSError):
                    Path(folder).rmdir()


def _groups() -> list[Path]:
    """Control groups to make: in each hierarchy that systemd itself would use."""
    base = Path("/sys/fs/cgroup")
    found = [base] if (base / "cgroup.procs").exists() else [base / "systemd", base / "unified"]
    groups = [path / f"mirrorcfg-test-{os.getpid()}" for path in found if path.is_dir()]
    if not groups or not os.access(groups[0].parent, os.W_OK):
        pytest.skip("control groups can't be made here")
    return groups
