"""Image archives on disk, as `docker save` and `podman save` write them, packed with gzip or not.

Source of the format: manifest.json of moby's `image/tarexport` ("Docker Image Specification v1.2"), and
index.json of the OCI image layout, which newer ones write beside it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import posixpath
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure

ENDINGS = (".tar", ".tar.gz", ".tgz")
_ARCHIVES = 1000  # of a folder that are looked at
_MEMBERS = 10_000
_JSON = 1 << 22  # bytes of one text that are read
_BYTES = 1 << 28  # bytes, unpacked, that are read of one archive
_CHUNK = 1 << 20
_BROKEN = (
    tarfile.TarError,
    EOFError,
    zlib.error,
    gzip.BadGzipFile,
    ValueError,
    RecursionError,
    AttributeError,
    TypeError,
)


class Image(NamedTuple):
    """One image of an archive: its names, and its parts with the SHA-256 that each may have."""

    names: tuple[str, ...]
    parts: tuple[tuple[str, frozenset[str]], ...]


class _Spent(Exception):  # noqa: N818 - no error: what was read so far has to do
    """More was to be read of an archive than it is given."""


def check(path: Path, level: int) -> None:
    """Judge a folder of archives. Raises Failure no-images or hash-mismatch, OSError."""
    found = False
    for file in archives(path):
        try:
            with _opened(file) as opened:
                images = opened.images()
                found = found or bool(images)
                if images and level > 2:
                    opened.compare(images)
                    return
        except _Spent:
            return  # an archive too large to be read to its end in time; nothing speaks against it
        except _BROKEN as error:
            raise Failure(
                "hash-mismatch", url=file, detail=sentence("it is damaged: {why}", why=error)
            ) from None
        if found and level < 3:
            return
    if not found:
        raise Failure("no-images", url=path, detail=sentence("no archive in it names an image"))


def archives(path: Path) -> list[Path]:
    """The archives in a folder, the smallest first; or the one that `path` itself is."""
    if not path.is_dir():
        return [path] if path.is_file() else []
    found = (file for file in path.iterdir() if file.name.endswith(ENDINGS) and file.is_file())
    return sorted((file for file, _ in zip(found, range(_ARCHIVES), strict=False)), key=_size)


def whole(file: Path) -> bool:
    """Is each part of an archive what its digest says, as far as it is read?"""
    try:
        with _opened(file) as opened:
            opened.compare(opened.images())
    except _Spent:
        return True
    except (Failure, OSError, *_BROKEN):
        return False
    return True


def names(file: Path) -> tuple[str, ...]:
    """The names of the images in an archive; none where it isn't one."""
    try:
        with _opened(file) as opened:
            return tuple(name for image in opened.images() for name in image.names)
    except (_Spent, OSError, *_BROKEN):
        return ()


class _Bounded:
    """A file, unpacked if it is packed, that hands out so many bytes and no more."""

    def __init__(self, raw: IO[bytes]) -> None:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        self._packed, self._left = packed, _BYTES
        self._stream: IO[bytes] = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if packed else raw

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises _Spent."""
        self._spend(max(size, 0))
        return self._stream.read(_CHUNK if size < 0 else size)

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to a place; a packed file has to be read up to there, which counts. Raises _Spent."""
        if self._packed and whence == 0:
            here = self._stream.tell()
            self._spend(place - here if place >= here else place)
        return self._stream.seek(place, whence)

    def tell(self) -> int:
        """The place, unpacked."""
        return self._stream.tell()

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise _Spent


