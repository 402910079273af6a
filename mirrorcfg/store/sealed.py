"""Small JSON files with a checksum: what is torn or altered is found out, never believed."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from mirrorcfg.files.disk import Disk
from mirrorcfg.sentence import sentence

_FRONT = b'{"sha256":"'
_MIDDLE = b'","content":'
_BACK = b"}\n"


class SealError(ValueError):
    """The bytes are not what was written."""


def seal(content: object) -> bytes:
    """`content` as JSON, with the checksum of its bytes."""
    body = json.dumps(content, separators=(",", ":"), sort_keys=True).encode()
    return _FRONT + sha256(body).hexdigest().encode() + _MIDDLE + body + _BACK


def unseal(data: bytes) -> Any:
    """The content, if every byte of it is as it was written. Raises SealError."""
    start = len(_FRONT) + 64 + len(_MIDDLE)
    body = data[start : -len(_BACK)]
    if data != _FRONT + sha256(body).hexdigest().encode() + _MIDDLE + body + _BACK:
        raise SealError(sentence("the checksum doesn't match"))
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SealError(str(error)) from error


def create(disk: Disk, path: Path, data: bytes) -> None:
    """Write a new private file and make its bytes durable; its name is not, yet. Raises OSError."""
    if disk.lstat(path) is not None:  # left by a process that died
        disk.unlink(path)
    handle = disk.create(path, 0o600)
    try:
        disk.write(handle, data)
        disk.sync(handle)
    finally:
        disk.close(handle)


def save(disk: Disk, path: Path, content: object) -> None:
    """Put a sealed file in the place of the one before, durably and as one step. Raises OSError."""
    fresh = path.with_name(path.name + ".new")
    create(disk, fresh, seal(content))
    disk.rename(fresh, path)
    disk.sync_directory(path.parent)
