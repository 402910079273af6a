"""A machine of its own for an attack: mounts that nobody else sees, throwaway accounts, root who is attacked."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests import parts
from tests.sandbox import PROGRAM, Done

EVE, LI = 41001, 41002
"""The attacker, and an honest user; no database knows them."""

# A tmpfs each, /etc with what stands in the machine's own but for what an attack is about.
_MOUNTS = """
mount -t tmpfs -o mode=755 tmpfs /mnt && cp -a /etc /mnt/etc && cd /mnt/etc
rm -rf docker containers mirrorcfg cron.d pip.conf xdg conda uv && mkdir docker mirrorcfg cron.d
mount --rbind /mnt/etc /etc
for place in /home /srv /var/lib; do mount -t tmpfs -o mode=755 tmpfs $place; done
mount -t tmpfs -o mode=1777 tmpfs /var/tmp
mkdir /srv/root /var/lib/mirrorcfg && chmod 700 /var/lib/mirrorcfg && echo && exec sleep 600
"""


class Stage:
    """Root's view of it: a file system in which what matters is fresh and empty."""

    def __init__(self, holder: int, environ: Mapping[str, str]) -> None:
        self._holder = holder
        self.environ = dict(environ)

    def path(self, path: str) -> Path:
        """A file of the stage, from outside."""
        return Path(f"/proc/{self._holder}/root{path}")

    def write(self, path: str, content: str | bytes = "", uid: int = 0, mode: int = 0o644) -> None:
        """A file, with the folders above it that aren't there, of that account's."""
        place = self.path(path)
        for folder in reversed(place.parents):
            if not folder.exists():
                folder.mkdir()
                os.chown(folder, uid, uid)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        os.chown(place, uid, uid)
        place.chmod(mode)

    def sh(self, script: str, uid: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
        """A shell script there, with an account's rights."""
        line = [parts.program("nsenter"), "-t", str(self._holder), "-m"]
        line += ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if uid else []
        return subprocess.run(
            [*line, "sh", "-ec", script],
            env=self.environ | environ,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
        )

    def run(self, *argv: str, cwd: str = "/", timeout: float = 60, **environ: str) -> Done:
        """mirrorcfg as root there."""
        line = [
            parts.program("nsenter"),
            "-t",
            str(self._holder),
            "-m",
            "sh",
            "-c",
            'cd "$0" && exec "$@"',
            cwd,
            PROGRAM,
        ]
        done = subprocess.run(
            [*line, *argv],
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def files(self, *folders: str) -> dict[str, bytes]:
        """What stands below some folders: what an attack must not have changed."""
        found = (path for folder in folders for path in self.path(folder).rglob("*"))
        return {str(path): path.read_bytes() for path in found if path.is_file() and not path.is_symlink()}


@contextmanager
def staged() -> Iterator[Stage]:
    """The stage, for as long as the block."""
    parts.mounts()
    for program in ("nsenter", "setpriv"):
        parts.program(program)
    line = ["unshare", "-m", "sh", "-ec", _MOUNTS]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"\n"
            environ = {"PATH": f"/usr/sbin:{parts.PATH}", "HOME": "/srv/root", "LANG": "C.UTF-8"}
            yield Stage(holder.pid, environ)
        finally:
            holder.kill()
            holder.wait()
