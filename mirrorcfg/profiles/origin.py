"""A profile that came from elsewhere: where from, with which hash, and is it right before it is let in.

The origin stands in a file of its own beside the profile, so that the profile's bytes stay those that the
hash is of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.errors import ProfileError
from mirrorcfg.model.profile import Profile, is_name
from mirrorcfg.profiles.check import Catalogue
from mirrorcfg.profiles.document import parse
from mirrorcfg.profiles.draft import merge
from mirrorcfg.profiles.load import outline
from mirrorcfg.profiles.search import SUFFIX, Directory, Found
from mirrorcfg.sentence import sentence

LARGEST = 64 * 1024
"""No profile from elsewhere may be larger."""


class Origin(NamedTuple):
    """An https or file address, the SHA-256 of what came, when (RFC 3339, UTC), and a CA trusted for it.

    `bases` are the profiles that it was built upon then, with the hash of each; not those of mirrorcfg's own.
    """

    url: str
    sha256: str
    time: str
    ca_file: str | None = None
    bases: Mapping[str, str] = {}


def beside(profile: Path) -> Path:
    """The file that holds the origin of the profile in that file."""
    return profile.with_name(f"{profile.name.removesuffix(SUFFIX)}.origin.json")


def dump(origin: Origin) -> bytes:
    """The content of that file."""
    return (json.dumps(origin._asdict(), indent=2) + "\n").encode()


def load(data: bytes, path: Path) -> Origin:
    """What such a file says. Raises ProfileError `bad-origin`."""
    try:
        said = json.loads(data)
        origin = Origin(**said)
    except (ValueError, TypeError, RecursionError):
        raise _bad(path) from None
    texts = (origin.url, origin.sha256, origin.time, origin.ca_file or "")
    if not all(isinstance(text, str) for text in texts) or not is_digest(origin.sha256):
        raise _bad(path)
    if not isinstance(origin.bases, dict) or not all(isinstance(each, str) for each in origin.bases.values()):
        raise _bad(path)
    return origin


def is_digest(text: str) -> bool:
    """Is it a SHA-256 in hex?"""
    return re.fullmatch("[0-9a-f]{64}", text) is not None


def digest(data: bytes) -> str:
    """The SHA-256 of a profile, in hex."""
    return sha256(data).hexdigest()


def judged(
    data: bytes, source: str, directory: Directory, catalogue: Catalogue, directories: Sequence[Directory]
) -> Profile:
    """The template that `data` is, checked as the file of its own name in `directory`.

    Raises ProfileError about `source`.
    """
    if len(data) > LARGEST:
        what = sentence("The profile is larger than {largest} KiB.", largest=LARGEST // 1024)
        raise ProfileError("profile-too-large", what, path=source)
    found = Found("new", directory.path / f"new{SUFFIX}", directory.layer)
    try:
        document = parse(data, found)
        name = document.content.get("name")
        if isinstance(name, str) and is_name(name):
            found = Found(name, directory.path / f"{name}{SUFFIX}", directory.layer)
        return outline(merge(document._replace(found=found), catalogue, directories), catalogue)
    except ProfileError as error:
        if error.path == str(found.path):
            error.path = source
        raise


def _bad(path: Path) -> ProfileError:
    what = "What is known of the profile's origin can't be read."
    return ProfileError(
        "bad-origin", what, path=str(path), hint="add it once more: mirrorcfg profile add SOURCE"
    )
