"""What a command answers: one envelope for people and for scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from mirrorcfg.errors import Exit

Status = Literal["ok", "unchanged", "partial", "shadowed", "failed"]


class Finding(NamedTuple):
    """Something the user should know though the command did its work."""

    code: str
    message: str
    hint: str | None = None
    tool: str | None = None
    path: str | None = None


class Result(NamedTuple):
    """A command's outcome; `data` is plain JSON data, its shape is a contract (docs/json.md)."""

    command: str
    status: Status = "ok"
    exit: Exit = Exit.OK
    data: Mapping[str, Any] = {}
    findings: Sequence[Finding] = ()
