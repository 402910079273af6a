"""A profile that comes from elsewhere, and where it goes: what that changes is shown before it is stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from mirrorcfg import interruption
from mirrorcfg.errors import ConflictError
from mirrorcfg.formats.patch import unified
from mirrorcfg.ops.shelf.directories import Shelf
from mirrorcfg.profiles.origin import Origin, beside, digest, dump
from mirrorcfg.redact import redact
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import visible

Preview = Callable[[str, str | None], bool | None]
"""Shows a diff and asks a question, if there is one: yes, no, or None where nobody is there to say so."""


class Stored(NamedTuple):
    """What became of a profile's file, or of what was offered for it (`none`); its pin, if it has one."""

    changed: bool
    name: str
    path: str
    url: str | None
    sha256: str | None
    action: str
    diff: str


class Incoming(NamedTuple):
    """A profile that came, and where it goes."""

    place: Shelf
    file: Path
    origin: Origin
    data: bytes

    def entry(self, action: str) -> Stored:
        """What becomes of it."""
        return outcome(self.file, self.origin, action, self.place.read(self.file), self.data)

    def stored(self) -> bool:
        """Is it there already, with its origin?"""
        known = self.place.origin(self.file)
        same = known is not None and known._replace(time=self.origin.time) == self.origin
        return same and self.place.read(self.file) == self.data

    def agreed(self, entry: Stored, preview: Preview, question: str) -> bool | None:
        """The answer. Raises ConflictError where nobody is there to give up an edit of the user's."""
        answer = preview(entry.diff, question)
        before, known = self.place.read(self.file), self.place.origin(self.file)
        edited = before is not None and (known is None or digest(before) != known.sha256)
        if answer is None and edited and before != self.data:
            name = self.file.stem
            what = sentence(
                "The profile {name} was edited by hand, or written so; it was left as it is.", name=name
            )
            hint = self.place.command("remove", name)
            raise ConflictError("profile-edited", what, path=str(self.file), hint=hint)
        return answer

    def store(self) -> None:
        """Put it there. Raises MirrorcfgError, PermissionDeniedError."""
        new, name = self.place.read(self.file) is None, self.file.stem
        back = (*("profile", "remove", name), *self.place.options) if new else ()
        # The origin comes second: a profile without one is only one of the user's own.
        with interruption.held():
            self.place.put(self.file, self.data)
            self.place.put(beside(self.file), dump(self.origin))
            interruption.did(sentence("the profile {name} was stored", name=name), back, self.place.root)


def outcome(
    file: Path, origin: Origin | None, action: str, before: bytes | None, after: bytes | None
) -> Stored:
    """What becomes of a file by that action, which leads from one content to another."""
    changed, diff = action not in ("none", "unchanged"), _diff(file, before, after)
    url, sha256 = (origin.url, origin.sha256) if origin else (None, None)
    return Stored(changed, file.stem, str(file), url, sha256, action, diff)


def left(entry: Stored) -> Stored:
    """The same where the answer was no."""
    return entry._replace(changed=False, action="none")


def _diff(file: Path, before: bytes | None, after: bytes | None) -> str:
    """A unified diff, of texts that are masked first: a hunk may not show what a line in it belongs to."""
    old, new = ("/dev/null" if data is None else visible(str(file)) for data in (before, after))
    return unified(_lines(before), _lines(after), old, new)


def _lines(data: bytes | None) -> list[str]:
    return redact(data.decode("utf-8", "backslashreplace")).removesuffix("\n").split("\n") if data else []
