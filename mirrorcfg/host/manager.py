"""systemd, launchd or cron: what runs programs by itself here, and how a job is put into its hands."""

from __future__ import annotations

import getpass
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from mirrorcfg import service
from mirrorcfg.errors import MirrorcfgError, ProgramError, UsageError
from mirrorcfg.host import Host
from mirrorcfg.model.result import Finding
from mirrorcfg.programs.environment import kept
from mirrorcfg.programs.run import Done, Order, run
from mirrorcfg.sentence import sentence
from mirrorcfg.service import Job, cron, launchd, systemd
from mirrorcfg.store import own

_PATIENCE = 120.0  # seconds: a restart waits for the job to say that it is up
_BUS = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")  # where a user's systemd listens
_LINGER = Path("/var/lib/systemd/linger")
_SYSTEMD_RUNS = Path("/run/systemd/system")  # the manual page sd_booted(3)

Argv = tuple[str, ...]
Action = Literal["created", "changed", "unchanged"]


def _login() -> str:
    """This account's name; its number where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


class Manager(ABC):
    """One of them. `place` is what it keeps the job in; `runs` is False where it is installed and asleep."""

    name: str
    place: str
    runs = True
    note: Finding | None = None  # what is worth knowing of a job in its hands

    @abstractmethod
    def text(self, job: Job) -> str:
        """What the place shall hold for the job."""

    @abstractmethod
    def found(self) -> str | None:
        """What of ours it holds now; None for nothing. Raises MirrorcfgError for somebody else's."""

    @abstractmethod
    def put(self, job: Job) -> None:
        """Put the job there. Raises MirrorcfgError."""

    @abstractmethod
    def remove(self) -> None:
        """Take it away. Raises MirrorcfgError."""

    def begin(self, action: Action) -> Sequence[Argv]:
        """The commands that set it running once it is there, by what was done to the place."""
        return ()

    def end(self) -> Sequence[Argv]:
        """The commands that stop it, before it is taken away."""
        return ()

    def forget(self) -> Sequence[Argv]:
        """The commands that make its absence known."""
        return ()


def manager(host: Host, *, system: bool) -> Manager:
    """The one that there is. Raises UsageError where there is none."""
    if host.machine.platform == "darwin":
        return _Launchd(host, system)
    if host.machine.which("systemctl"):
        return _Systemd(host, system)
    if host.machine.which("crontab"):
        return _Cron()
    raise UsageError(
        "no-service-manager",
        "Neither systemd, launchd nor cron is here to run it.",
        hint="run `mirrorcfg watch` under what starts programs here",
    )


class _File(Manager):
    """One that keeps a job in a file of its own."""

    path: Path

    @property
    def place(self) -> str:  # type: ignore[override]
        return str(self.path)

    def found(self) -> str | None:
        data = own.read(self.path)
        if data is None:
            return None
        text = data.decode("utf-8", "replace")
        if service.MARK not in text:
            what = sentence("{path} is not mirrorcfg's; it is left alone", path=self.place)
            raise MirrorcfgError("not-ours", what, path=self.place, hint="move it away first")
        return text

    def put(self, job: Job) -> None:
        own.put(self.path, self.text(job).encode())

    def remove(self) -> None:
        own.remove(self.path)


class _Systemd(_File):
    name = "systemd"

    def __init__(self, host: Host, system: bool) -> None:
        user = Path(host.machine.directory("XDG_CONFIG_HOME", "~/.config")) / "systemd/user"
        self.path = (Path("/etc/systemd/system") if system else user) / systemd.FILE
        self.runs = _SYSTEMD_RUNS.is_dir()
        self._control: Argv = ("systemctl",) if system else ("systemctl", "--user")
        if self.runs and not system and not (_LINGER / _login()).exists():
            self.note = Finding(
                "stops-at-logout", "It runs only while you are logged in.", "loginctl enable-linger"
            )

    def text(self, job: Job) -> str:
        return systemd.unit(job)

    def begin(self, action: Action) -> Sequence[Argv]:
        if action == "unchanged":
            return [(*self._control, "enable", "--now", systemd.FILE)]
        words = (("daemon-reload",), ("enable", systemd.FILE), ("restart", systemd.FILE))
        return [(*self._control, *word) for word in words]

    def end(self) -> Sequence[Argv]:
        return [(*self._control, "disable", "--now", systemd.FILE)]

    def forget(self) -> Sequence[Argv]:
        return [(*self._control, "daemon-reload")]


class _Launchd(_File):
    name = "launchd"

    def __init__(self, host: Host, system: bool) -> None:
        library = Path("/Library") if system else Path(host.home) / "Library"
        self.path = library / ("LaunchDaemons" if system else "LaunchAgents") / launchd.FILE
        self._log = str(library / "Logs" / "mirrorcfg-watch.log")
        self._domain = "system" if system else f"gui/{os.getuid()}"

    def text(self, job: Job) -> str:
        return launchd.plist(job, self._log)

    def begin(self, action: Action) -> Sequence[Argv]:
        again = self.end() if action == "changed" else ()
        return () if action == "unchanged" else [*again, ("launchctl", "bootstrap", self._domain, self.place)]

    def end(self) -> Sequence[Argv]:
        return [("launchctl", "bootout", f"{self._domain}/{launchd.LABEL}")]


class _Cron(Manager):
    name = "cron"
    place = "crontab"

    def text(self, job: Job) -> str:
        return cron.block(job)

    def found(self) -> str | None:
        return cron.found(self._crontab()) or None

    def put(self, job: Job) -> None:
        self._write(cron.installed(self._crontab(), job))

    def remove(self) -> None:
        left = cron.removed(self._crontab())
        self._write(left) if left else self._call(("crontab", "-r"))

    def _crontab(self) -> str:
        """The user's lines, as bytes in disguise: they may be in any encoding."""
        done = _ran(("crontab", "-l"))
        if done.code == 0:
            return _text(done.out)
        if b"no crontab for" in done.err:
            return ""
        raise _failed(("crontab", "-l"), done.err)

    def _write(self, text: str) -> None:
        self._call(("crontab", "-"), text.encode("utf-8", "surrogateescape"))

    def _call(self, argv: Argv, data: bytes = b"") -> None:
        done = _ran(argv, data=data)
        if done.code:
            raise _failed(argv, done.err)


def call(host: Host, argv: Argv) -> str | None:
    """Run a command of a manager's; what it complains about, or None where all went well."""
    try:
        done = _ran(argv, kept(_BUS, host.environ))
    except ProgramError as error:
        return error.what
    return None if done.code == 0 else _text(done.err).strip() or sentence("exit code {code}", code=done.code)


def _ran(argv: Argv, environ: Mapping[str, str] | None = None, data: bytes = b"") -> Done:
    return run(Order(argv, environ=environ or {}, stdin=data, seconds=_PATIENCE))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _failed(argv: Argv, complaint: bytes) -> MirrorcfgError:
    said = complaint.decode("utf-8", "replace").strip()
    what = sentence("`{command}` failed: {said}", command=" ".join(argv), said=said)
    return MirrorcfgError("crontab-failed", what, hint="crontab -l")
