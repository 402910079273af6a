"""All files of a plan change, or none does.

The journal is written before anything is staged, not after it: so even a process that is killed while it
stages leaves nothing behind that the next one wouldn't know of.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from os import urandom
from pathlib import Path

from mirrorcfg import interruption
from mirrorcfg.errors import ConflictError, MirrorcfgError
from mirrorcfg.files import faults
from mirrorcfg.files.disk import Disk
from mirrorcfg.files.place import digest, locate, snapshot, within
from mirrorcfg.model.generation import Generation, Kept
from mirrorcfg.model.plan import Change
from mirrorcfg.model.result import Finding
from mirrorcfg.sentence import sentence
from mirrorcfg.store import between, directories, state
from mirrorcfg.store import journal as journals
from mirrorcfg.store.history import images
from mirrorcfg.store.journal import Entry, Journal
from mirrorcfg.store.order import Order, Step
from mirrorcfg.store.recovery import Recovery
from mirrorcfg.store.replace import REFUSED, ForeignError, can_overwrite, here, overwrite, stage, swap


class _UnmovableError(Exception):
    """A rename doesn't do for this file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class Transaction:
    """One plan on its way to a generation; the lock is held and no journal is there."""

    def __init__(self, recovery: Recovery, order: Order) -> None:
        self._disk: Disk = recovery.disk
        self._recovery = recovery
        self._order = order
        self._begun: set[Path] = set()
        self._asked = False
        self.findings: list[Finding] = []

    def run(self) -> Generation:
        """Change the files and record the generation.

        Raises ConflictError, PermissionDeniedError or another MirrorcfgError with every file as it was;
        RecoveryError if that couldn't be had, with the journal still there.
        """
        in_place: frozenset[Path] = frozenset()
        while True:
            try:
                return self._attempt(in_place)
            except _UnmovableError as error:
                in_place |= {error.path}

    def _attempt(self, in_place: frozenset[Path]) -> Generation:
        head = self._recovery.history.head()
        steps = [self._step(change, in_place) for change in self._order.plan.changes]
        _distinct(steps)
        generation = self._generation(head, steps)
        edits = [step for step in steps if step.change.action != "unchanged"]
        contents = [data for step in steps for data in step.change.contents]
        known = images(head) if head else frozenset()
        self._recovery.objects.put((data for data in contents if data is not None), known)
        if head is None:
            self._recovery.history.prepare()
            state.anchor(self._disk, self._recovery.directory)
        journal = self._journal(generation.number, edits, head.made if head else ())
        try:
            if edits:
                self._change(journal, edits)
            self._recovery.history.add(generation)
        except BaseException as error:
            if not self._abandon(edits, error):
                raise
        else:
            self._finish(journal, edits)
        return generation

    def _change(self, journal: Journal, edits: list[Step]) -> None:
        journals.write(self._disk, self._recovery.directory, journal)
        for step in edits:
            self._stage(journal, step)
        if self._order.check is not None:
            new = [step for step in edits if step.change.after is not None]
            self._order.check({step.change.path: self._staged(journal, step) for step in new})
        for step in edits:
            self._recheck(step)
        self._pass(journal, [step for step in edits if step.change.between is not None])
        for step in edits:
            self._apply(journal, step)
        for step in edits:
            self._make_durable(step)
        if self._order.confirm is not None:
            self._asked = True
            self._order.confirm()

    def _pass(self, journal: Journal, steps: list[Step]) -> None:
        """Let the contents between stand for as long as `halfway` takes."""
        for step in steps:
            with faults.about(step.actual), self._disk.acting_as(step.change.user), self._moving(step):
                waiting, old = journal.names(step.actual).passed, digest(step.change.before)
                data, attributes = step.change.between or b"", step.found.attributes
                between.put(self._disk, step.actual, waiting, data, old, attributes, step.in_place)
        if steps and self._order.halfway is not None:
            self._asked = True
            self._order.halfway()

    def _step(self, change: Change, in_place: frozenset[Path]) -> Step:
        with faults.about(change.path), self._disk.acting_as(change.user):
            found = snapshot(self._disk, locate(self._disk, change.path, self._recovery.root))
        if found.data != change.before:
            raise _conflict(change.path)
        linked = found.linked or change.path in in_place
        return Step(change, found, linked and change.after is not None)

    def _generation(self, head: Generation | None, steps: list[Step]) -> Generation:
        number = head.number + 1 if head else 1
        before = head.files if head else {}
        files = {path: kept._replace(before=kept.after, changed=False) for path, kept in before.items()}
        for step in steps:
            name = str(step.change.path)
            there = step.change.before is not None or step.change.after is not None
            if name in before or there or step.change.profile is not None:
                files[name] = _kept(step.change, before.get(name), number)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        new = [made for step in steps if step.change.after is not None for made in step.found.place.missing]
        made = directories.remembered(self._disk, head.made if head else (), new)
        tools = dict(self._order.tools)
        return Generation(number, now, self._order.command, self._order.reason, tools, files, made)

    def _journal(self, number: int, edits: list[Step], made: Sequence[str]) -> Journal:
        return Journal(number, urandom(6).hex(), tuple(self._entry(step, made) for step in edits))

    def _entry(self, step: Step, made: Sequence[str]) -> Entry:
        change, place = step.change, step.found.place
        goes = change.after is None
        return Entry(
            tool=change.tool,
            path=within(place.path, self._recovery.root),
            real=place.real,
            before=digest(change.before),
            after=digest(change.after),
            in_place=step.in_place,
            made=directories.above(place.actual, made) if goes else len(place.missing),
            attributes=step.found.attributes,
            user=change.user,
            between=digest(change.between),
        )

    def _stage(self, journal: Journal, step: Step) -> None:
        change, attributes = step.change, step.found.attributes
        if change.after is None or step.in_place:
            return
        if change.secret and attributes is not None and attributes.mode & 0o044:
            self.findings.append(_readable(step))
        with faults.about(step.actual), self._disk.acting_as(change.user):
            for directory in step.found.place.missing:
                with suppress(FileExistsError):
                    self._disk.mkdir(directory)
            for directory in step.found.place.missing:
                self._disk.sync_directory(directory.parent)
            try:
                stage(self._disk, journal.spare(step.actual), change.after, attributes, change.secret)
            except OSError as error:
                self._unmovable(step, error)
                raise

    def _staged(self, journal: Journal, step: Step) -> Path:
        if step.in_place:
            return self._recovery.objects.path(digest(step.change.after) or "")
        return journal.spare(step.actual)

    def _recheck(self, step: Step) -> None:
        path = step.change.path
        with faults.about(path), self._disk.acting_as(step.change.user):
            place = locate(self._disk, path, self._recovery.root)
            if place.real != step.found.place.real or not self._holds(step, step.change.before):
                raise _conflict(path)

    def _holds(self, step: Step, content: bytes | None) -> bool:
        try:
            return here(self._disk, step.actual) == content
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EINVAL, errno.EFBIG):  # gone, or no file any more
                return False
            raise

    def _apply(self, journal: Journal, step: Step) -> None:
        change = step.change
        with faults.about(step.actual), self._disk.acting_as(change.user):
            if step.in_place and not self._holds(step, step.expected):
                raise _conflict(change.path)
            with self._moving(step):
                if step.in_place:
                    overwrite(self._disk, step.actual, change.after or b"")
                else:
                    old, new = digest(step.expected), digest(change.after)
                    swap(self._disk, step.actual, journal.spare(step.actual), old, new)

    @contextmanager
    def _moving(self, step: Step) -> Iterator[None]:
        self._begun.add(step.change.path)
        try:
            yield
        except ForeignError:
            self._begun.discard(step.change.path)
            raise _conflict(step.change.path) from None
        except OSError as error:
            self._unmovable(step, error)
            raise

    def _unmovable(self, step: Step, error: OSError) -> None:
        """Try again in place, where that can work."""
        if step.in_place or step.change.before is None or step.change.after is None:
            return
        if error.errno in REFUSED and can_overwrite(self._disk, step.actual):
            raise _UnmovableError(step.change.path) from error

    def _make_durable(self, step: Step) -> None:
        if not step.in_place:
            with faults.about(step.actual), self._disk.acting_as(step.change.user):
                self._disk.sync_directory(step.actual.parent)

    def _abandon(self, edits: list[Step], error: BaseException) -> bool:
        """Take all back; True if the change had come to its end all the same."""
        untouched = frozenset(step.change.path for step in edits) - self._begun
        self._begun.clear()
        try:
            with interruption.held(wholly=True):
                recovered = self._recovery.run(untouched=untouched, tell=self._asked)
        except MirrorcfgError as failure:
            raise failure from error
        if recovered is not None and recovered.complaint is not None:
            error.add_note(str(recovered.complaint))
        return recovered is not None and recovered.committed and isinstance(error, Exception)

    def _finish(self, journal: Journal, edits: list[Step]) -> None:
        with suppress(OSError):  # it is committed; the next command tidies up
            if edits:
                self._recovery.complete(journal)


