"""Every error a user can meet: what went wrong, where, what mends it, and the exit code it ends with."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from mirrorcfg.sentence import Sentence


class Exit(IntEnum):
    """The exit codes of the command line; scripts rely on them."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_IN_EFFECT = 3
    CONFLICT = 4
    PERMISSION = 5
    RECOVERY = 6
    NOT_EXECUTABLE = 126  # of another program that was to be run; as shells have it
    NOT_FOUND = 127
    HUNG_UP = 129  # a signal ended it: 128 and its number, as shells have it
    INTERRUPTED = 130
    READER_GONE = 141  # the reader of the standard output went away before all was written
    TERMINATED = 143


class MirrorcfgError(Exception):
    """An error with a stable code, a sentence, the place it is about and the command that mends it.

    `code` is kebab-case and never changes its meaning. `line` and `column` count from 1.
    Nothing was changed when one of these is raised, unless the sentence says so.
    """

    exit: Exit = Exit.FAILED

    def __init__(
        self,
        code: str,
        what: str,
        *,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        key: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(what)
        self.code = code
        # A sentence, so that it is translated within another one too.
        self.what: str = what if isinstance(what, Sentence) else Sentence(what, {})
        self.path = path
        self.line = line
        self.column = column
        self.key = key
        self.hint = hint
        self.others: Sequence[MirrorcfgError] = ()
        """What is amiss besides, the heaviest first."""

    @property
    def place(self) -> str:
        """`path:line:column` as far as it is known, or an empty string."""
        parts = [self.path, self.line, self.column]
        return ":".join(str(part) for part in parts if part is not None)

    def at(self, path: str) -> MirrorcfgError:
        """The same error with the file it is about, for code that only knew the text."""
        if self.path is None:
            self.path = path
        return self


def cancelled() -> MirrorcfgError:
    """The error for a question that was answered with no."""
    return MirrorcfgError("cancelled", "Cancelled; nothing was changed.")


class UsageError(MirrorcfgError):
    """The command line asks for something that can't be."""

    exit = Exit.USAGE


class FormatError(MirrorcfgError):
    """A text that the tool itself could not read, or whose meaning is doubtful."""


class CannotSayError(MirrorcfgError):
    """What a profile says, or what of the user's must be kept with it, a tool's own grammar has no words for.

    Of several tools one that was not asked for by name is left as it is, and the others are switched.
    """


class ProfileError(MirrorcfgError):
    """A profile that isn't there, or is wrong."""


class ConfigError(MirrorcfgError):
    """A config.toml that is wrong."""


class NotInEffectError(MirrorcfgError):
    """What was asked for is not, or would not be, what the tool uses."""

    exit = Exit.NOT_IN_EFFECT


class ConflictError(MirrorcfgError):
    """Somebody else changed a file meanwhile; theirs stays."""

    exit = Exit.CONFLICT


class PermissionDeniedError(MirrorcfgError):
    """The operating system doesn't allow it to this user."""

    exit = Exit.PERMISSION


def no_home() -> PermissionDeniedError:
    """The error for a change of a user's files where that user has no home."""
    what = "There is no home directory to change anything in: HOME isn't set, and this account has none."
    return PermissionDeniedError("no-home", what, hint="export HOME=/path/of/a/folder")


class RecoveryError(MirrorcfgError):
    """An interrupted change can't be taken back without a person's decision."""

    exit = Exit.RECOVERY


class ProgramError(MirrorcfgError):
    """A program that mirrorcfg would ask isn't to be had, or gives no answer."""


class CommandError(MirrorcfgError):
    """A program that the user named can't be run."""

    def __init__(self, code: str, what: str, exit: Exit) -> None:
        super().__init__(code, what)
        self.exit = exit
