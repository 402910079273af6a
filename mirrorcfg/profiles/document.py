"""One profile's file as it is written: parsed, nothing followed, nothing filled in."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import Any, NamedTuple

from mirrorcfg.errors import ProfileError
from mirrorcfg.formats import document
from mirrorcfg.formats.document import LARGEST, Subject
from mirrorcfg.profiles.search import Found
from mirrorcfg.wording import shown


class Document(NamedTuple):
    """What one file says, and the text it says it with, so that an error can name the line."""

    found: Found
    text: str
    content: Mapping[str, Any]

    def error(self, code: str, what: str, *keys: str | int, hint: str | None = None) -> ProfileError:
        """A ProfileError about the value at `keys`, with the line it stands on."""
        return _subject(self.found).wrong(code, what, self.text, *keys, hint=hint)


def read(found: Found) -> Document:
    """The document in a file.

    Raises ProfileError `profile-unreadable`, `profile-too-large`, `profile-encoding` or `profile-syntax`.
    """
    return parse(_bytes(found), found)


def parse(data: bytes, found: Found) -> Document:
    """The document that `data` is, as if it had been read from `found`; raises what `read` raises."""
    return Document(found, *document.parse(data, _subject(found)))


def _subject(found: Found) -> Subject[ProfileError]:
    return Subject(f"The profile {shown(found.name)}", "profile", str(found.path), ProfileError)


def _bytes(found: Found) -> bytes:
    try:
        with open(found.path, "rb", opener=_opened) as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            data = file.read(LARGEST + 1) if regular else None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "bad path"
        what = f"The profile {shown(found.name)} can't be read: {reason}."
        raise ProfileError("profile-unreadable", what, path=str(found.path)) from None
    if data is None:
        what = f"The profile {shown(found.name)} is not a regular file."
        raise ProfileError("profile-unreadable", what, path=str(found.path))
    return data


def _opened(path: str, flags: int) -> int:
    # A pipe that nobody writes to is refused rather than waited for.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
