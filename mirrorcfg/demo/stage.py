"""A throwaway folder with a home in it, and an environment that knows nothing else of this machine."""

from __future__ import annotations

import hashlib
import os
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from mirrorcfg.host import program
from mirrorcfg.ops.watching.watch import Stop
from mirrorcfg.programs.run import Order, run

_PIP_CONF = """\
# Settings of the data team. Ask before you change the timeout!
[global]
timeout = 60
index-url = https://pypi.example.com/simple\x20\x20

[install]
; wheels only on the build hosts
prefer-binary = yes
"""

# No line break at the end, and a channel that is commented out in the middle of a list.
_CONDARC = """\
channels:
  - conda-forge   # keep this on top
#  - nvidia
  - defaults
channel_priority: strict
auto_activate_base: false"""

_DAEMON_JSON = """\
{
    "log-opts": { "max-size": "100m", "max-file": "3", "tag": "{{.Name}}" },
    "runtimes": { "nvidia": { "path": "nvidia-container-runtime", "runtimeArgs": [] } }
}
""".replace("\n", "\r\n")

_FILES = {"pip": (".config/pip/pip.conf", _PIP_CONF), "conda": (".condarc", _CONDARC)}
if sys.platform == "linux":  # elsewhere docker looks for a registry's CA outside of a home
    _FILES["docker"] = (".config/docker/daemon.json", _DAEMON_JSON)

_PATIENCE = 300.0  # seconds for a command
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ran(NamedTuple):
    """How a command ended, and what it printed, the folder's own path left out."""

    code: int
    output: str


class Stage:
    """The folder, its home with three files in it, and the ways to run a command there."""

    def __init__(self, folder: Path, stop: Stop, *, colour: bool, language: str) -> None:
        self.folder, self.home, self._stop = folder, folder / "home", stop
        self.files = {tool: self.home / name for tool, (name, _) in _FILES.items()}
        for tool, path in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_FILES[tool][1].encode())
        self._environ = {
            "HOME": str(self.home),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath]),
            "LANG": "C.UTF-8",
            "MIRRORCFG_LANG": language,
            "TMPDIR": str(folder),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_CACHE_DIR": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            "MIRRORCFG_STATE": str(folder / "state"),
            # The home's own docker, and never the machine's, whoever runs this.
            "DOCKER_HOST": f"unix:///run/user/{os.getpid()}/docker.sock",
            **({"FORCE_COLOR": "1"} if colour else {"NO_COLOR": "1"}),
        }

    def hashes(self) -> Mapping[Path, str]:
        """SHA-256 of every file in the home."""
        files = [path for path in self.home.rglob("*") if path.is_file()]
        return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def shown(self, path: Path) -> str:
        """A path as it is shown."""
        return self._plain(str(path))

    def run(self, line: str) -> Ran:
        """Run a command line as a user would type it; `mirrorcfg` and `pip` are those of this Python."""
        words = [word.replace("~", str(self.home)) for word in shlex.split(line)]
        if words[0] == "mirrorcfg":
            words = [*program.argv(), *words[1:]]
        elif words[0] == "pip":
            words = [sys.executable, "-I", "-m", *map(self._here, words)]
        # One that began and has no name yet couldn't be ended, so no signal comes between.
        order = Order(tuple(words), environ=self._environ, seconds=_PATIENCE, itself=True)
        done = run(order, self._stop.deferred())
        return Ran(done.code, self._plain((done.out + done.err).decode(errors="replace")).rstrip("\n"))

    def _here(self, word: str) -> str:
        """A folder of the story's, as in `--target from-first`, where it is: every program runs in `/`."""
        return str(self.folder / word) if word.startswith("from-") else word

    def _plain(self, text: str) -> str:
        return text.replace(str(self.home), "~").replace(f"{self.folder}/", "")


@contextmanager
def stage(*, colour: bool, language: str) -> Iterator[Stage]:
    """A stage in a new folder, which is gone in the end; meanwhile a signal is a KeyboardInterrupt.

    `language` is what mirrorcfg answers in there.
    """
    stop, folder = Stop(), None
    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        with stop.deferred():
            folder = TemporaryDirectory(prefix="mirrorcfg-demo-")
        yield Stage(Path(folder.name).resolve(), stop, colour=colour, language=language)
    finally:
        for number in _SIGNALS:  # taking the folder away is short, and not to be stopped
            signal.signal(number, signal.SIG_IGN)
        if folder is not None:
            folder.cleanup()
        for number, handler in before.items():
            signal.signal(number, handler)
