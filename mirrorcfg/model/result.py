"""What a command answers: one envelope for people and for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal, NamedTuple, TypeVar

from mirrorcfg.errors import Exit, MirrorcfgError

T_co = TypeVar("T_co", covariant=True)

Status = Literal["ok", "unchanged", "partial", "shadowed", "failed"]


class Finding(NamedTuple):
    """Something the user should know though the command did its work."""

    code: str
    message: str
    hint: str | None = None
    tool: str | None = None
    path: str | None = None

    @classmethod
    def of(cls, error: MirrorcfgError, tool: str | None = None) -> Finding:
        """An error that the command could go on after."""
        return cls(error.code, error.what, error.hint, tool, error.place or None)


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
