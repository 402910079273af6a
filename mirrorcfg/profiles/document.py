"""One profile's file as it is written: parsed, nothing followed, nothing filled in."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

from mirrorcfg.errors import ProfileError
from mirrorcfg.profiles.search import Found
from mirrorcfg.profiles.words import shown

LARGEST = 256 * 1024


class Document(NamedTuple):
    """What one file says, and the text it says it with, so that an error can name the line."""

    found: Found
    text: str
    content: Mapping[str, Any]

    def error(self, code: str, what: str, *keys: str | int, hint: str | None = None) -> ProfileError:
        """A ProfileError about the value at `keys`, with the line it stands on."""
        from mirrorcfg.profiles.locate import line_of

        named = ".".join(str(key) for key in keys if isinstance(key, str))
        return ProfileError(
            code,
            what,
            path=str(self.found.path),
            line=line_of(self.text, keys),
            key=named or None,
            hint=hint,
        )


def read(found: Found) -> Document:
    """The document in a file.

    Raises ProfileError `profile-unreadable`, `profile-too-large`, `profile-encoding` or `profile-syntax`.
    """
    return parse(_bytes(found), found)


def parse(data: bytes, found: Found) -> Document:
    """The document that `data` is, as if it had been read from `found`; raises what `read` raises."""
    path = str(found.path)
    if len(data) > LARGEST:
        what = f"The profile {shown(found.name)} is larger than {LARGEST // 1024} KiB."
        raise ProfileError("profile-too-large", what, path=path)
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"The profile {shown(found.name)} is not UTF-8 text."
        raise ProfileError("profile-encoding", what, path=path, line=line) from None
    return Document(found, text, _content(text, found))


def _content(text: str, found: Found) -> Mapping[str, Any]:
    path = str(found.path)
    try:
        return tomllib.loads(text)
    except RecursionError:
        what = f"The profile {shown(found.name)} is nested too deeply."
        raise ProfileError("profile-syntax", what, path=path) from None
    except ValueError as error:
        what, line, column = _place(str(error), text)
        what = f"The profile {shown(found.name)} is not valid TOML: {what}."
        raise ProfileError("profile-syntax", what, path=path, line=line, column=column) from None


def _place(message: str, text: str) -> tuple[str, int | None, int | None]:
    """What tomllib has to say, and the line and column that its message ends with."""
    import re

    if match := re.fullmatch(r"(?s)(.*) \(at line (\d+), column (\d+)\)", message):
        return _plain(match[1]), int(match[2]), int(match[3])
    if match := re.fullmatch(r"(?s)(.*) \(at end of document\)", message):
        return _plain(match[1]), text.count("\n", 0, len(text.rstrip())) + 1, None
    return "a number or a date in it can't be read", None, None


def _plain(message: str) -> str:
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in message)


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
