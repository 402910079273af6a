"""A file that a source lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.url import Url, parse


@dataclass(frozen=True)
class File:
    """Its whole address; its hashes by kind in hex, its size in bytes and its time, where they are given.

    `metadata` are the hashes of its metadata where those are promised beside it (PEP 658), None where not.
    """

    url: str
    name: str
    hashes: tuple[tuple[str, str], ...] = ()
    size: int | None = None
    uploaded: str | None = None
    metadata: tuple[tuple[str, str], ...] | None = None


def address(text: str) -> Url:
    """Where a listed file is. Raises Failure malformed."""
    try:
        return parse(text)
    except ValueError:
        host, detail = sentence("the index"), sentence("it lists a file at no address")
        raise Failure("malformed", host=host, detail=detail) from None


def compare(hashes: Iterable[tuple[str, str]], body: bytes, code: str, facts: dict[str, str]) -> bool:
    """Whether there was a hash to compare with. Raises Failure `code` where one is another."""
    known = [(kind, value) for kind, value in hashes if kind in ("sha256", "sha384", "sha512", "sha1", "md5")]
    for kind, value in known:
        if hashlib.new(kind, body, usedforsecurity=False).hexdigest() != value.lower():
            raise Failure(code, **facts, detail=sentence("its {part} is another", part=kind))
    return bool(known)