class _Archive:
    """One archive that is open."""

    def __init__(self, tar: tarfile.TarFile, file: Path) -> None:
        self._tar, self._file = tar, file
        self._members: dict[str, tarfile.TarInfo] = {}
        for number, member in enumerate(tar):
            if number >= _MEMBERS:
                raise _Spent
            self._members[posixpath.normpath(member.name)] = member

    def images(self) -> list[Image]:
        """What its manifest.json says, or its index.json where it has no other."""
        manifest = self._json("manifest.json")
        if isinstance(manifest, list):
            return [self._saved(entry) for entry in manifest if isinstance(entry, dict)]
        index = self._json("index.json")
        listed = index.get("manifests") if isinstance(index, dict) else None
        return [self._laid_out(entry) for entry in listed or () if isinstance(entry, dict)]

    def compare(self, images: list[Image]) -> None:
        """Raises Failure hash-mismatch for a part that is missing, or isn't what its digest says."""
        for name, expected in (part for image in images for part in image.parts):
            digest = self._digest(name)
            if digest is None or (expected and digest not in expected):
                detail = sentence("its {part} is another", part=name)
                if digest is None:
                    detail = sentence("its {part} is missing", part=name)
                here = sentence("this machine")
                raise Failure("hash-mismatch", url=self._file, host=here, detail=detail)

    def _saved(self, entry: dict[str, Any]) -> Image:
        config, layers = str(entry.get("Config", "")), list(map(str, entry.get("Layers") or ()))
        said = self._json(config)
        diffs = said.get("rootfs", {}).get("diff_ids", []) if isinstance(said, dict) else []
        parts = [(config, frozenset(_digests(config)))]
        for number, layer in enumerate(layers):
            # A packed layer is called by its digest; an unpacked one has the digest that the config names.
            diff = _digests(str(diffs[number])) if number < len(diffs) else []
            parts.append((layer, frozenset([*_digests(layer), *diff])))
        return Image(tuple(map(str, entry.get("RepoTags") or ())), tuple(parts))

    def _laid_out(self, entry: dict[str, Any]) -> Image:
        notes = entry.get("annotations") or {}
        name = notes.get("io.containerd.image.name") or notes.get("org.opencontainers.image.ref.name")
        blob = _blob(entry)
        manifest = self._json(blob)
        below = [manifest.get("config"), *manifest.get("layers", ())] if isinstance(manifest, dict) else []
        blobs = [blob, *(_blob(each) for each in below if isinstance(each, dict))]
        return Image((str(name),) if name else (), tuple((each, frozenset(_digests(each))) for each in blobs))

    def _member(self, name: str) -> tarfile.TarInfo | None:
        """The file of that name; a layer may be a link to another one."""
        for _ in range(8):
            member = self._members.get(posixpath.normpath(name))
            if member is None or not (member.issym() or member.islnk()):
                return member if member is not None and member.isfile() else None
            folder = posixpath.dirname(member.name) if member.issym() else ""
            name = posixpath.join(folder, member.linkname)
        return None

    def _json(self, name: str) -> Any:
        member = self._member(name)
        if member is None or member.size > _JSON:
            return None
        return json.loads(b"".join(self._chunks(member)))

    def _digest(self, name: str) -> str | None:
        member = self._member(name)
        if member is None:
            return None
        digest = hashlib.sha256()
        for chunk in self._chunks(member):
            digest.update(chunk)
        return digest.hexdigest()

    def _chunks(self, member: tarfile.TarInfo) -> Iterator[bytes]:
        file = self._tar.extractfile(member)
        while file is not None and (chunk := file.read(_CHUNK)):
            yield chunk


@contextmanager
def _opened(file: Path) -> Iterator[_Archive]:
    """Raises OSError, _Spent, and one of _BROKEN where it isn't an archive."""
    with file.open("rb") as raw, tarfile.open(fileobj=cast(IO[bytes], _Bounded(raw)), mode="r:") as tar:
        yield _Archive(tar, file)


def _blob(entry: dict[str, Any]) -> str:
    return "blobs/" + str(entry.get("digest", "")).replace(":", "/")


def _digests(name: str) -> list[str]:
    """A part that is called by its digest has to have it."""
    return re.findall(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", posixpath.basename(name))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
