"""What the beginning of a channel's repodata says: is it repodata, and which packages come first?

Source of the format: conda's "repodata.json" (CEP 36, conda-index). The text may be cut off anywhere and hold
anything: every step is bounded, and nothing is raised.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from mirrorcfg.verifier.file import File

_PACKAGES = 400
_RECORD = 8192  # characters of one package's record
_SECTION = re.compile(r'"(packages(?:\.conda)?|info|repodata_version|removed|signatures)"\s{0,20}:')
_NAME = re.compile(
    r'"(?!packages\.conda")([A-Za-z0-9_.+!-]{1,200}\.(?:conda|tar\.bz2))"\s{0,20}:\s{0,20}(?=\{)'
)


@dataclass(frozen=True)
class Beginning:
    """Whether it is repodata, for which subdir it says, and some packages of it."""

    subdir: str | None
    packages: tuple[File, ...]


def read(text: str, base: str, *, complete: bool = False) -> Beginning | None:
    """What can be told of repodata whose packages lie at `base`; None if it isn't repodata."""
    head = text.lstrip("\ufeff \t\r\n")
    if not head.startswith("{") or not _SECTION.search(head[: 1 << 16]):
        return None
    if complete and not _is_whole(head):
        return None
    said = re.search(r'"subdir"\s{0,20}:\s{0,20}"([a-z0-9_-]{1,40})"', head[: 1 << 16])
    return Beginning(said[1] if said else None, tuple(_packages(head, base.rstrip("/") + "/")))


def _is_whole(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _packages(text: str, base: str) -> list[File]:
    found: list[File] = []
    decoder = json.JSONDecoder()
    at = 0
    for _ in range(_PACKAGES):
        match = _NAME.search(text, at)
        if not match:
            break
        at = match.end()
        try:
            record, size = decoder.raw_decode(text[at : at + _RECORD])
        except (ValueError, RecursionError):
            continue
        at += size
        if isinstance(record, dict) and "name" in record:
            found.append(_file(match[1], record, base))
    return sorted(found, key=lambda package: package.size or 1 << 62)


def _file(name: str, record: dict[str, object], base: str) -> File:
    hashes = tuple((kind, value) for kind in ("sha256", "md5") if isinstance(value := record.get(kind), str))
    size = record.get("size")
    return File(base + name, name, hashes, size if isinstance(size, int) else None)
