"""The generations: a record each, and a head that says all about the latest.

Reading the head, and adding a generation, never list a directory: the ten-thousandth costs what the first
does. Only when the retention has let a tenth too many pile up are they thinned out, all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.files.disk import Disk
from mirrorcfg.files.place import below, within
from mirrorcfg.model.generation import Generation, Kept
from mirrorcfg.sentence import sentence
from mirrorcfg.store import earlier, sealed
from mirrorcfg.store.objects import Objects

_DAMAGE = (KeyError, TypeError, ValueError, AttributeError)


class History:
    """The generations in one state directory."""

    def __init__(self, disk: Disk, directory: Path, root: Path | None = None) -> None:
        self._disk = disk
        self._root = root
        self._records = directory / "generations"
        self._head = directory / "head"

    def head(self) -> Generation | None:
        """The latest generation, or None before the first. Raises MirrorcfgError, OSError."""
        return self._latest()[0]

    def oldest(self) -> int:
        """The number of the oldest generation that is still kept; 1 before the first."""
        return self._latest()[1]

    def get(self, number: int) -> Generation:
        """One generation; 0 is what was there before mirrorcfg first ran. Raises MirrorcfgError, OSError."""
        head, oldest = self._latest()
        if head is None or not (number == 0 or oldest <= number <= head.number):
            raise MirrorcfgError(
                "no-such-generation",
                sentence("there is no generation {number}", number=number),
                hint="mirrorcfg history",
            )
        return _zero(head) if number == 0 else self._record(number)

    def all(self) -> list[Generation | MirrorcfgError]:
        """Every generation that is kept, the latest first; an error in the place of a damaged record."""
        head, oldest = self._latest()
        found: list[Generation | MirrorcfgError] = []
        for number in range(head.number if head else 0, oldest - 1, -1):
            try:
                found.append(self._record(number))
            except MirrorcfgError as error:
                found.append(error)
        return found

    def prepare(self) -> None:
        """Make the place for the records; its name is not durable then. Raises OSError."""
        if self._disk.lstat(self._records) is None:
            self._disk.mkdir(self._records, 0o700)

    def add(self, generation: Generation) -> None:
        """Record a generation durably; once this is done it is the head. Raises OSError."""
        content = self._encoded(generation)
        sealed.create(self._disk, self._place(generation.number), sealed.seal(content))
        self._disk.sync_directory(self._records)
        self._set_head(content, self.oldest())

    def discard(self, number: int) -> None:
        """Drop the record of a generation that never came to be. Raises OSError."""
        if self._disk.lstat(self._place(number)) is not None:
            self._disk.unlink(self._place(number))

    def prune(self, objects: Objects, keep: int) -> None:
        """Once a tenth more than `keep` generations are there, drop the oldest and what only they need.

        Raises OSError.
        """
        head, oldest = self._latest()
        if head is None or head.number - oldest + 1 <= keep + keep // 10:
            return
        first = head.number - keep + 1
        self._set_head(self._encoded(head), first)
        for number in range(oldest, first):
            self.discard(number)
        kept = [head, *self.all()]
        if not any(isinstance(item, MirrorcfgError) for item in kept):  # a damaged record may need any image
            objects.keep(frozenset().union(*(images(item) for item in kept if isinstance(item, Generation))))

    def _set_head(self, content: Mapping[str, object], oldest: int) -> None:
        sealed.save(self._disk, self._head, {"generation": content, "oldest": oldest})

    def _latest(self) -> tuple[Generation | None, int]:
        if self._disk.lstat(self._head) is None:
            return None, 1
        try:
            content = sealed.unseal(self._disk.read(self._head))
            return self._told(content["generation"]), int(content["oldest"])
        except _DAMAGE:
            return self._searched()

    def _searched(self) -> tuple[Generation, int]:
        """The latest record that is whole, for want of a head."""
        numbers = [int(name[:-5]) for name in self._disk.names(self._records) if name[:-5].isdigit()]
        for number in sorted(numbers, reverse=True):
            try:
                return self._record(number), min(numbers)
            except MirrorcfgError:
                continue
        raise _damaged(self._head)

    def _record(self, number: int) -> Generation:
        place = self._place(number)
        try:
            generation = self._told(sealed.unseal(self._disk.read(place)))
        except FileNotFoundError:
            raise _damaged(place) from None
        except _DAMAGE:
            raise _damaged(place) from None
        if generation.number != number:
            raise _damaged(place)
        return generation

    def _encoded(self, generation: Generation) -> dict[str, object]:
        # The paths of the system itself, so that a root may be moved, or started.
        files = {
            str(within(Path(path), self._root)): kept._asdict() for path, kept in generation.files.items()
        }
        made = [str(within(Path(path), self._root)) for path in generation.made]
        return {**generation._asdict(), "tools": dict(generation.tools), "files": files, "made": made}

    def _told(self, content: Any) -> Generation:
        return earlier.told(self._decoded(content), content["files"], self._as_written)

    def _as_written(self, number: int) -> Generation | None:
        """A record with nothing made of it; None where it can't be read."""
        try:
            found = self._decoded(sealed.unseal(self._disk.read(self._place(number))))
        except (OSError, *_DAMAGE):
            return None
        return found if found.number == number else None

    def _decoded(self, content: Any) -> Generation:
        files = {str(below(Path(path), self._root)): Kept(**kept) for path, kept in content["files"].items()}
        made = tuple(str(below(Path(path), self._root)) for path in content.get("made", ()))
        return Generation(**(content | {"files": files, "made": made}))

    def _place(self, number: int) -> Path:
        return self._records / f"{number}.json"


def images(generation: Generation) -> frozenset[str]:
    """The hashes of all contents that a generation refers to."""
    files = generation.files.values()
    return frozenset(key for kept in files for key in (kept.origin, kept.before, kept.after) if key)


def _zero(head: Generation) -> Generation:
    files = {
        path: Kept(kept.tool, kept.origin, kept.origin, kept.origin, changed=False, uid=kept.uid)
        for path, kept in head.files.items()
    }
    return Generation(0, "", "", "", {}, files)


def _damaged(place: Path) -> MirrorcfgError:
    hint = "the configuration files are not affected; use another generation: mirrorcfg history"
    what = sentence("the history's record {path} is damaged or missing", path=place)
    return MirrorcfgError("history-damaged", what, path=str(place), hint=hint)
