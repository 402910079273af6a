"""Sources on this machine's own disk: a folder of wheels, a channel, a folder of image archives.

They are held to what a server is: at level 1 it is there, at 2 it is what its tool reads, at 3 its files are
whole. Each step reads a bounded number of bytes.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mirrorcfg.model.client import Protocol
from mirrorcfg.sentence import sentence
from mirrorcfg.verifier import archive, repodata
from mirrorcfg.verifier.codes import Failure

_ENTRIES = 10_000  # of a folder that are looked at
_FILES = 3  # of those that are looked into, the smallest first
_LARGEST = 1 << 26  # bytes of a file, unpacked, that are read to compare its hashes
_REPODATA = 1 << 20
# Names as the binary distribution format and PEP 625 have them, with a little room for older ones.
_WHEEL = re.compile(r"[\w.]+-[\w.!+]+(-\d\w*)?-[\w.]+-[\w.]+-[\w.]+\.whl", re.ASCII)
_SDIST = re.compile(r"[\w.-]+-\d[\w.!+-]*\.(tar\.gz|zip|tgz|tar\.bz2)", re.ASCII)


def path_of(url: str) -> Path | None:
    """The path that a file:// address or an absolute path names; None for any other address."""
    if url.startswith("file:"):
        return Path(unquote(urlsplit(url).path))
    return Path(url) if Path(url).is_absolute() else None


async def asked(protocol: Protocol, path: Path, level: int) -> None:
    """`check`, in a thread that nobody waits for: a disk that hangs must not hold up the others."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Exception | None] = loop.create_future()

    def settle(found: Exception | None) -> None:
        if not answer.done():
            answer.set_result(found)

    def work() -> None:
        found: Exception | None = None
        try:
            check(protocol, path, level)
        except Exception as error:
            found = error
        with suppress(RuntimeError):  # the loop is gone: time ran out
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=work, daemon=True).start()
    if (found := await answer) is not None:
        raise found


def check(protocol: Protocol, path: Path, level: int) -> None:
    """Judge the source at `path` by what it stands in the place of.

    Raises Failure: path-missing, path-unreadable, and of what is there not-an-index, not-a-channel,
    no-images, package-missing, hash-mismatch.
    """
    try:
        _reachable(path)
        if level > 1:
            _judged(protocol, path, level)
    except PermissionError as error:
        raise _failure("path-unreadable", error.filename or path) from None
    except OSError as error:
        raise _failure("path-missing", error.filename or path) from None


def _judged(protocol: Protocol, path: Path, level: int) -> None:
    match protocol:
        case "channel":
            _channel(path, level)
        case "registry":
            archive.check(path, level)
        case _:
            if path.is_dir():  # a file is a page of links, for the tool to read
                _wheelhouse(path, level)


def _reachable(path: Path) -> None:
    try:
        path.stat()
    except ValueError:  # a name that no file can have
        raise _failure("path-missing", path) from None
    if not os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK):
        raise _failure("path-unreadable", path)


def _wheelhouse(folder: Path, level: int) -> None:
    found = []
    with os.scandir(folder) as entries:
        for _, entry in zip(range(_ENTRIES), entries, strict=False):
            named = _WHEEL.fullmatch(entry.name) or _SDIST.fullmatch(entry.name)
            if named and (entry.is_file() or entry.is_symlink()):
                found.append((entry.stat().st_size, Path(entry.path)))
    if not found:
        detail = sentence("no wheel and no source archive lies in it")
        raise Failure("not-an-index", url=folder, detail=detail)
    if level < 3:
        return
    for _, path in sorted(found)[:_FILES]:
        try:
            if zipfile.is_zipfile(path) or path.suffix == ".whl":
                _unpacked(path)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise _failure(
                "hash-mismatch", path, detail=sentence("it is damaged: {why}", why=error)
            ) from None


def _unpacked(path: Path) -> None:
    """Every member as far as the bounds go: its checksum, and its hash where a wheel's RECORD names one."""
    with zipfile.ZipFile(path) as wheel:
        hashes = dict(_recorded(wheel))
        left = _LARGEST
        for member in wheel.infolist():
            if member.file_size > left:
                continue
            left -= member.file_size
            with wheel.open(member) as file:
                digest = hashlib.sha256(file.read(member.file_size + 1)).digest()
            expected = hashes.get(member.filename)
            if expected and base64.urlsafe_b64encode(digest).decode().rstrip("=") != expected:
                raise _failure(
                    "hash-mismatch",
                    path,
                    detail=sentence("its {part} is another", part=member.filename),
                )


def _recorded(wheel: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    name = next((n for n in wheel.namelist() if n.endswith(".dist-info/RECORD")), None)
    if name is None or wheel.getinfo(name).file_size > _LARGEST:
        return
    for line in wheel.read(name).decode("utf-8", "replace").splitlines():
        member, _, rest = line.rpartition(",")[0].rpartition(",")
        kind, _, value = rest.partition("=")
        if kind == "sha256":
            yield member.strip('"'), value


def _channel(folder: Path, level: int) -> None:
    """noarch, which conda needs, and this machine's subdir where it is."""
    from mirrorcfg.verifier.channel import this_subdir

    for subdir in ("noarch", this_subdir()):
        file = folder / subdir / "repodata.json"
        if not file.exists():
            if subdir == "noarch":
                detail = sentence("it has no {subdir}/repodata.json", subdir=subdir)
                raise Failure("not-a-channel", url=folder, detail=detail)
            continue
        with file.open("rb") as opened:
            raw = opened.read(_REPODATA)
            complete = not opened.read(1)
        beginning = repodata.read(raw.decode("utf-8", "replace"), str(file.parent), complete=complete)
        if beginning is None:
            raise Failure(
                "not-a-channel",
                url=folder,
                detail=sentence("its {file} isn't repodata", file=f"{subdir}/repodata.json"),
            )
        for wanted in beginning.packages[:_FILES] if level > 2 else ():
            _package(Path(wanted.url), wanted.size, dict(wanted.hashes))


def _package(path: Path, size: int | None, hashes: dict[str, str]) -> None:
    if not path.exists():
        raise _failure("package-missing", path, detail=sentence("no such file"))
    there = path.stat().st_size
    if size is not None and there != size:
        raise _failure(
            "hash-mismatch",
            path,
            detail=sentence("{length} bytes long, listed with {size}", length=there, size=size),
        )
    expected = hashes.get("sha256")
    if expected and there <= _LARGEST:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected.lower():
                raise _failure("hash-mismatch", path, detail=sentence("its {part} is another", part="sha256"))


def _failure(code: str, path: object, **facts: object) -> Failure:
    return Failure(code, url=path, host="this machine", **facts)
