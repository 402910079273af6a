"""One profile's file as it is written: parsed, nothing followed, nothing filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mirrorcfg.errors import MirrorcfgError, ProfileError
from mirrorcfg.files.account import acting
from mirrorcfg.files.place import content
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.formats import document
from mirrorcfg.formats.document import LARGEST, Subject
from mirrorcfg.model.profile import is_name
from mirrorcfg.profiles import nickname
from mirrorcfg.profiles.search import Found
from mirrorcfg.sentence import clause, sentence
from mirrorcfg.wording import shown


class Document(NamedTuple):
    """What one file says, and the text it says it with, so that an error can name the line."""

    found: Found
    text: str
    content: Mapping[str, Any]
    data: bytes = b""  # the file's own

    def error(self, code: str, what: str, *keys: str | int, hint: str | None = None) -> ProfileError:
        """A ProfileError about the value at `keys`, with the line it stands on."""
        return _subject(self.found).wrong(code, what, self.text, *keys, hint=hint)


def read(found: Found) -> Document:
    """The document in a file.

    Raises ProfileError `profile-unreadable`, `profile-too-large`, `profile-encoding` or `profile-syntax`.
    """
    return parse(bytes_of(found), found)


def parse(data: bytes, found: Found) -> Document:
    """The document that `data` is, as if it had been read from `found`; raises what `read` raises.

    A file that is given by its path is called what it says, and not what the file is.
    """
    text, content = document.parse(data, _subject(found))
    if found.layer == "path" and isinstance(name := content.get("name"), str) and is_name(name):
        found = found._replace(name=name)
    return Document(found, text, content, data)


def _subject(found: Found) -> Subject[ProfileError]:
    return Subject(
        sentence("The profile {name}", name=shown(found.name)), "profile", str(found.path), ProfileError
    )


def bytes_of(found: Found) -> bytes:
    """What the file holds. Raises ProfileError `profile-unreadable` or `profile-too-large`."""
    if found.address is not None:
        return nickname.text(found).encode()
    user = acting(found.path) if found.root is None else None
    try:
        data = content(RealDisk(), found.path, found.root, user, LARGEST)
    except MirrorcfgError as error:
        if error.code == "file-too-large":
            raise _subject(found).too_large() from None
        what = sentence(
            "The profile {name} can't be read. {why}.", name=shown(found.name), why=clause(error.what)
        )
        raise ProfileError("profile-unreadable", what, path=str(found.path), hint=error.hint) from None
    except ValueError:
        what = sentence("The profile {name} can't be read: bad path.", name=shown(found.name))
        raise ProfileError("profile-unreadable", what, path=str(found.path)) from None
    if data is None:
        what = sentence("The profile {name} can't be read: its link leads nowhere.", name=shown(found.name))
        raise ProfileError("profile-unreadable", what, path=str(found.path))
    return data
