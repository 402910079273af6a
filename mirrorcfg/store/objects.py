"""Images of files by the SHA-256 of their content; the same content is there once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.files.disk import Disk
from mirrorcfg.files.place import digest
from mirrorcfg.sentence import sentence
from mirrorcfg.store import sealed


class Objects:
    """The directory that holds them: `ab/cdef…`, 0600 in 0700, since any of them may hold a secret."""

    def __init__(self, disk: Disk, directory: Path) -> None:
        self._disk = disk
        self.directory = directory

    def path(self, key: str) -> Path:
        """Where the image with that hash is, or would be."""
        return self.directory / key[:2] / key[2:]

    def put(self, images: Iterable[bytes], durable: frozenset[str]) -> None:
        """Store the images and make them durable; those in `durable` are known to be.

        Raises OSError.
        """
        touched: dict[Path, None] = {}
        for data in images:
            key = digest(data) or ""
            if self._holds(key, data):
                if key not in durable:
                    self._sync(self.path(key))
                    touched |= {self.path(key).parent: None, self.directory: None}
                continue
            self._write(self.path(key), data)
            touched |= {self.path(key).parent: None, self.directory: None}
        for directory in touched:
            self._disk.sync_directory(directory)

    def get(self, key: str) -> bytes:
        """The image with that hash. Raises MirrorcfgError if it is lost or damaged, and OSError."""
        place = self.path(key)
        try:
            data = self._disk.read(place)
        except FileNotFoundError:
            raise self.lost(key) from None
        if digest(data) != key:
            raise self.lost(key)
        return data

    def lost(self, key: str) -> MirrorcfgError:
        """The error for an image that isn't there, or isn't what it was."""
        place = str(self.path(key))
        hint = "the files themselves were not touched; other generations may still be restored"
        what = sentence("the stored content {path} is gone or damaged", path=place)
        return MirrorcfgError("image-lost", what, path=place, hint=hint)

    def keep(self, wanted: frozenset[str]) -> None:
        """Remove all images but those. Raises OSError."""
        for front in self._disk.names(self.directory):
            for back in self._disk.names(self.directory / front):
                if front + back not in wanted:
                    self._disk.unlink(self.directory / front / back)

    def _holds(self, key: str, data: bytes) -> bool:
        try:
            return self._disk.read(self.path(key)) == data
        except FileNotFoundError:
            return False

    def _sync(self, place: Path) -> None:
        handle = self._disk.open(place)
        try:
            self._disk.sync(handle)
        finally:
            self._disk.close(handle)

    def _write(self, place: Path, data: bytes) -> None:
        for directory in (self.directory, place.parent):
            if self._disk.lstat(directory) is None:
                self._disk.mkdir(directory, 0o700)
        try:
            sealed.create(self._disk, place, data)
        except OSError:
            if self._disk.lstat(place) is not None:  # a part of it must not fill a full disk
                self._disk.unlink(place)
            raise
