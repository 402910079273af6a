"""The directories of profiles that may be written: the user's own, and that of all users."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from mirrorcfg import profiles
from mirrorcfg.errors import no_home
from mirrorcfg.host import Host
from mirrorcfg.host.caller import NOWHERE
from mirrorcfg.model.plan import User
from mirrorcfg.profiles.origin import Origin, beside, load
from mirrorcfg.store import own
from mirrorcfg.wording import pasted

Whose = Literal["user", "system"]
SHELVES: tuple[Whose, ...] = ("user", "system")


class Shelf(NamedTuple):
    """One of them, and with whose rights it is used."""

    directory: profiles.Directory
    root: Path | None
    user: User | None

    @property
    def options(self) -> tuple[str, ...]:
        """What says on a command line that it is this one."""
        return ("--scope", "system") if self.directory.layer == "system" and self.root is None else ()

    def file(self, name: str) -> Path:
        """Where the profile of that name is, or would be."""
        return self.directory.path / f"{name}{profiles.SUFFIX}"

    def read(self, path: Path) -> bytes | None:
        """A file's content, None if there is none. Raises MirrorcfgError."""
        return own.read(path, root=self.root, user=self.user)

    def put(self, path: Path, data: bytes) -> None:
        """Put a file there. Raises MirrorcfgError, PermissionDeniedError."""
        with self._mask():
            own.put(path, data, root=self.root, user=self.user)

    def create(self, path: Path, data: bytes) -> bool:
        """Put a file there unless there is one; False then. Raises MirrorcfgError, PermissionDeniedError."""
        with self._mask():
            return own.create(path, data, root=self.root, user=self.user)

    def remove(self, path: Path) -> None:
        """Take a file away, if there is one. Raises MirrorcfgError, PermissionDeniedError."""
        own.remove(path, root=self.root, user=self.user)

    def origin(self, profile: Path) -> Origin | None:
        """Where the profile in that file came from, if that is known. Raises ProfileError."""
        data = self.read(beside(profile))
        return None if data is None else load(data, beside(profile))

    def command(self, verb: str, *words: str) -> str:
        """`profile VERB WORDS` for this shelf, to be pasted."""
        scope = ["--scope", "system"] if self.directory.layer == "system" else []
        return pasted("profile", verb, *words, *scope, sudo=True if scope else None)

    @contextmanager
    def _mask(self) -> Iterator[None]:
        """What is for all users can be read by all, whatever root's own umask is."""
        before = os.umask(0o022) if self.directory.layer == "system" else None
        try:
            yield
        finally:
            if before is not None:
                os.umask(before)


def shelf(host: Host, whose: Whose) -> Shelf:
    """The user's, or the system's; under `--root` that is the image's. Raises PermissionDeniedError."""
    directory = next(each for each in host.profiles.directories if each.layer == whose)
    user = host.rights(directory.path.absolute())
    if directory.path.is_relative_to(NOWHERE):
        raise no_home()
    return Shelf(directory, host.root if whose == "system" else None, user)
