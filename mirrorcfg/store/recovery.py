"""Take an interrupted change back, or tidy up after one that had come to its end.

All of it may be interrupted and run again. Nothing is touched before every file has been looked at.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.errors import MirrorcfgError, PermissionDeniedError, RecoveryError
from mirrorcfg.files.disk import Disk
from mirrorcfg.files.faults import explained
from mirrorcfg.files.place import Attributes, attributes_of, below, locate
from mirrorcfg.model.plan import Change
from mirrorcfg.sentence import sentence
from mirrorcfg.store import between, directories, litter
from mirrorcfg.store import journal as journals
from mirrorcfg.store.evidence import File, Verdict
from mirrorcfg.store.history import History
from mirrorcfg.store.journal import Entry, Journal
from mirrorcfg.store.litter import Litter
from mirrorcfg.store.objects import Objects
from mirrorcfg.store.replace import ForeignError, here, overwrite, stage, swap
from mirrorcfg.wording import pasted

Listener = Callable[[tuple[Change, ...]], None]


class Recovered(NamedTuple):
    """What a recovery did: `changes` lead from what the interrupted change had made back to what was before.

    `committed`: the change had come to its end, and stays. `kept` are files that someone else edited and
    that were left so. `complaint` is what went wrong when a running program was told.
    """

    committed: bool
    changes: tuple[Change, ...] = ()
    kept: tuple[Path, ...] = ()
    complaint: MirrorcfgError | None = None


class Recovery(NamedTuple):
    """What a recovery works with; `allowed` says which paths a journal may name."""

    disk: Disk
    directory: Path
    root: Path | None
    allowed: Callable[[Path], bool]
    objects: Objects
    history: History
    listener: Listener | None = None

    def run(
        self, *, keep: bool = False, untouched: frozenset[Path] | None = None, tell: bool = True
    ) -> Recovered | None:
        """Deal with the journal, if there is one.

        With `keep`, files that are neither old nor new stay as they are. `untouched`, where the journal is
        this very process's, are the files that its change had not reached. Raises RecoveryError and
        PermissionDeniedError; the journal is then still there.
        """
        with _as_recovery(self.directory):
            journal = journals.read(self.disk, self.directory)
            if journal is None:
                return None
            head = self.history.head()
        if head is not None and head.number >= journal.generation:
            with _as_recovery(self.directory):
                self.disk.sync_directory(self.directory)
                self.complete(journal)
            return Recovered(committed=True)
        mine = untouched is not None
        found = [self._found(journal, entry, mine=mine, keep=keep) for entry in journal.entries]
        files = [file for file in found if file is not None]
        return self._roll_back(journal, files, keep, untouched or frozenset(), tell)

    def complete(self, journal: Journal) -> None:
        """Clear away what a change that has come to its end leaves behind. Raises OSError."""
        left: list[Litter] = []
        for entry in journal.entries:
            path, names = below(entry.path, self.root), journal.names(below(entry.real, self.root))
            if entry.in_place or not self.allowed(path):
                continue
            # What can't be cleared away harms nobody, and must not keep the change from its end.
            mine = [Litter(name, entry.user) for name in names]
            with suppress(OSError), self.disk.acting_as(entry.user):
                place = locate(self.disk, path, self.root)
                if place.real != entry.real:
                    continue
                if not place.missing:
                    for name in names:
                        self._unlink(name)
                mine = []
                if entry.after is None:
                    directories.take_away(self.disk, place.actual, entry.made)
                self.disk.sync_directory(directories.remaining(self.disk, place.actual))
            left += mine
        if left:
            litter.note(self.disk, self.directory, self.root, left)
        journals.remove(self.disk, self.directory)

    def _roll_back(
        self, journal: Journal, files: list[File], keep: bool, untouched: frozenset[Path], tell: bool
    ) -> Recovered:
        verdicts = [self._verdict(file, untouched) for file in files]
        foreign = tuple(f for f, verdict in zip(files, verdicts, strict=True) if verdict == "foreign")
        if foreign and not keep:
            raise self._refusal(foreign)
        if tell:
            self._pass_back([file for file, v in zip(files, verdicts, strict=True) if v == "new"])
        for file, verdict in zip(files, verdicts, strict=True):
            with self._at(file):
                self._restore(file, verdict)
                self._clear(file)
                self._close(file)
        with _as_recovery(self.directory):
            self.history.discard(journal.generation)
        changes = tuple(_change(file) for file in files if file not in foreign)
        complaint = self._tell(changes) if tell else None
        with _as_recovery(self.directory):
            journals.remove(self.disk, self.directory)
            self.disk.sync_directory(self.directory)
        return Recovered(False, changes, tuple(file.path for file in foreign), complaint)

    def _pass_back(self, files: list[File]) -> None:
        """Let the contents between stand for as long as the listener takes."""
        told = []
        for file in files:
            if file.via is None or self.listener is None:
                continue
            with self._at(file):
                if (held := file.held(self.disk)) != file.entry.between:
                    attributes = self._attributes(file)
                    spot = file.names.waiting
                    between.put(self.disk, file.actual, spot, file.via, held, attributes, file.entry.in_place)
            told.append(Change(file.entry.tool, file.path, file.new, file.via, user=file.entry.user))
        if told:
            self._tell(tuple(told))

    def _found(self, journal: Journal, entry: Entry, *, mine: bool, keep: bool) -> File | None:
        """Where an entry's file is; None if `keep` and a link leads elsewhere by now."""
        path, actual = below(entry.path, self.root), below(entry.real, self.root)
        if not self.allowed(path):
            what = sentence(
                "the journal of an interrupted change names {path}, which is none that mirrorcfg could have"
                " changed here; nothing was touched",
                path=entry.path,
            )
            raise self._distrust("journal-refused", what)
        if not mine:
            with _as_recovery(path), self.disk.acting_as(entry.user):
                real = locate(self.disk, path, self.root).real
            if real != entry.real and keep:
                return None
            if real != entry.real or entry.made >= len(real.parents):
                what = sentence(
                    "the journal of an interrupted change names {path}, which leads to {now} now, and led to"
                    " {before}; nothing was touched",
                    path=entry.path,
                    now=real,
                    before=entry.real,
                )
                raise self._distrust("journal-refused", what)
        old, new = self._image(entry.before), self._image(entry.after)
        return File(entry, path, actual, journal.names(actual), old, new, self._image(entry.between))

    def _verdict(self, file: File, untouched: frozenset[Path]) -> Verdict:
        if file.path in untouched:
            return "untouched"
        with self._at(file):
            try:
                data = here(self.disk, file.actual)
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.EFBIG):
                    raise
                return "foreign"
        return file.judged(data)

    def _image(self, key: str | None) -> bytes | None:
        try:
            return None if key is None else self.objects.get(key)
        except MirrorcfgError:
            return None

    def _restore(self, file: File, verdict: Verdict) -> None:
        entry = file.entry
        if verdict == "new" and entry.in_place:
            overwrite(self.disk, file.actual, self._old(file))
        elif verdict == "new":
            swap(self.disk, file.actual, self._old_content(file), file.held(self.disk), entry.before)
        elif verdict == "old" and entry.in_place:
            self._settle(file.actual)

    def _settle(self, actual: Path) -> None:
        # What is read may be an earlier recovery's work that a power cut would still undo.
        try:
            handle = self.disk.open(actual)
        except PermissionError:
            return
        try:
            self.disk.sync(handle)
        finally:
            self.disk.close(handle)

    def _old_content(self, file: File) -> Path:
        """Where the old content lies ready, or for a file that wasn't there, a free name."""
        if file.entry.before is None:
            self._unlink(file.names.spare)
            return file.names.spare
        for place in (file.names.spare, file.names.passed):
            if file.recovers(here(self.disk, place)):
                return place
        self._unlink(file.names.back)
        stage(self.disk, file.names.back, self._old(file), self._attributes(file))
        return file.names.back

    def _old(self, file: File) -> bytes:
        if file.old is None:
            raise self.objects.lost(file.entry.before or "")
        return file.old

    def _attributes(self, file: File) -> Attributes | None:
        found = self.disk.lstat(file.actual)
        return file.entry.attributes if found is None else attributes_of(self.disk, file.actual, found)

    def _clear(self, file: File) -> None:
        if not file.entry.in_place:
            for name in file.names:
                self._unlink(name)

    def _unlink(self, path: Path) -> None:
        if self.disk.lstat(path) is not None:
            self.disk.unlink(path)

    def _close(self, file: File) -> None:
        """Remove the directories that were made for the file, and make all that was done to it durable."""
        directories.take_away(self.disk, file.actual, file.entry.made)
        if not file.entry.in_place:
            self.disk.sync_directory(directories.remaining(self.disk, file.actual))

    def _tell(self, changes: tuple[Change, ...]) -> MirrorcfgError | None:
        try:
            if self.listener is not None:
                self.listener(changes)
        except MirrorcfgError as error:
            return error
        return None

    @contextmanager
    def _at(self, file: File) -> Iterator[None]:
        try:
            with _as_recovery(file.actual), self.disk.acting_as(file.entry.user):
                yield
        except ForeignError:
            raise self._refusal((file,)) from None

    def _refusal(self, files: tuple[File, ...]) -> RecoveryError:
        paths = ", ".join(str(file.actual) for file in files)
        before, actual = files[0].entry.before, files[0].actual
        old = sentence("before it there was no {path}", path=actual)
        if before is not None:
            old = sentence("what it was before is in {path}", path=self.objects.path(before))
        what = sentence(
            "a change was interrupted, and someone edited {paths} since: it is neither as before the change"
            " nor as after it, and was left as it is; {old}",
            paths=paths,
            old=old,
        )
        mend = pasted("recover", "--yes")
        hint = sentence("to keep it as it is and take the rest of the change back: {next}", next=mend)
        return RecoveryError("neither-old-nor-new", what, path=str(actual), hint=hint)

    def _distrust(self, code: str, what: str) -> RecoveryError:
        path = str(self.directory / journals.NAME)
        hint = sentence(
            "if the change was another user's, let them run mirrorcfg recover; else look at {path}",
            path=path,
        )
        return RecoveryError(code, what, path=path, hint=hint)


def _change(file: File) -> Change:
    return Change(file.entry.tool, file.path, file.new, file.old, user=file.entry.user)


@contextmanager
def _as_recovery(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        told = explained(error, path)
        if isinstance(told, PermissionDeniedError):
            raise told from error
        what = sentence("an interrupted change could not be taken back yet: {what}", what=told.what)
        hint = sentence("{hint}; then run: {recover}", hint=told.hint, recover=pasted("recover"))
        raise RecoveryError("recovery-failed", what, path=told.path, hint=hint) from error
