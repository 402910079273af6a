"""What a command answers: one envelope for people and for scripts."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Generic, Literal, NamedTuple, TypeVar

from mirrorcfg.errors import Exit, MirrorcfgError
from mirrorcfg.sentence import Sentence

T_co = TypeVar("T_co", covariant=True)

Status = Literal["ok", "unchanged", "partial", "shadowed", "failed"]


class Finding(NamedTuple):
    """Something the user should know though the command did its work."""

    code: str
    message: str
    hint: str | None = None
    tool: str | None = None
    path: str | None = None

    def naming(self, profile: str | None) -> Finding:
        """The same with the profile that is meant, where its hint has the word PROFILE."""
        return self._replace(hint=named(self.hint, profile))

    @classmethod
    def of(cls, error: MirrorcfgError, tool: str | None = None) -> Finding:
        """An error that the command could go on after."""
        return cls(error.code, error.what, error.hint, tool, error.place or None)


def named(hint: str | None, profile: str | None) -> str | None:
    """A hint with the profile that is meant in the place of the word PROFILE."""
    if hint is None or profile is None:
        return hint
    if isinstance(hint, Sentence):
        return hint.of(lambda fact: named(fact, profile) or fact)
    return hint.replace("PROFILE", shlex.quote(profile))


class Result(NamedTuple, Generic[T_co]):
    """A command's outcome.

    `data` is a named tuple that stands beside the command's verb: its fields are the keys of its JSON, whose
    shape is a contract (docs/json.md); a last underscore is not part of a key.
    """

    command: str
    data: T_co
    status: Status = "ok"
    exit: Exit = Exit.OK
    findings: Sequence[Finding] = ()
