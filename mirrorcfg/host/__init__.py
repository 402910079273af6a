"""The real machine: where things are, whose rights to use for them, and the store that changes them."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypeVar

from mirrorcfg import whose, writers
from mirrorcfg.config import Config
from mirrorcfg.errors import MirrorcfgError, UsageError
from mirrorcfg.files.account import account
from mirrorcfg.files.disk import LIMIT
from mirrorcfg.files.place import content, locate
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.host import configuration, engines
from mirrorcfg.host.caller import NOWHERE, cwd, home_of, invoking_user, names, seen, which
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.plan import Change, User
from mirrorcfg.model.progress import SILENT, Progress
from mirrorcfg.sentence import sentence
from mirrorcfg.store import Store, state_directory
from mirrorcfg.store.state import VARIABLE, trusted

if TYPE_CHECKING:
    from mirrorcfg.host.configuration import Configuration
    from mirrorcfg.profiles.library import Library
    from mirrorcfg.profiles.search import Directory

T = TypeVar("T")

_SMALL = 256 * 1024  # bytes of a file that is looked into; a launcher of Windows' has half of that
_SCOPES: tuple[Scope, ...] = ("user", "system", "venv")


@dataclass(frozen=True)
class Host:
    """One machine, or the system installed under `root`, as one invocation of mirrorcfg sees it."""

    machine: Machine
    environ: Mapping[str, str]  # the caller's own, also where the machine is an image
    home: Path
    root: Path | None = None
    user: User | None = None  # who called sudo
    progress: Progress = SILENT  # told what takes its time

    @classmethod
    def here(cls, root: Path | None = None) -> Host:
        """This machine. Raises UsageError if `root` is no directory."""
        environ = dict(os.environ)
        user = invoking_user(environ)
        home = home_of(environ, user)
        if root is not None:
            return cls._installed(root, environ, home)
        host = cls(
            Machine(
                platform=sys.platform,
                home=home,
                cwd=cwd(),
                environ=environ,
                is_file=lambda path: seen(Path(path), Path.is_file, False),
                is_dir=lambda path: seen(Path(path), Path.is_dir, False),
                names=lambda path: seen(Path(path), names, ()),
                resolved=lambda path: seen(Path(path), Path.resolve, Path(path)),
                which=which,
                version=cls.version,
                given=engines.given,
                runtime=engines.runtime,
                root_user=hasattr(os, "geteuid") and os.geteuid() == 0,
            ),
            environ,
            home,
            user=user,
        )
        machine = host.machine._replace(content=host._content)
        return replace(host, machine=machine._replace(engine=cache(lambda: engines.asked(machine))))

    @classmethod
    def _installed(cls, root: Path, environ: Mapping[str, str], home: Path) -> Host:
        """The system under `root`: its own paths, none of this machine's variables."""
        if not root.is_dir():
            raise UsageError(
                "no-such-root", sentence("--root names {root}, which is not a directory.", root=root)
            )
        root = root.resolve()
        bare = Machine(platform="linux", home=PurePath("/root"), root_user=True)
        host = cls(bare, environ, home, root)
        return replace(
            host,
            machine=bare._replace(
                is_file=lambda path: host._seen(path, Path.is_file, False),
                is_dir=lambda path: host._seen(path, Path.is_dir, False),
                names=lambda path: host._seen(path, names, ()),
                resolved=host._resolved_inside,
                content=host._content,
                which=host._which_inside,
            ),
        )

    def real(self, path: PurePath) -> Path:
        """Where a path that a writer named is on this machine."""
        return Path(path) if self.root is None else self.root / path.relative_to(path.anchor)

    @property
    def is_root(self) -> bool:
        """Is it root who calls?"""
        return hasattr(os, "geteuid") and os.geteuid() == 0

    def inside(self, path: PurePath) -> Path:
        """The same with links followed as the system under `root` would. Raises OSError."""
        real = self.real(path)
        return real if self.root is None else locate(RealDisk(), real, self.root).actual

    def rights(self, path: Path, uid: int | None = None) -> User | None:
        """Whose rights root uses for a file of this machine: those of `uid`, or of whose place it is in.

        None is the caller's own, as for all that lies in a root, where no link leads out.
        """
        if not self.machine.root_user or self.within(path):
            return None
        uid = whose.owner(path) if uid is None else uid
        if uid == 0:
            return None
        return self.user if self.user is not None and self.user.uid == uid else account(uid)

    def read(self, path: Path, limit: int = LIMIT) -> bytes | None:
        """What a file of this machine holds, read with the rights of whoever it belongs to; None: no file.

        Raises PermissionDeniedError, and MirrorcfgError for anything but a regular file of `limit` bytes.
        """
        root = self.root if self.within(path) else None
        return content(RealDisk(), path, root, self.rights(path), limit)

    def owned(self, path: Path) -> bool:
        """Is it a file of whoever owns the home?"""
        with suppress(OSError):
            return path.stat().st_uid == self.home.stat().st_uid
        return False

    def within(self, path: Path) -> bool:
        """Is it below the root?"""
        return self.root is not None and path.is_relative_to(self.root)

    @staticmethod
    def version(distribution: str) -> str | None:
        """That of a Python package beside this program; None where there is none."""
        from importlib import metadata

        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            return None

    @property
    def encoding(self) -> str:
        """What a tool that reads in the locale's encoding reads in."""
        return locale.getpreferredencoding(False)

    @cached_property
    def store(self) -> Store:
        """The history of this machine, this user or this root."""
        directory = state_directory(self.root, self.environ, self.home)
        if self.root is None and (self.machine.root_user or VARIABLE in self.environ):
            trusted(directory)
        return Store(
            directory,
            allowed=self._could_be_named,
            root=self.root,
            keep=configuration.keep(self),
            on_rollback=self._tell_programs if self.root is None else None,
            homeless=self.home == NOWHERE and directory.is_relative_to(NOWHERE),
        )

    def _tell_programs(self, changes: tuple[Change, ...]) -> None:
        from mirrorcfg.host import activate

        activate.tell(changes)

    @property
    def config(self) -> Config:
        """mirrorcfg's own settings on this machine, the user's over the system's. Raises ConfigError."""
        config, errors = self.configuration
        if errors:
            raise errors[0]
        return config

    def patience(self, told: float | None) -> float:
        """How many seconds sources may take: what was told, else what the configuration says."""
        return told or self.configuration.config.timeout

    @cached_property
    def configuration(self) -> Configuration:
        """mirrorcfg's own settings on this machine, and what can't be read of them."""
        return configuration.read(self)

    @cached_property
    def profiles(self) -> Library:
        """This host's profiles, the first that has a name wins.

        Root believes none that others could have put there, save for whoever called sudo.
        """
        from mirrorcfg.profiles.library import Library
        from mirrorcfg.profiles.search import search_path

        found = search_path(self.environ, self.home, self.machine.platform, self.root)
        return Library(writers.catalogue(), [self._judged(directory) for directory in found], self.home)

    def _judged(self, directory: Directory) -> Directory:
        if self.root is not None and directory.path.is_relative_to(self.root):
            return directory._replace(root=self.root)
        if directory.layer == "builtin" or not self.is_root:  # as much to be believed as this program itself
            return directory
        path = directory.path.absolute()
        return directory._replace(path=path, trusted=self.user.uid if self.user is not None else 0)

    def _could_be_named(self, path: Path) -> bool:
        """Could a writer have named this file? Told by its name alone.

        The variables that named its place (VIRTUAL_ENV, CONDARC) may be gone when a journal is read.
        """
        patterns = (pattern for tool in writers.names() for pattern in writers.writer(tool).TOOL.names)
        if any(map(path.match, patterns)):
            return True
        known, more = self._nameable
        while path.name not in known and (name := next(more, None)) is not None:
            known.add(name)
        return path.name in known or self.is_certificate(path)

    @cached_property
    def _nameable(self) -> tuple[set[str], Iterator[str]]:
        """The names of files that are known by now, and those that are still to be looked for."""
        return set(), (file.name for file in self._files())

    def is_certificate(self, path: Path) -> bool:
        """Is this where some tool has the CA of one host? Told by the end of its path (docker/certs.d/…)."""
        place = path.parent.name
        return "certs.d" in path.parts and any(
            found is not None and path.parts[-4:] == found.parts[-4:]
            for tool in writers.names()
            for scope in _SCOPES
            for found in [writers.writer(tool).ca_file(self.machine, place, scope)]
        )

    def _seen(self, path: PurePath, look: Callable[[Path], T], nowhere: T) -> T:
        """What a look at a path of the system under `root` shows, and `nowhere` where it leads there."""
        try:
            return look(self.inside(path))
        except OSError:
            return nowhere

    def _content(self, path: PurePath) -> bytes | None:
        """What a small file says, None where there is none that whose place it is may read."""
        try:
            return self.read(self.real(path), _SMALL)
        except (MirrorcfgError, OSError, ValueError):
            return None

    def _resolved_inside(self, path: PurePath) -> PurePath:
        try:
            return locate(RealDisk(), self.real(path), self.root).real
        except OSError:
            return path

    def _files(self) -> Iterator[PurePath]:
        # those first that need no engine to be asked for their files
        for tool in sorted(writers.names(), key=lambda each: writers.writer(each).TOOL.images):
            for scope in _SCOPES:
                for layer in writers.writer(tool).layers(self.machine, scope):
                    if layer.path is not None and layer.scope is not None:
                        yield layer.path

    def _which_inside(self, program: str) -> PurePath | None:
        named = ((PurePath(folder, program), place / program) for folder, place in self._programs_inside)
        return next((path for path, real in named if os.path.lexists(real)), None)

    @cached_property
    def _programs_inside(self) -> tuple[tuple[str, Path], ...]:
        """An image's folders for programs, and where they are: its own links lead nowhere but inside it."""
        found = []
        for folder in ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/opt/conda/bin"):
            with suppress(OSError):  # one that can't be looked into has no program for us
                found.append((folder, self.inside(PurePath(folder))))
        return tuple(found)
