"""What is found at a file that an interrupted change was about, and what that shows."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from mirrorcfg.files.disk import Disk
from mirrorcfg.files.place import digest
from mirrorcfg.store.journal import Entry, Names
from mirrorcfg.store.replace import here, torn

Verdict = Literal["old", "new", "foreign", "untouched"]


class File(NamedTuple):
    """An entry of the journal, where its file is on this machine, and the stored contents.

    A content can be None though there was a file: nothing was renamed yet when the power went, then.
    `via` is what stood there between the two.
    """

    entry: Entry
    path: Path
    actual: Path
    names: Names
    old: bytes | None
    new: bytes | None
    via: bytes | None

    def judged(self, data: bytes | None) -> Verdict:
        """Whose content this is: that of before, of the change (or on its way), or someone else's."""
        entry, key = self.entry, digest(data)
        if key == entry.before:
            return "old"
        if key == entry.after or (key is not None and key == entry.between):
            return "new"
        return "new" if entry.in_place and data is not None and self._torn(data) else "foreign"

    def held(self, disk: Disk) -> str | None:
        """The hash of what a `new` file must hold to be taken back: the change's, or that on the way."""
        between = self.entry.between
        return between if between and digest(here(disk, self.actual)) == between else self.entry.after

    def recovers(self, data: bytes | None) -> bool:
        """Whether these bytes are to go back: the old ones, or an edit that came just before our rename."""
        if data is None:
            return False
        ours = (self.new or b"", self.via or b"")
        return digest(data) == self.entry.before or not any(
            data == mine or torn(data, b"", mine) for mine in ours
        )

    def _torn(self, data: bytes) -> bool:
        old, new = self.old or b"", self.new or b""
        if self.via is None:
            return torn(data, old, new)
        return any(torn(data, one, other) for one, other in ((old, self.via), (self.via, new)))