def _kept(change: Change, last: Kept | None, number: int) -> Kept:
    found = digest(change.before)
    foreign = last.foreign if last else 0
    nothing_of_ours = last is None or (last.after == last.origin and change.action == "unchanged")
    return Kept(
        tool=change.tool,
        origin=found if last is None or nothing_of_ours else last.origin,
        before=found,
        after=digest(change.after),
        foreign=number if last is not None and last.after != found else foreign,
        changed=change.action != "unchanged",
        uid=change.user.uid if change.user else None,
        profile=change.profile,
        scope=change.scope,
    )


def _distinct(steps: list[Step]) -> None:
    seen: dict[Path, Path] = {}
    for step in steps:
        if (other := seen.get(step.actual)) is not None:
            what = sentence(
                "{path} and {other} are the same file, so it can't get two contents",
                path=step.change.path,
                other=other,
            )
            raise MirrorcfgError("same-file", what, path=str(other), hint=f"ls -l {other} {step.change.path}")
        seen[step.actual] = step.change.path


def _conflict(path: Path) -> ConflictError:
    return ConflictError(
        "changed-meanwhile",
        sentence(
            "someone else changed {path} meanwhile; their edit stays, and nothing else was changed", path=path
        ),
        path=str(path),
        hint="run the command again",
    )


def _readable(step: Step) -> Finding:
    path = str(step.actual)
    message = sentence(
        "{path} holds a credential now and can be read by others, as it could before", path=path
    )
    return Finding("secret-readable", message, f"chmod 600 {path}", step.change.tool, path)
