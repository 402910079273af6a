"""The only code that changes files: as one transaction, under a journal, with a history to go back in.

The store knows no tool and no format. It gets a plan, and a predicate that says which paths a journal may
name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mirrorcfg import interruption
from mirrorcfg.errors import MirrorcfgError, no_home
from mirrorcfg.files import faults
from mirrorcfg.files.disk import Disk
from mirrorcfg.files.place import content, digest
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.model.generation import Generation
from mirrorcfg.model.plan import Change, Plan, User
from mirrorcfg.sentence import sentence
from mirrorcfg.store import sealed, state
from mirrorcfg.store.history import History
from mirrorcfg.store.objects import Objects
from mirrorcfg.store.state import state_directory

if TYPE_CHECKING:
    from mirrorcfg.model.result import Finding
    from mirrorcfg.store.order import Check, Confirm
    from mirrorcfg.store.recovery import Recovered, Recovery

__all__ = ["RealDisk", "Store", "digest", "state_directory"]


class Store:
    """The files of one machine, or of the system under `root`, and their history in `directory`.

    Every path is one of this machine, `root` in front. `allowed` says which paths a journal may name;
    `on_rollback` is told what an undone change, now or after a crash, has left the files at: changes from
    what they had become to what they are again. `keep` generations at least are kept, and `timeout` is
    how many seconds to wait for another mirrorcfg. One who is `homeless` has no history, and can't begin one.
    """

    def __init__(
        self,
        directory: Path,
        *,
        allowed: Callable[[Path], bool],
        root: Path | None = None,
        disk: Disk | None = None,
        keep: int = 1000,
        timeout: float = 60.0,
        on_rollback: Callable[[tuple[Change, ...]], None] | None = None,
        homeless: bool = False,
    ) -> None:
        if keep < 2:
            raise ValueError("at least two generations have to be kept, or nothing could be taken back")
        self.directory = directory
        self.root = root
        self.disk: Disk = disk or RealDisk()
        self.recovered: Recovered | None = None
        self.findings: list[Finding] = []
        self._allowed = allowed
        self._keep = keep
        self._timeout = timeout
        self._on_rollback = on_rollback
        self._homeless = homeless
        self._lock: int | None = None

    def head(self) -> Generation | None:
        """The latest generation, None before the first. Raises MirrorcfgError."""
        with faults.about():
            return self._history.head() if self._there() else None

    def history(self) -> list[Generation]:
        """The generations that are kept, the latest first, without those that `damaged` names."""
        return [item for item in self._all() if isinstance(item, Generation)]

    def damaged(self) -> list[MirrorcfgError]:
        """An error for each record of the history that can't be read any more."""
        return [item for item in self._all() if isinstance(item, MirrorcfgError)]

    def generation(self, number: int) -> Generation:
        """One generation; 0 is what was there before the first. Raises MirrorcfgError."""
        with faults.about():
            self._there()
            return self._history.get(number)

    def images(self, *hashes: str | None) -> tuple[bytes | None, ...]:
        """Contents that a generation refers to; None is no file. Raises MirrorcfgError if one is lost."""
        with faults.about():
            self._there()
            return tuple(self._objects.get(each) if each else None for each in hashes)

    def read(self, path: Path, user: User | None = None) -> bytes | None:
        """A file's content with that user's rights, None if there is none; raises as `content` does."""
        return content(self.disk, path, self.root, user)

    @contextmanager
    def locked(self) -> Iterator[tuple[Path, ...]]:
        """Hold the lock; gives the files of an interrupted change that were taken back first.

        Raises MirrorcfgError `locked` when another process doesn't let go of it, RecoveryError.
        """
        if self._homeless:
            raise no_home()
        with faults.about(self.directory):
            state.make(self.disk, self.directory)
        with self._held(wait=True):
            yield self._taken_back()

    def settle(self) -> tuple[Path, ...]:
        """For commands that only read: recover what a dead process left; a live one isn't waited for.

        Makes nothing on the disk where there is nothing to recover. Raises RecoveryError.
        """
        from mirrorcfg.store import journal, litter

        with faults.about(self.directory):
            places = (self.disk, self.directory)
            if not self._there() or not (journal.exists(*places) or litter.exists(*places)):
                return ()
        with self._held(wait=False) as mine:
            return self._taken_back() if mine else ()

    def recover(self, *, keep: bool = False) -> tuple[Path, ...]:
        """Take an interrupted change back and say which files that was about.

        With `keep`, files that someone edited since stay as they are instead of stopping it. Raises
        RecoveryError.
        """
        with faults.about(self.directory):
            if not self._there():
                return ()
        with self._held(wait=True):
            return self._taken_back(keep=keep)

    def commit(
        self,
        plan: Plan,
        *,
        command: str,
        reason: str = "",
        tools: Mapping[str, str] | None = None,
        check: Check | None = None,
        confirm: Confirm | None = None,
        halfway: Confirm | None = None,
    ) -> Generation:
        """Make the plan's changes, all or none, and record them as a generation; inside `locked` only.

        `check` gets the new contents' places by path before any file changes; `halfway` is called while what
        is to stand there `between` does, and `confirm` once all have changed. Each may raise, and all is as
        before. `findings` says what is worth knowing.
        Raises ConflictError, PermissionDeniedError, RecoveryError and other MirrorcfgErrors.
        """
        from mirrorcfg.store.order import Order
        from mirrorcfg.store.transaction import Transaction

        if self._lock is None:
            raise RuntimeError("commit needs the lock")
        order = Order(plan, command, reason, tools or {}, check, confirm, halfway)
        transaction = Transaction(self._recovery, order)
        with interruption.held():
            try:
                with faults.about():
                    generation = transaction.run()
            except BaseException:
                self._note_what_is_left()
                raise
            made = sentence("generation {number} was made", number=generation.number)
            interruption.did(made, ("undo",), self.root)
            self.findings = transaction.findings
            self._prune()
        return generation

    def remember(self, name: str, content: object) -> None:
        """Keep a small thing of ours, plain JSON, in the place of what `name` had. Raises MirrorcfgError."""
        from mirrorcfg.store import own

        with faults.about(self.directory):
            state.make(self.disk, self.directory)
        own.put(self.directory / name, sealed.seal(content), secret=True, disk=self.disk)

    def remembered(self, name: str) -> Any:
        """What `name` has, None if nothing. Raises MirrorcfgError `state-damaged` if it isn't as written."""
        place = self.directory / name
        with faults.about(place):
            if not self._there() or self.disk.lstat(place) is None:
                return None
            try:
                return sealed.unseal(self.disk.read(place))
            except sealed.SealError:
                what = sentence("{path} is not as mirrorcfg left it.", path=place)
                raise MirrorcfgError("state-damaged", what, path=str(place)) from None

    @cached_property
    def _history(self) -> History:
        return History(self.disk, self.directory, self.root)

    @cached_property
    def _objects(self) -> Objects:
        return Objects(self.disk, self.directory / "objects")

    @cached_property
    def _recovery(self) -> Recovery:
        from mirrorcfg.store.recovery import Recovery

        parts = (self._allowed, self._objects, self._history, self._on_rollback)
        return Recovery(self.disk, self.directory, self.root, *parts)

    def _there(self) -> bool:
        return state.verify(self.disk, self.directory)

    def _all(self) -> list[Generation | MirrorcfgError]:
        with faults.about():
            return self._history.all() if self._there() else []

    @contextmanager
    def _held(self, *, wait: bool) -> Iterator[bool]:
        from mirrorcfg.store import lock

        if self._lock is not None:
            yield True
            return
        with faults.about(self.directory):
            place = self.directory / "lock"
            self._lock = lock.acquire(self.disk, place, self._timeout) if wait else self.disk.lock(place)
        try:
            yield self._lock is not None
        finally:
            handle, self._lock = self._lock, None
            if handle is not None:
                self.disk.close(handle)

    def _note_what_is_left(self) -> None:
        """Where a change could be neither made nor taken back, an interruption must not say otherwise."""
        from mirrorcfg.store import journal

        with suppress(OSError):
            if journal.exists(self.disk, self.directory):
                interruption.did(sentence("a change was left unfinished"), ("recover",), self.root)

    def _taken_back(self, *, keep: bool = False) -> tuple[Path, ...]:
        from mirrorcfg.store import litter

        with interruption.held(wholly=True), faults.about():
            self.recovered = self._recovery.run(keep=keep)
            with suppress(OSError):  # there is always a next time
                litter.sweep(self.disk, self.directory, self.root)
        return tuple(change.path for change in self.recovered.changes) if self.recovered else ()

    def _prune(self) -> None:
        try:
            self._history.prune(self._objects, self._keep)
        except OSError:  # the generation stands; the next one tries again
            return
